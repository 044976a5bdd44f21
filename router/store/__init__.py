"""Chats on disk: one SQLite file behind one thread."""
