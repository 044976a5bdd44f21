"""Everything that talks to a chain: nodes, contracts, transactions."""

import router.ethereum  # noqa: F401 - see there
