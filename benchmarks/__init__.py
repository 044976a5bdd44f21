"""Measurements of the running app: `python -m benchmarks NAME [--quick]`."""
