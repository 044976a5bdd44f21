"""What opening a session costs and gives back, before anything is signed: all at one block.

Amounts and seconds are the contract's own. Nothing fails for want of money: a quote shows what is
missing. Only the fees are of the last blocks and estimates, because gas cannot be tried out before
the provider has signed.
"""

from collections.abc import Collection
from dataclasses import dataclass

from router.chain import token
from router.chain.fees import Fees, current_fees, first_layer_fee
from router.chain.marketplace import Marketplace
from router.chain.records import Bid, Model, Provider, as_bytes
from router.chain.session_cost import (
    CLAIMING_GAS,
    CLOSING_GAS,
    OPENING_GAS,
    PERMISSION_GAS,
    SAMPLE,
    stipend_for,
)
from router.consumer.barred import check_provider
from router.consumer.endings import Deal, after_midnight, endings
from router.consumer.records import Quote
from router.consumer.rules import Rules
from router.errors import BadRequest, NotFound

SHORTEST_S = 300


@dataclass(frozen=True)
class _Start:
    """What is read first, at the newest block."""

    block: int
    timestamp: int
    bid: Bid
    longest_s: int
    funding_account: str
    coin: int
    balance: int
    permission: int
    facet: str | None


@dataclass(frozen=True)
class _Stake:
    """What depends on the bid, at the same block."""

    model: Model
    provider: Provider
    amount: int
    funding: int
    ends_at: int


async def quote(
    market: Marketplace,
    address: str,
    bid_id: str,
    seconds: int,
    *,
    rules: Rules,
    is_direct: bool = False,
    blocked: Collection[str] = (),
) -> Quote:
    """The quote for a session of so many seconds with a bid; longer than allowed is cut.

    Args:
        blocked: addresses of providers that are never used.

    Raises:
        BadRequest: shorter than a session can be, or with whom no session is opened.
        NotFound: the bid was taken back, or there is none.
        ChainUnavailable, NotOffered
    """
    if seconds < SHORTEST_S:
        raise BadRequest(
            f"A session lasts at least {SHORTEST_S // 60} minutes.",
            param="seconds",
            safe="Nothing was sent.",
        )
    start = await _started(market, address, bid_id, rules)
    check_provider(start.bid.provider, address, blocked)
    applied = await rules.current(start.facet, start.bid.model_id)
    stake = await _staked(market, start, min(seconds, start.longest_s))
    deal = _deal(start, stake, is_direct=is_direct)
    ways = await endings(market, deal, _moments(deal), applied.rule, start.block)
    fees = await current_fees(market.chain)
    opening, closing = await _most(market, fees, needs_permission=start.permission < stake.amount)
    return Quote(
        start.block, start.timestamp, stake.model, start.bid, stake.provider, seconds,
        granted_s=deal.ends_at - deal.opened_at,
        is_direct=is_direct,
        amount=stake.amount,
        cost=(deal.ends_at - deal.opened_at) * deal.price,
        permission=start.permission,
        balance=start.balance,
        coin=start.coin,
        network_fee=opening,
        closing_fee=closing,
        rule=applied.rule,
        rule_known=applied.is_known,
        earns_at_most=stake.provider.may_earn(start.timestamp),
        funding=stake.funding,
        endings=ways,
        chain_id=market.chain.chain_id,
        user=address,
        unusual_fee=fees.is_unusual(fees.normal),
    )  # fmt: skip


async def current_bid(market: Marketplace, bid_id: str) -> str:
    """The bid that is there now for one of a session: itself, or what took its place.

    A provider that changes its price takes its bid back and posts another one for the model. One
    that offers the model no more is left as it is: no quote can be made for it.

    Raises:
        ChainUnavailable, NotOffered
    """
    found = await market.bids([as_bytes(bid_id)])
    if not found or found[0].is_active:
        return bid_id
    old = found[0]
    offers = (await market.market(as_bytes(old.model_id))).offers.get(old.model_id, ())
    return next((o.bid.id for o in offers if o.bid.provider == old.provider), bid_id)


