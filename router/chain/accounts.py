"""What several accounts have, in one request."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.chain import token
from router.chain.client import Chain
from router.chain.multicall import Multicall
from router.networks import Network


@dataclass(frozen=True)
class Balance:
    """MOR and ETH of one account in wei; None where it could not be read."""

    mor: int | None
    eth: int | None


async def balances(chain: Chain, network: Network, addresses: Sequence[str]) -> tuple[Balance, ...]:
    """The balances of accounts, in their order, at one block.

    Raises:
        ChainUnavailable: no node answered.
        NotOffered: the network has no contract that reads many at once.
    """
    many = Multicall(chain, network.multicall)
    reads = [token.balance_of(network.token, address) for address in addresses]
    reads += [many.eth_balance(address) for address in addresses]
    values = (await many.read(reads)).values
    return tuple(
        Balance(mor, eth)
        for mor, eth in zip(values[: len(addresses)], values[len(addresses) :], strict=True)
    )
