"""The HTTP interface for other programs, in the shapes of the OpenAI API."""
