"""Keys and what protects them; no network, no chain."""

import router.ethereum  # noqa: F401 - see there
