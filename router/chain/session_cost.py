"""What somebody needs to open a first session: MOR for its stake, ETH for the network's fees."""

from dataclasses import dataclass

from router.chain.fees import current_fees, first_layer_fee
from router.chain.marketplace import Marketplace

# An estimate, not measured here: the protocol's table of gas figures has 46 k for permission, 507 k
# for opening, 654 k for closing and 81 k for taking back, together 1.29 M; rounded up.
GAS = 1_500_000
TRANSACTIONS = 3
# Such a transaction carries an approval and a signature.
BYTES = 900


@dataclass(frozen=True)
class SessionCost:
    """Wei; the stake comes back, the fees do not."""

    mor: int
    eth: int


def stake_for(price: int, seconds: int, supply: int, budget: int) -> int:
    """MOR that a session of so many seconds holds, rounded up; wei."""
    return -(-price * seconds * supply // budget) if budget else 0


async def session_cost(market: Marketplace, seconds: int) -> SessionCost:
    """With the cheapest provider there is, or where there is none at the lowest price allowed.

    Raises:
        ChainUnavailable, NotOffered
    """
    found = await market.market()
    prices = [offer.bid.price_per_second for offers in found.offers.values() for offer in offers]
    price = min(prices) if prices else (await market.terms()).lowest_price
    supply, budget = await market.supply_and_budget(found.timestamp)
    fees = await current_fees(market.chain)
    first_layer = await first_layer_fee(market.chain, market.network, bytes(BYTES))
    eth = GAS * fees.normal.most + TRANSACTIONS * first_layer
    return SessionCost(stake_for(price, seconds, supply, budget), eth)
