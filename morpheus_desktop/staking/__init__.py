"""What the staking page is made of."""
