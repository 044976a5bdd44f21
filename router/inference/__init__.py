"""Local models: files, downloads, and the child process that runs llama.cpp."""
