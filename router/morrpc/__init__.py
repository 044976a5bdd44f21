"""The protocol between a consumer and a provider: bytes in, answers out; opens no connection."""
