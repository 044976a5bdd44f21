"""The parts of the diagnostics page."""
