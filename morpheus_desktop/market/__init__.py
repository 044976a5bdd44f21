"""What the market page is made of."""
