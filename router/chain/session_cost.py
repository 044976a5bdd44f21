"""What sessions cost: the stipend to ask the contract about, gas, and what a first one needs."""

import hashlib
from dataclasses import dataclass

from router.chain.fees import current_fees, first_layer_fee, with_margin
from router.chain.marketplace import Marketplace

# From the protocol's table of gas figures, with the margin that estimates get too.
PERMISSION_GAS = with_margin(47_000)
OPENING_GAS = with_margin(523_000)
CLOSING_GAS = with_margin(654_000)
CLAIMING_GAS = with_margin(81_000)
GAS = PERMISSION_GAS + OPENING_GAS + CLOSING_GAS + CLAIMING_GAS
TRANSACTIONS = 4
# Such a transaction carries an approval and a signature. The first layer charges for what it
# cannot compress, and zeros would be for nothing.
SAMPLE = hashlib.shake_256(b"a transaction of a session").digest(900)
# For providers that are paid between quote and mining: each MOR makes what a stake buys less by
# half a millionth.
MARGIN = 100_000


@dataclass(frozen=True)
class SessionCost:
    """Wei; the stake comes back, the fees do not."""

    mor: int
    eth: int


def stipend_for(price: int, seconds: int) -> int:
    """What `stipendToStake` is asked about so that its stake buys so many seconds; wei.

    A second more than wanted, because stake and seconds are both rounded down.
    """
    return price * (seconds + 1) + price * seconds // MARGIN


def stake_for(price: int, seconds: int, supply: int, budget: int) -> int:
    """What `stipendToStake` gives for that, where supply and the day's budget are known; wei."""
    return stipend_for(price, seconds) * supply // budget


async def session_cost(market: Marketplace, seconds: int) -> SessionCost:
    """With the cheapest provider there is, or where there is none at the lowest price allowed.

    Raises:
        ChainUnavailable, NotOffered
    """
    found = await market.market()
    prices = [offer.bid.price_per_second for offers in found.offers.values() for offer in offers]
    price = min(prices) if prices else (await market.terms()).lowest_price
    stipend = stipend_for(price, seconds)
    stake = await market.value("stipendToStake", stipend, found.timestamp, at=found.block)
    fees = await current_fees(market.chain)
    first_layer = await first_layer_fee(market.chain, market.network, SAMPLE)
    return SessionCost(int(stake), GAS * fees.normal.most + TRANSACTIONS * first_layer)
