"""Buying inference: what there is, what it costs, sessions, prompts through them, getting all back."""
