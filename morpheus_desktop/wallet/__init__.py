"""The parts of the wallet page."""
