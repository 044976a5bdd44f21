"""Who takes part in the demo network. The keys are public: there is only play money on it."""

from dataclasses import dataclass

from eth_account import Account
from eth_utils.crypto import keccak

ETHER = 10**18


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo network.

    Args:
        key: private, in hexadecimal.
        eth: what it has at the start, in wei; MOR is given by the owner.
    """

    name: str
    key: str
    eth: int

    @property
    def address(self) -> str:
        """Checksummed."""
        return str(Account.from_key(self.key).address)


def _account(name: str, ether: int) -> DemoAccount:
    key = keccak(text=f"Morpheus Desktop demo network, {name}, no real money")
    return DemoAccount(name, "0x" + key.hex(), ether * ETHER)


OWNER = _account("owner", 1_000_000)
FUNDING = _account("funding", 10)
PROVIDER = _account("provider", 10)
USER = _account("user", 10)
SECOND_PROVIDER = _account("second provider", 10)
ACCOUNTS = (OWNER, FUNDING, PROVIDER, USER, SECOND_PROVIDER)
