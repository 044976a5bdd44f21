"""The OpenAI-compatible HTTP interface for other programs."""
