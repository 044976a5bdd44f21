"""A whole network on this computer: a chain, our contracts, and who needs what on it."""

import router.ethereum  # noqa: F401 - see there
