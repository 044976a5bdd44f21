"""The sessions of the wallet's account on one network, from the quote to the last MOR back.

The list is read from the chain, all of it, at each start; what a node does not answer changes
nothing. Grants let a session be used and closed while the wallet is locked.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from router.chain.journal import TxRecord
from router.chain.marketplace import DIAMOND, Account, Marketplace
from router.chain.preparing import Intent, Prepared
from router.chain.records import as_bytes
from router.chain.tx import TxManager
from router.config import MarketConfig
from router.consumer.block_clock import BlockClock
from router.consumer.book import Book, KnownPeer
from router.consumer.brought import Brought
from router.consumer.closings import Closing, Closings
from router.consumer.endings import after_midnight, closing_previews
from router.consumer.evidence import EvidenceLog
from router.consumer.grants import SessionGrants
from router.consumer.mined import DEAD, MINED
from router.consumer.opening_steps import Providers, Tools
from router.consumer.openings import Openings
from router.consumer.quotes import current_bid, quote
from router.consumer.rating import rate
from router.consumer.rating_config import load
from router.consumer.records import Ending, Opening, Quote, RatedBid, SessionView, Way
from router.consumer.rules import Rules
from router.consumer.views import Local, Views
from router.consumer.watch import Watch
from router.errors import BadRequest, ChainUnavailable, MorpheusError, NotFound
from router.events import Emitter
from router.tasks import Tasks, supervise
from router.wallet.grant import Grant, Target
from router.wallet.wallet import Wallet, WalletState

log = logging.getLogger(__name__)

MOST_ROWS = 255  # that the contract gives back at once
LEAST_PAUSE_S = 2.0
MEET_AGAIN_S = 600.0
LOOKED_FOR = 30  # times, in the list of a node that may lag


class Sessions:
    """All that has to do with sessions of one account. `start` it; `stop` at the end.

    Attributes:
        changed: the list is another one.
        opening_changed: an opening took a step.
        warned: a session ends in five minutes.
        views: all sessions, newest first, as they were read last.
        grants: what signs for them, whether the wallet is locked or not.

    Args:
        config: what the app may do by itself.
        rating: the file that says how bids are put in order; it may be missing.
    """

    def __init__(
        self,
        market: Marketplace,
        transactions: TxManager,
        book: Book,
        wallet: Wallet,
        providers: Providers,
        config: Callable[[], MarketConfig],
        rating: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.changed: Emitter[None] = Emitter()
        self.opening_changed: Emitter[Opening] = Emitter()
        self.warned: Emitter[SessionView] = Emitter()
        self.views: tuple[SessionView, ...] = ()
        self.book = book
        self.evidence = EvidenceLog(book)
        self._config, self._rating = config, rating
        self._market, self._transactions, self._wallet = market, transactions, wallet
        self.grants = SessionGrants(wallet, Target(market.chain.chain_id, market.network.diamond))
        self._rules = Rules(market, book)
        self._tools = Tools(
            market, transactions, book, providers, wallet.signer, self._quote,
            blocked=lambda: config().blocked,
        )  # fmt: skip
        self._openings = Openings(self._tools, self._address)
        self.closings = Closings(self._tools, self.grants.signer, self._preview, self._meet)
        pause_s = max(market.network.block_s, LEAST_PAUSE_S)
        self._watch = Watch(self, transactions, BlockClock(market.chain), config, pause_s)
        self._views = Views(market)
        self._account: Account | None = None
        self._problems: dict[str, MorpheusError] = {}
        self._clock = clock
        self._met: dict[str, float] = {}
        self._expected: dict[str, int] = {}
        self._owner = ""
        self._reading = asyncio.Lock()
        self._tasks = Tasks()
        self._stop_listening: list[Callable[[], None]] = []

    async def start(self, *, watching: bool = True) -> None:
        """Find out what an earlier run began, and look after sessions from now on.

        Args:
            watching: by itself; else whenever `look` is called.

        Raises:
            StorageError
        """
        self._stop_listening = [
            self._openings.changed.subscribe(self._opening_told),
            self._wallet.changed.subscribe(self._wallet_told),
            self._transactions.changed.subscribe(self._tx_told),
        ]
        self._owner = self._address()
        self.grants.wipe_others()
        await self.evidence.load()
        await self._openings.load()
        if watching:
            self._tasks.spawn("look after sessions", supervise("sessions", self._watch.run))

    async def stop(self) -> None:
        """Let go of everything but the grants of open sessions.

        Another connection to the same network goes on with them, though the wallet is locked; one
        to another network wipes them, and so does the end of the app.
        """
        for stop_listening in self._stop_listening:
            stop_listening()
        await self._tasks.close()
        await self._openings.close()

    # What there is

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Sessions on their way, newest first."""
        return self._openings.all

    @property
    def account(self) -> Account | None:
        """All that the account had at the block at which the list was read; None before."""
        return self._account

    @property
    def claimable(self) -> int:
        """MOR that can be taken back, when it was read last; wei."""
        return self._account.claimable if self._account is not None else 0

    async def refresh(self) -> tuple[SessionView, ...]:
        """Read all sessions from the chain, at one block.

        Raises:
            ChainUnavailable, NotOffered, StorageError: the list stays as it was.
        """
        async with self._reading:
            address = self._address()
            account = await self._market.account(address) if address else None
            views = () if account is None else await self._joined(account)
            if address != self._address():
                return self.views
            self._account, self.views = account, views
        self._keep_grants()
        self._meet_strangers()
        self.changed.emit(None)
        return self.views

    def view(self, session_id: str) -> SessionView:
        """One session.

        Raises:
            NotFound
        """
        for view in self.views:
            if view.id == session_id.lower():
                return view
        raise NotFound(
            "There is no such session of this account.", hint="Look at the list of sessions."
        )

    # Opening

    async def rated(self, model_id: str) -> list[RatedBid]:
        """The bids for a model, best first.

        Raises:
            BadRequest: this is no id.
            ConfigError: what says how they are put in order is wrong.
            ChainUnavailable, NotOffered
        """
        try:
            key, model_id = as_bytes(model_id), model_id.lower()
        except ValueError as error:
            raise BadRequest("This is not the id of a model.", param="model") from error
        found = await self._market.market(key)
        offers = found.offers.get(model_id, ())
        return rate(
            found,
            model_id,
            model_stats=await self._market.model_stats(key),
            minimum_stake=(await self._market.terms()).provider_stake,
            config=await asyncio.to_thread(load, self._rating, self._config()),
            evidence={o.bid.provider: self.evidence.of(o.bid.provider, model_id) for o in offers},
            own_address=self._address(),
        )

    async def quote(self, bid_id: str, seconds: int, *, is_direct: bool = False) -> Quote:
        """What a session of a bid costs now, and gives back in the end.

        Raises:
            NotFound: the bid is gone.
            BadRequest, ChainUnavailable, NotOffered
        """
        return await self._quote(bid_id, seconds, is_direct)

    async def extend(self, view: SessionView, seconds: int, *, is_direct: bool) -> Quote:
        """The quote for a session that follows one, with what its provider asks now.

        `open` it before the end.

        Raises:
            As `quote`.
        """
        bid_id = await current_bid(self._market, view.session.bid_id)
        return await self._quote(bid_id, seconds, is_direct)

    async def open(self, quote: Quote, wish: str = "", *, unasked: bool = False) -> Opening:
        """Begin to open a session as it was shown; see `opening_done`.

        Args:
            wish: a name for it that is new, see `wished`.
            unasked: nobody looks at it: it is given up where others wait for the user.

        Raises:
            BadRequest: there is no wallet, or the quote is not of its account and network.
            StorageError: it could not be written down; nothing was done.
        """
        self._needed_address()
        return await self._openings.open(quote, wish, unasked=unasked)

    async def wished(self, wish: str) -> Opening | None:
        """The opening that was given this name. Raises: StorageError."""
        return await self._openings.wished(wish)

    async def open_brought(self, brought: Brought, key: str = "") -> str:
        """Open a session with an approval that somebody brings, and wait for it; its id.

        Raises:
            BadRequest: there is no wallet.
            As router.consumer.brought.open_brought.
        """
        self._needed_address()
        session_id = await self._openings.open_brought(brought, key)
        self._watch.wake()
        return session_id

    async def opening_done(self, opening_id: int) -> Opening:
        """Wait until an opening is over, or waits for the user.

        Raises:
            NotFound
        """
        return await self._openings.done(opening_id)

    async def agree(self, opening_id: int) -> Opening:
        """Go on although the quote is worse now. Raises: as Openings.agree."""
        return await self._openings.agree(opening_id)

    async def retry(self, opening_id: int) -> Opening:
        """Go on with what failed. Raises: as Openings.retry."""
        return await self._openings.retry(opening_id)

    async def give_up(self, opening_id: int) -> Opening:
        """End an opening. A permission that was given stays until it is taken back, as any other.

        Raises:
            As Openings.give_up.
        """
        return await self._openings.give_up(opening_id)

    def leave(self, opening_id: int) -> None:
        """As `give_up`, in the background; what was sent goes on."""
        self._openings.leave(opening_id)

    # Closing

    async def prepare_close(self, session_id: str, *, ours: bool = False) -> Closing:
        """What closing now gives back, and the transaction for it.

        Args:
            ours: without the provider's report.

        Raises:
            NotFound
            As Closings.prepare.
        """
        return await self.closings.prepare(self.view(session_id), ours=ours)

    async def close(self, closing: Closing, *, accept_unusual_fee: bool = False) -> TxRecord:
        """Close it as shown. Args and raises: as Closings.close."""
        record = await self.closings.close(closing, accept_unusual_fee=accept_unusual_fee)
        self._watch.wake()
        return record

    async def close_at(self, session_id: str, way: Way) -> None:
        """Choose when a session is closed by itself: at its end, or after midnight UTC.

        Raises:
            BadRequest: neither of them.
            NotFound, StorageError
        """
        if way not in ("natural", "after_midnight"):
            raise BadRequest("A session closes by itself at its end or after midnight.")
        view, waits = self.view(session_id), way == "after_midnight"
        await self.book.change_note(view.id, after_midnight=waits)
        ends_at = view.session.ends_at
        self._change_view(view.id, close_at=after_midnight(ends_at) if waits else ends_at)
        self._watch.wake()

    # Claiming

    @property
    def claimer(self) -> Grant | None:
        """What takes stake back though nobody is there; None until the wallet was unlocked."""
        return self.grants.claimer

    async def prepare_claim(self) -> Prepared:
        """Take back the stake that is no longer on hold.

        Raises:
            BadRequest: there is no wallet.
            As TxManager.prepare.
        """
        return await self._transactions.prepare(self.claiming(), self._address())

    def claiming(self, key: str = "") -> Intent:
        """The wish to take it back, before it is tried.

        Raises:
            BadRequest: there is no wallet.
        """
        data = DIAMOND["withdrawUserStakes"].encode(self._needed_address(), MOST_ROWS)
        diamond = self._market.network.diamond
        return Intent(diamond, data=data, purpose="Claim returned stake", key=key)

    # For the watcher

    @property
    def is_behind(self) -> bool:
        """Whether a session that was opened just now is not in the list yet: a node lags."""
        for view in self.views:
            self._expected.pop(view.id, None)
        self._expected = {name: left - 1 for name, left in self._expected.items() if left}
        return bool(self._expected)

    async def warn(self, view: SessionView) -> None:
        """Tell that a session ends soon, once for each session."""
        if not (await self.book.note(view.id)).warned:
            await self.book.change_note(view.id, warned=True)
            self.warned.emit(view)

    def set_problem(self, session_id: str, problem: MorpheusError | None) -> None:
        """Say why a session cannot be closed now; None when it can."""
        if problem is None:
            self._problems.pop(session_id, None)
        else:
            self._problems[session_id] = problem
        phase = "ended" if problem is None else "waiting"
        self._change_view(session_id, phase=phase, problem=problem)

    def _change_view(self, session_id: str, **values: Any) -> None:
        self.views = tuple(
            replace(view, **values) if view.id == session_id else view for view in self.views
        )
        self.changed.emit(None)

    async def look(self) -> None:
        """Look after all sessions once."""
        await self._watch.look()

    # Inside

    def _address(self) -> str:
        return self._wallet.state.address

    def _needed_address(self) -> str:
        if not (address := self._address()):
            raise BadRequest(
                "There is no wallet.", code="no_wallet", hint="Create or import one first."
            )
        return address

    async def _quote(self, bid_id: str, seconds: int, is_direct: bool) -> Quote:
        address, blocked = self._needed_address(), self._config().blocked
        return await quote(
            self._market, address, bid_id, seconds, rules=self._rules, is_direct=is_direct,
            blocked=blocked,
        )  # fmt: skip

    async def _preview(self, view: SessionView, ours: bool) -> Ending:
        (facet,) = (await self._market.many.read([self._rules.facet])).values
        model_id = view.bid.model_id if view.bid is not None else ""
        applied = await self._rules.current(facet, model_id)
        (ending,) = await closing_previews(self._market, view.session, applied.rule, ours=ours)
        return ending

    def _keep_grants(self) -> None:
        has = self._account
        returned = has.claimable + has.on_hold if has is not None else 0
        self.grants.keep(self.views, returned=returned, claims=self._config().auto_claim)

    async def _joined(self, account: Account) -> tuple[SessionView, ...]:
        open_ids = [session.id for session in account.sessions if session.closed_at == 0]
        for gone in self._problems.keys() - set(open_ids):
            del self._problems[gone]
        closing = {i for i in open_ids if await self.closings.sent(i) is not None}
        local = Local(
            await self.book.notes(), await self.book.peers(), frozenset(closing), self._problems
        )
        return await self._views.join(account, local)

    def _meet_strangers(self) -> None:
        """Learn key and endpoint of providers of open sessions that the book does not know."""
        for view in self.views:
            if view.session.closed_at or view.bid is None or view.sealed is not None:
                continue
            if self._clock() - self._met.get(view.provider, -MEET_AGAIN_S) >= MEET_AGAIN_S:
                self._met[view.provider] = self._clock()
                self._tasks.spawn("meet a provider", self._meet_quietly(view))

    async def _meet_quietly(self, view: SessionView) -> None:
        with suppress(ChainUnavailable):  # it is tried again
            await self._meet(view)

    async def _meet(self, view: SessionView) -> None:
        """Ask for a signature that is not used: its answer tells the key, and us to the provider."""
        if view.bid is None or view.provider in await self.book.peers():
            return
        try:
            (provider,) = await self._market.providers([view.provider])
            approval = await self._tools.providers.request_session(
                self.grants.signer(view.id), view.bid, provider, view.session.stake
            )
            peer = KnownPeer(
                provider.address, approval.key, provider.endpoint, time.time(), approval.sealed
            )
            await self.book.keep_peer(peer)
        except ChainUnavailable:
            raise
        except (MorpheusError, ValueError) as error:
            log.info("%s does not tell its key: %s", view.provider, error)
            return
        self._watch.wake()

    # What others tell

    def _opening_told(self, opening: Opening) -> None:
        self.opening_changed.emit(opening)
        if opening.step == "done":
            self._expected[opening.session_id] = LOOKED_FOR
            self._watch.wake()

    def _wallet_told(self, state: WalletState) -> None:
        if state.address != self._owner:
            self._owner = state.address
            self._account, self.views, self._problems, self._expected = None, (), {}, {}
            self._tasks.spawn("find openings", self._openings.load())
            self.changed.emit(None)
        if state.kind == "unlocked":
            self._keep_grants()
            self._met.clear()
            self._watch.wake(retry=True)

    def _tx_told(self, record: TxRecord) -> None:
        if record.to != self._market.network.diamond or record.state not in MINED | DEAD:
            return
        self._watch.wake()
        if record.state == "included" and record.data[:4] == DIAMOND["closeSession"].selector:
            self._tasks.spawn("see how a session was closed", self._learn(record))

    async def _learn(self, record: TxRecord) -> None:
        """What the closing gave tells the network's rule."""
        report, _ = DIAMOND["closeSession"].decode_call(record.data)
        with suppress(MorpheusError):
            receipt = await self._market.chain.receipt(record.hash)
            found = await self._market.sessions([report[:32]])
            if receipt is not None and found and found[0].closed_at:
                await self._rules.learn(found[0], receipt)
