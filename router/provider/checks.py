"""What the chain says about bids, sessions and delegates, kept for a moment.

Sessions that are open are looked at again and again, so that a question need not wait for a node.
While no node answers, what was seen within the last hour is believed: a session that was paid for
goes on.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from weakref import WeakValueDictionary

from eth_utils.crypto import keccak

from router.chain.marketplace import PAGE, Marketplace
from router.chain.records import Bid, Session, as_bytes
from router.errors import MorpheusError
from router.provider.capacity import Capacity
from router.provider.door import Rates
from router.provider.ledger import Ledger, ServedSession
from router.provider.refused import Refused

SESSION_RIGHTS = keccak(text="delegation.rules.session")
# The contract looks at a bid itself when a session is opened; this only spares a useless approval.
BID_FRESH_S = 60.0
SESSION_FRESH_S = 20.0
BELIEVED_S = 3600.0
DELEGATE_FRESH_S = 60.0
# Questions to nodes that one visitor and all strangers can cause; the wallet uses the same nodes.
VISITOR_A_MINUTE = 20
STRANGERS_A_MINUTE = 240
# No session lasts longer, so that older ones need not be looked through.
LONGEST_SESSION_S = 8 * 86400
MOST_BIDS = 4096
# Looked at again each time, in case the chain was reorganised.
AGAIN = 20

NO_CHAIN = "No node of the network answers, so new sessions cannot be checked."


class Checks:
    """Asks the chain.

    Args:
        address: of the provider.
        now: seconds since 1970.
        clock: seconds of a clock that never jumps.
    """

    def __init__(
        self,
        market: Marketplace,
        ledger: Ledger,
        capacity: Capacity,
        address: str,
        now: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._market = market
        self._ledger = ledger
        self._capacity = capacity
        self._address = address
        self._now = now
        self._clock = clock
        self._bids: dict[str, tuple[Bid, float]] = {}
        self._seen: dict[str, float] = {}
        self._known: int | None = None
        self._bids_at = float("-inf")
        self._delegates: dict[tuple[str, str], float] = {}
        self._loading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._strangers = Rates(VISITOR_A_MINUTE, STRANGERS_A_MINUTE, clock)

    async def bid(self, bid_id: str, visitor: str, *, is_in_use: bool = False) -> Bid:
        """A bid of ours that sessions can be opened with.

        Args:
            visitor: who asks, see `router.provider.door`; here and below.
            is_in_use: the asker has a session of it, so that one that was taken back will do:
                the contract opens nothing with it.

        Raises:
            Refused
        """
        if bid_id not in self._bids:
            self._let_stranger_ask("failed to get bid", visitor)
        found = await self._bid(bid_id, "failed to get bid", fresh_s=BID_FRESH_S)
        if found is None:
            raise Refused("failed to get bid: there is none with this id")
        if found.provider.lower() != self._address.lower():
            raise Refused("failed to get bid: it is another provider's")
        if not found.is_active and not is_in_use:
            raise Refused("failed to get bid: it was taken back")
        return found

    async def session(self, session_id: str, visitor: str) -> ServedSession:
        """A session with us, as it is on the chain.

        Raises:
            Refused
        """
        known = await self._ledger.session(session_id)
        age = self._clock() - self._seen.get(session_id, float("-inf"))
        if known is not None and (age < SESSION_FRESH_S or known.closed_at):
            return known
        if known is None:
            return await self._new_session(session_id, visitor)
        try:
            return await self._from_chain(session_id)
        except MorpheusError as error:
            if age < BELIEVED_S:
                return known
            raise Refused("session cannot be loaded: try again", NO_CHAIN) from error

    async def _new_session(self, session_id: str, visitor: str) -> ServedSession:
        """A session not seen before; many questions about one at the same time are one to a node."""
        lock = self._loading.setdefault(session_id, asyncio.Lock())
        async with lock:
            if (known := await self._ledger.session(session_id)) is not None:
                return known
            self._let_stranger_ask("session cannot be loaded", visitor)
            try:
                return await self._from_chain(session_id)
            except MorpheusError as error:
                raise Refused("session cannot be loaded: try again", NO_CHAIN) from error

    async def open_session(self, session_id: str, visitor: str) -> ServedSession:
        """A session with us that may be prompted now.

        Raises:
            Refused
        """
        session = await self.session(session_id, visitor)
        if session.closed_at:
            raise Refused("session is closed")
        if not session.is_open(self._now()):
            raise Refused("session expired")
        return session

    async def speaks_for(self, address: str, user: str, visitor: str) -> bool:
        """Whether an address is the user's, or has from the user the right to use sessions.

        Raises:
            Refused
        """
        pair = (address.lower(), user.lower())
        age = self._clock() - self._delegates.get(pair, float("-inf"))
        if pair[0] == pair[1] or age < DELEGATE_FRESH_S:
            return True
        if age > BELIEVED_S:  # else it is no stranger, only to be looked at again
            self._let_stranger_ask("the key cannot be checked", visitor)
        try:
            is_delegate = await self._market.value("isRightsDelegated", *pair, SESSION_RIGHTS)
        except MorpheusError as error:
            raise Refused("the key cannot be checked: try again", NO_CHAIN) from error
        self._delegates = {
            other: at
            for other, at in self._delegates.items()
            if other != pair and self._clock() - at < BELIEVED_S
        }
        if is_delegate:
            self._delegates[pair] = self._clock()
        return bool(is_delegate)

    async def look(self) -> None:
        """Take in bids and sessions that are new, and see which are over.

        Raises:
            ChainUnavailable, NotOffered, RpcError
        """
        if self._clock() - self._bids_at >= BID_FRESH_S / 2:
            await self._look_at_bids()
        ids = await self._new_ids()
        ids += [as_bytes(session.id) for session in await self._ledger.open_sessions(self._now())]
        await self._keep(await self._market.sessions(list(dict.fromkeys(ids))))

    async def _look_at_bids(self) -> None:
        """Our active bids, so that approving does not wait for a node."""
        ids, _ = await self._market.page("getProviderActiveBids", (self._address,), 0, PAGE)
        now = self._clock()
        for bid in await self._market.bids(ids):
            self._keep_bid(bid, now)
        self._bids_at = now

    async def _new_ids(self) -> list[bytes]:
        if self._known is None:
            return await self._recent_ids()
        offset = max(0, self._known - AGAIN)
        found, total = await self._page(offset)
        while offset + len(found) < total:
            more, total = await self._page(offset + len(found))
            if not more:
                break
            found += more
        self._known = total
        return found

    async def _recent_ids(self) -> list[bytes]:
        """The ids of all sessions that can still be open, read from the end of the list."""
        _, total = await self._page(0, 1)
        end, found = total, list[bytes]()
        while end:
            offset = max(0, end - PAGE)
            ids, _ = await self._page(offset, end - offset)
            found += ids
            oldest = await self._market.sessions(ids[:1])
            if oldest and oldest[0].opened_at < self._now() - LONGEST_SESSION_S:
                break
            end = offset
        self._known = total
        return found

    async def _page(self, offset: int, limit: int = PAGE) -> tuple[list[bytes], int]:
        return await self._market.page("getProviderSessions", (self._address,), offset, limit)

    def _let_stranger_ask(self, what: str, visitor: str) -> None:
        if not self._strangers.take(visitor):
            raise Refused(f"{what}: too many ask, try again")

    async def _from_chain(self, session_id: str) -> ServedSession:
        found = await self._market.sessions([as_bytes(session_id)])
        if not found:
            raise Refused("session cannot be loaded: there is none with this id")
        (kept,) = await self._keep(found) or (None,)
        if kept is None:
            raise Refused("session cannot be loaded: it is another provider's")
        return kept

    async def _keep(self, sessions: Sequence[Session]) -> list[ServedSession]:
        """Write down those that are ours; with their bids, which name the provider."""
        ours = []
        for session in sessions:
            bid = await self._bid(session.bid_id, "session cannot be loaded")
            if bid is None or bid.provider.lower() != self._address.lower():
                continue
            served = ServedSession(
                session.id,
                session.user,
                session.bid_id,
                bid.model_id,
                session.opened_at,
                session.ends_at,
                session.closed_at,
            )
            ours.append(served)
        new = [one for one in ours if await self._ledger.session(one.id) is None]
        await self._ledger.keep(ours)
        for one in new:  # counted there from now on
            self._capacity.opened(one.user, one.bid_id)
        now = self._clock()
        self._seen = {key: at for key, at in self._seen.items() if now - at < BELIEVED_S}
        self._seen |= dict.fromkeys((session.id for session in ours), now)
        return ours

    async def _bid(self, bid_id: str, what: str, fresh_s: float = float("inf")) -> Bid | None:
        """A bid; all but the time of its deletion never changes."""
        known, at = self._bids.get(bid_id, (None, 0.0))
        if known is not None and self._clock() - at < fresh_s:
            return known
        try:
            found = await self._market.bids([as_bytes(bid_id)])
        except MorpheusError as error:
            if known is not None:
                return known
            raise Refused(f"{what}: try again", NO_CHAIN) from error
        if not found:
            return None
        self._keep_bid(found[0], self._clock())
        return found[0]

    def _keep_bid(self, bid: Bid, now: float) -> None:
        if bid.id not in self._bids and len(self._bids) >= MOST_BIDS:
            self._bids.pop(next(iter(self._bids)))
        self._bids[bid.id] = (bid, now)
