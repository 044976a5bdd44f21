"""Makes what people install: the application folder and the Debian package."""
