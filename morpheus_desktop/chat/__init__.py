"""How a transcript is drawn: Markdown, code, messages."""
