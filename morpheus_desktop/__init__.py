"""The window: a Qt face on the router, in the same process and on the same loop."""
