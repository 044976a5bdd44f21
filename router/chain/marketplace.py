"""The marketplace contract (the Diamond): everything that is read of it, in few requests."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from router.chain import token
from router.chain.artifacts import diamond_abi
from router.chain.client import At, Chain
from router.chain.codec import Function, Interface, NotOffered
from router.chain.multicall import Multicall, Read
from router.chain.records import (
    Bid,
    BidStats,
    Model,
    ModelStats,
    Provider,
    Session,
    as_bytes,
    as_hex,
)
from router.networks import Network

DIAMOND = Interface(diamond_abi())
PAGE = 500
MOST_BIDS_A_MODEL = 255
MOST_IDS = 20_000
# Records made between two turns of the loop: a few milliseconds of work.
MADE_AT_ONCE = 200

T = TypeVar("T")


@dataclass(frozen=True)
class Terms:
    """What the contract asks for now; wei, prices in wei of MOR a second, seconds."""

    bid_fee: int
    lowest_price: int
    highest_price: int
    provider_stake: int
    model_stake: int
    longest_session_s: int
    funding_account: str


@dataclass(frozen=True)
class Account:
    """All that one account has, at one block; wei.

    Args:
        on_hold: cannot be taken back yet; `claimable` can.
        sessions: ids of all its sessions, oldest first.
    """

    block: int
    timestamp: int
    eth: int
    mor: int
    allowance: int
    claimable: int
    on_hold: int
    sessions: tuple[Session, ...]

    @property
    def in_sessions(self) -> int:
        """MOR in sessions that were not closed yet."""
        return sum(session.stake for session in self.sessions if session.closed_at == 0)

    @property
    def total(self) -> int:
        """All MOR of the account, wherever it is."""
        return self.mor + self.in_sessions + self.on_hold + self.claimable


@dataclass(frozen=True)
class Offer:
    """A bid that sessions can be opened with, and how its provider did so far."""

    bid: Bid
    stats: BidStats


@dataclass(frozen=True)
class Market:
    """All active models with the offers for each, at one block."""

    block: int
    timestamp: int
    models: tuple[Model, ...]
    offers: dict[str, tuple[Offer, ...]]
    providers: dict[str, Provider]


class Marketplace:
    """Reads one network's contract. All methods raise ChainUnavailable when no node answers.

    Attributes:
        many: reads of this and other contracts together.
    """

    def __init__(self, chain: Chain, network: Network) -> None:
        self.chain = chain
        self.network = network
        self.many = Multicall(chain, network.multicall)

    async def terms(self) -> Terms:
        """What it costs to take part."""
        answers = await self.many.needed(
            [
                self.read("getBidFee"),
                self.read("getMinMaxBidPricePerSecond"),
                self.read("getProviderMinimumStake"),
                self.read("getModelMinimumStake"),
                self.read("getMaxSessionDuration"),
                self.read("getFundingAccount"),
            ]
        )
        fee, (low, high), provider, model, longest, funding = answers.values
        return Terms(fee, low, high, provider, model, longest, funding)

    async def account(self, address: str) -> Account:
        """Everything of an account; one request for balances, and one for each 400 sessions."""
        network = self.network
        answers = await self.many.needed(
            [
                self.many.eth_balance(address),
                token.balance_of(network.token, address),
                token.allowance(network.token, address, network.diamond),
                self.read("getUserStakesOnHold", address, 0),
                self.read("getUserSessions", address, 0, PAGE),
            ]
        )
        eth, mor, allowed, (claimable, on_hold), page = answers.values
        ids = await self._all_pages(page, "getUserSessions", (address,), answers.block)
        sessions = tuple(await self.sessions(ids, answers.block))
        if len(sessions) != len(ids):  # its MOR would be missing from what is shown
            raise NotOffered("getSession")
        return Account(
            answers.block, answers.timestamp, eth, mor, allowed, claimable, on_hold, sessions
        )

    async def market(self, only: bytes | None = None) -> Market:
        """All active models, or only one, with their active bids, statistics and providers."""
        first = await self.many.needed([self.read("getActiveModelIds", 0, PAGE if not only else 0)])
        block = first.block
        ids = [only] if only else []
        if not only:
            ids = await self._all_pages(first.values[0], "getActiveModelIds", (), block)
        reads = [self.read("getModel", key) for key in ids]
        reads += [self.read("getModelActiveBids", key, 0, MOST_BIDS_A_MODEL) for key in ids]
        values = await self._values(reads, block)
        models = await _records(Model.from_abi, ids, values[: len(ids)])
        bid_ids = [key for page in values[len(ids) :] if page is not None for key in page[0]]
        bids = await self.bids(bid_ids, block)
        stats = await self._values(
            [self.read("getProviderModelStats", as_bytes(b.model_id), b.provider) for b in bids],
            block,
        )
        offers: dict[str, list[Offer]] = {}
        for number, (bid, value) in enumerate(zip(bids, stats, strict=True), 1):
            if value is not None:
                offers.setdefault(bid.model_id, []).append(Offer(bid, BidStats.from_abi(value)))
            if number % MADE_AT_ONCE == 0:
                await asyncio.sleep(0)
        providers = await self.providers(sorted({bid.provider for bid in bids}), block)
        return Market(
            block,
            first.timestamp,
            tuple(models),
            {key: tuple(found) for key, found in offers.items()},
            {provider.address: provider for provider in providers},
        )

    async def models(self, ids: Sequence[bytes], at: At | None = None) -> list[Model]:
        """Models by id; unknown ones are left out."""
        return await self._records("getModel", Model.from_abi, ids, at)

    async def bids(self, ids: Sequence[bytes], at: At | None = None) -> list[Bid]:
        """Bids by id; unknown ones are left out."""
        return await self._records("getBid", Bid.from_abi, ids, at)

    async def providers(self, addresses: Sequence[str], at: At | None = None) -> list[Provider]:
        """Providers by address; unknown ones are left out."""
        values = await self._values([self.read("getProvider", a) for a in addresses], at)
        found = [Provider.from_abi(a, v) for a, v in zip(addresses, values, strict=True) if v]
        return [record for record in found if record is not None]

    async def sessions(self, ids: Sequence[bytes], at: At | None = None) -> list[Session]:
        """Sessions by id; unknown ones are left out."""
        return await self._records("getSession", Session.from_abi, ids, at)

    async def all_ids(self, function: str) -> tuple[list[Any], int]:
        """All ids of a list that belongs to nobody, as "getModelIds", and the block they are of.

        Raises:
            NotOffered: the list has fewer than it says, or more than there can be.
        """
        first = await self.many.needed([self.read(function, 0, PAGE)])
        ids = await self._all_pages(first.values[0], function, (), first.block)
        return list(ids), first.block

    async def page(
        self,
        function: str,
        owner: tuple[Any, ...],
        offset: int,
        limit: int,
        at: At | None = None,
    ) -> tuple[list[Any], int]:
        """A page of a list of the contract, and how many there are in all.

        Args:
            function: a getter that takes an owner, an offset and a limit, as in
                "getModelBids" with (model_id,), or "getModelIds" with ().
        """
        found, total = await self._value(self.read(function, *owner, offset, limit), at)
        return list(found), total

    async def model_stats(self, model_id: bytes) -> ModelStats:
        """How the providers of a model did."""
        return ModelStats.from_abi(await self._value(self.read("getModelStats", model_id)))

    async def supply_and_budget(self, timestamp: int) -> tuple[int, int]:
        """MOR that counts as supply, and the day's budget, at a time in seconds; wei."""
        answers = await self.many.needed(
            [self.read("totalMORSupply", timestamp), self.read("getTodaysBudget", timestamp)]
        )
        supply, budget = answers.values
        return supply, budget

    async def value(self, name: str, *arguments: Any, at: At | None = None) -> Any:
        """What any reading function of the contract gives.

        Raises:
            NotOffered: the contract of this network has no such function.
        """
        return await self._value(self.read(name, *arguments), at)

    # Reading together

    def read(self, name: str, *arguments: Any) -> Read:
        """A read of the contract, for `many`."""
        return Read(self.network.diamond, _function(name), arguments)

    async def _value(self, read: Read, at: At | None = None) -> Any:
        return await self.chain.read(
            read.to, read.function, *read.arguments, at="latest" if at is None else at
        )

    async def _values(self, reads: Sequence[Read], at: At | None = None) -> tuple[Any, ...]:
        return (await self.many.read(reads, at)).values

    async def _records(
        self,
        name: str,
        make: Callable[[str, Any], T | None],
        ids: Sequence[bytes],
        at: At | None,
    ) -> list[T]:
        values = await self._values([self.read(name, key) for key in ids], at)
        return await _records(make, ids, values)

    async def _all_pages(
        self, first: tuple[Sequence[bytes], int], name: str, owner: tuple[Any, ...], at: At
    ) -> list[bytes]:
        """All ids of a list whose first page is there.

        Raises:
            NotOffered: it has fewer than it says, or more than there can be.
        """
        ids, total = list(first[0]), first[1]
        while len(ids) < total:
            more, _ = await self._value(self.read(name, *owner, len(ids), PAGE), at)
            if not more or len(ids) > MOST_IDS:
                raise NotOffered(name)
            ids += more
        return list(dict.fromkeys(ids))


def _function(name: str) -> Function:
    return DIAMOND[name]


async def _records(
    make: Callable[[str, Any], T | None], ids: Sequence[bytes], values: Sequence[Any]
) -> list[T]:
    found = []
    for number, (key, value) in enumerate(zip(ids, values, strict=True), 1):
        record = make(as_hex(key), value) if value is not None else None
        if record is not None:
            found.append(record)
        if number % MADE_AT_ONCE == 0:
            await asyncio.sleep(0)
    return found
