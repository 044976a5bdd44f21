"""A whole network on this computer: a chain, our contracts, and who needs what on it."""
