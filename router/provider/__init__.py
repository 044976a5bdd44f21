"""Selling inference: answering prompts of sessions that were opened with our bids."""
