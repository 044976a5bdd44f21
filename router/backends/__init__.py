"""Things that answer a completion request, and the types they share."""
