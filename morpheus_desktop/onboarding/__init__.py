"""Setting up a wallet, step by step."""