def is_worse(old: Quote, new: Quote) -> bool:
    """Whether what was agreed to has to be asked for again.

    It has when over 1 % more MOR is needed, the time is less than was shown and asked for, the
    network, account, bid, price or way of paying is another, some MOR comes back on a later day
    than was shown for the same way of ending, or who pays providers no longer can, so that
    closing would have to wait.
    """
    return (
        new.amount * 100 > old.amount * 101
        or new.granted_s < min(old.granted_s, old.seconds)
        or new.bid.id != old.bid.id
        or new.bid.price_per_second != old.bid.price_per_second
        or new.is_direct != old.is_direct
        or (new.chain_id, new.user) != (old.chain_id, old.user)
        or (old.rule == "snapshot" and new.rule != "snapshot")
        or _comes_later(old, new)
        or (not new.is_direct and new.funding < new.cost <= old.funding)
    )


def _comes_later(old: Quote, new: Quote) -> bool:
    """Whether what is held is held until a later midnight, or something is that was not."""
    shown = {ending.way: ending.release_at for ending in old.endings}
    return any(ending.release_at > shown.get(ending.way, 0) for ending in new.endings)


async def _started(market: Marketplace, address: str, bid_id: str, rules: Rules) -> _Start:
    network = market.network
    try:
        bid_key = as_bytes(bid_id)
    except ValueError as error:
        raise BadRequest("This is not the id of a bid.", param="bid") from error
    reads = [
        market.read("getBid", bid_key),
        market.read("getMaxSessionDuration"),
        market.read("getFundingAccount"),
        market.many.eth_balance(address),
        token.balance_of(network.token, address),
        token.allowance(network.token, address, network.diamond),
        rules.facet,
    ]
    answers = await market.many.needed(reads)
    record, *rest = answers.values
    bid = Bid.from_abi(bid_id, record)
    if bid is None or not bid.is_active:
        raise _gone()
    return _Start(answers.block, answers.timestamp, bid, *rest)


async def _staked(market: Marketplace, start: _Start, seconds: int) -> _Stake:
    bid, network = start.bid, market.network
    reads = [
        market.read("getModel", as_bytes(bid.model_id)),
        market.read("getProvider", bid.provider),
        market.read("stipendToStake", stipend_for(bid.price_per_second, seconds), start.timestamp),
        token.balance_of(network.token, start.funding_account),
        token.allowance(network.token, start.funding_account, network.diamond),
    ]
    record, provider_record, amount, has, may = (
        await market.many.needed(reads, start.block)
    ).values
    model = Model.from_abi(bid.model_id, record)
    provider = Provider.from_abi(bid.provider, provider_record)
    if model is None or provider is None:
        raise _gone()
    ends_at = await market.value(
        "getSessionEnd", amount, bid.price_per_second, start.timestamp, at=start.block
    )
    return _Stake(model, provider, amount, min(has, may), ends_at)


async def _most(market: Marketplace, fees: Fees, *, needs_permission: bool) -> tuple[int, int]:
    """The most that opening, and closing with claiming, can take of the coin."""
    price = fees.normal.most
    first_layer = await first_layer_fee(market.chain, market.network, SAMPLE)
    opening = OPENING_GAS * price + first_layer
    if needs_permission:
        opening += PERMISSION_GAS * price + first_layer
    return opening, (CLOSING_GAS + CLAIMING_GAS) * price + 2 * first_layer


def _deal(start: _Start, stake: _Stake, *, is_direct: bool) -> Deal:
    """Of the session as it would be if it was opened at the quote's block."""
    return Deal(
        stake.amount,
        start.bid.price_per_second,
        start.timestamp,
        stake.ends_at,
        is_direct,
        0,
        stake.provider,
    )


def _moments(deal: Deal) -> tuple[int, int, int]:
    """An early end for an example, the natural end, and after the midnight that follows it."""
    early = (deal.ends_at - deal.opened_at) // 2
    return deal.opened_at + early, deal.ends_at, after_midnight(deal.ends_at)


def _gone() -> NotFound:
    return NotFound(
        "This bid is no longer offered.",
        safe="Nothing was sent.",
        hint="Choose another bid; the market shows those of now.",
    )
