"""The staking page: where all MOR is, sessions that run, what comes back when, what was closed.

Made when money is loaded (see router.money): it brings web3 along.
"""

import asyncio
import csv
import io
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import Signal

from morpheus_desktop.viewmodels.places import released_at
from morpheus_desktop.viewmodels.session_end import paid
from morpheus_desktop.viewmodels.signing import why_not
from morpheus_desktop.viewmodels.watching import Watching
from router.chain.marketplace import Account
from router.config import Settings
from router.consumer.closings import Closing
from router.consumer.records import Opening, Returned, SessionView, Way
from router.consumer.sessions import Sessions
from router.errors import ChainUnavailable, MorpheusError
from router.funds import Funds
from router.networks import Network
from router.units import exact
from router.untrusted import one_line
from router.wallet.wallet import Wallet

READ_EVERY_S = 10.0
STALE_S = 60.0
CSV_HEAD = (
    "session", "model", "provider", "opened", "ends", "closed", "staked_mor", "paid_mor",
    "closed_with",
)  # fmt: skip


class StakingViewModel(Watching):
    """Reads while somebody looks; `watch` says so.

    Signals:
        changed: anything is another than it was.
        closing_sent: id of a session that is being closed.
        closing_over: its id, and whether it is closed now; it may have failed.

    Attributes:
        problem: why the last reading failed.
        expanded: id of the session whose closing is shown; `closing` is what it would give back,
            None while that is being found out.
        returned: what the closing of sessions gave back, of those that were looked into; None
            where it was not sent from here. `returned_problem` is why it could not be found out.
    """

    changed = Signal()
    closing_sent = Signal(str)
    closing_over = Signal(str, bool)

    def __init__(
        self,
        funds: Funds,
        wallet: Wallet,
        settings: Settings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(STALE_S, clock)
        self.problem: MorpheusError | None = None
        self.expanded = ""
        self.closing: Closing | None = None
        self.closing_problem: MorpheusError | None = None
        self.returned: dict[str, Returned | None] = {}
        self.returned_problem: MorpheusError | None = None
        # Sessions being closed, and whether the list has shown that already.
        self._on_way: dict[str, bool] = {}
        self._funds, self._wallet = funds, wallet
        self._settings = settings
        self._seen: Account | None = None
        self._of = self._funds.address, self.network
        self._heard: Sessions | None = None
        self._stop_hearing: list[Callable[[], None]] = []
        self._unsubscribe = [
            funds.changed.subscribe(lambda _: self._funds_changed()),
            wallet.changed.subscribe(lambda _: self._wallet_changed()),
            settings.changed.subscribe(lambda _: self.changed.emit()),
        ]
        self._listen()
        self._sessions_changed()

    async def close(self) -> None:
        """Stop listening and end what runs."""
        for unsubscribe in (*self._unsubscribe, *self._stop_hearing):
            unsubscribe()
        await self._tasks.close()

    # How things are

    @property
    def network(self) -> Network | None:
        """The network that is connected."""
        return self._funds.connection.network if self._funds.is_connected else None

    @property
    def sessions(self) -> Sessions | None:
        """The node's sessions on it."""
        return self._funds.connection.sessions if self._funds.is_connected else None

    @property
    def account(self) -> Account | None:
        """All that the account has, at the block at which its sessions were read."""
        return self.sessions.account if self.sessions is not None else None

    @property
    def cannot_sign(self) -> str:
        """Why nothing can be signed now, in a sentence; empty when it can. A lock is no reason."""
        known = self.account is not None
        return why_not(self._wallet.state, self.network, known=known, stale=self.stale)

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Sessions on their way, newest first."""
        found = self.sessions.openings if self.sessions is not None else ()
        return tuple(opening for opening in found if not opening.is_over)

    @property
    def open_sessions(self) -> tuple[SessionView, ...]:
        """Those that hold MOR, the one that ends first at the top."""
        found = [view for view in self._views if view.phase != "closed"]
        return tuple(sorted(found, key=lambda view: view.session.ends_at))

    @property
    def closed_sessions(self) -> tuple[SessionView, ...]:
        """What is over, newest first."""
        found = [view for view in self._views if view.phase == "closed"]
        return tuple(sorted(found, key=lambda view: -view.session.closed_at))

    @property
    def released_at(self) -> int:
        """When all that is on hold can be claimed: the next midnight UTC; 0 when nothing is."""
        return released_at(self.account)

    @property
    def auto_close(self) -> bool:
        """Whether sessions are closed when their time is up."""
        return self._settings.current.market.auto_close

    @property
    def auto_claim(self) -> bool:
        """Whether released stake is taken back by itself."""
        return self._settings.current.market.auto_claim

    @property
    def claim_cap(self) -> str:
        """The price of gas, in gwei, above which a claim waits."""
        return self._settings.current.market.claim_gas_cap

    def seconds_left(self, view: SessionView) -> int:
        """Time left by the chain's clock, counted on since it was read."""
        if view.phase != "open":
            return 0
        return max(view.seconds_left - int(self.age_s), 0)

    # What somebody wants

    def set_auto_close(self, on: bool) -> None:
        """Close sessions at their end, or leave it to the user."""
        self._set("market.auto_close", on)

    def set_auto_claim(self, on: bool) -> None:
        """Take released stake back by itself, or leave it to the user."""
        self._set("market.auto_claim", on)

    def expand(self, session_id: str) -> None:
        """Show what closing a session gives back now; the same again hides it."""
        self.closing = self.closing_problem = None
        self.expanded = "" if session_id == self.expanded else session_id
        self._tasks.cancel("closing")
        if self.expanded:
            self._tasks.start("closing", self._prepare(self.expanded))
        self.changed.emit()

    def prepare_again(self, *, ours: bool = False) -> None:
        """Find out anew what closing gives back; `ours` leaves the provider out of it."""
        if self.expanded:
            self.closing = self.closing_problem = None
            self._tasks.start("closing", self._prepare(self.expanded, ours=ours))
            self.changed.emit()

    def close_session(self) -> None:
        """Close what is expanded, as it is shown."""
        if self.closing is not None and not self.sending:
            self._tasks.start("close", self._close(self.closing))
            self.changed.emit()

    def look_into(self, session_id: str) -> None:
        """Find out what the closing of a session gave back."""
        view = next((view for view in self.closed_sessions if view.id == session_id), None)
        self.returned_problem = None
        if view is not None and session_id not in self.returned:
            self._tasks.start("returned", self._find_returned(view))
        self.changed.emit()

    @property
    def sending(self) -> bool:
        """Whether a closing is on the way to the network."""
        return self._tasks.running("close")

    def close_after_midnight(self, view: SessionView, on: bool) -> None:
        """Choose when a session is closed by itself."""
        sessions = self.sessions
        if sessions is not None:
            way: Way = "after_midnight" if on else "natural"
            self._tasks.start("way", self._work(sessions.close_at(view.id, way)))

    def closes_after_midnight(self, view: SessionView) -> bool:
        """Whether it is left until it gives everything back at once."""
        return view.close_at > view.session.ends_at

    def csv(self) -> str:
        """All sessions as a table; amounts in MOR with all digits, times in UTC."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(CSV_HEAD)
        for view in self._views:
            session = view.session
            writer.writerow(
                [
                    view.id, _cell(view.model_name), view.provider, _utc(session.opened_at),
                    _utc(session.ends_at), _utc(session.closed_at), exact(session.stake),
                    exact(paid(view)), closed_with(view),
                ]
            )  # fmt: skip
        return out.getvalue()

    # Reading

    def refresh(self) -> None:
        """Read now."""
        if self.sessions is not None and not self._tasks.running("read"):
            self._tasks.start("read", self._read())

    @property
    def reading(self) -> bool:
        """Whether an answer is waited for."""
        return self._tasks.running("read")

    @property
    def _is_known(self) -> bool:
        return self.account is not None

    async def _watch(self) -> None:
        while True:
            self.refresh()
            self._prepare_anew()
            await asyncio.sleep(READ_EVERY_S)

    def _prepare_anew(self) -> None:
        """Each second moves what comes back: what is shown is never older than a reading.

        What no node could tell is asked again too.
        """
        closing = self.closing
        unknown = closing is None and isinstance(self.closing_problem, ChainUnavailable)
        if self.sending or self._tasks.running("closing") or not (closing or unknown):
            return
        ours = closing is not None and closing.report_by == "us"
        self._tasks.start("closing", self._prepare(self.expanded, ours=ours))

    async def _read(self) -> None:
        sessions = self.sessions
        if sessions is None or not self._funds.address:
            return
        try:
            await sessions.refresh()
        except MorpheusError as error:
            if sessions is self.sessions:
                self.problem = error
        self.changed.emit()

    async def _close(self, closing: Closing) -> None:
        sessions = self.sessions
        if sessions is None:
            return
        try:
            # An unusual fee is said beside the button.
            await sessions.close(closing, accept_unusual_fee=True)
        except MorpheusError as error:
            self.closing, self.closing_problem = None, error
            self.changed.emit()
            return
        self.expanded, self.closing = "", None
        self._on_way[closing.session.id] = False
        self.closing_sent.emit(closing.session.id)
        await self._read()

    async def _prepare(self, session_id: str, *, ours: bool = False) -> None:
        sessions = self.sessions
        if sessions is None:
            return
        try:
            closing = await sessions.prepare_close(session_id, ours=ours)
        except MorpheusError as error:
            if session_id == self.expanded:
                self.closing_problem = error
        else:
            if session_id == self.expanded:
                self.closing, self.closing_problem = closing, None
        self.changed.emit()

    async def _find_returned(self, view: SessionView) -> None:
        sessions = self.sessions
        if sessions is None:
            return
        try:
            found = await sessions.closings.returned(view)
        except MorpheusError as error:
            self.returned_problem = error
        else:
            if sessions is self.sessions:
                self.returned[view.id] = found
        self.changed.emit()

    async def _work(self, work: Any) -> None:
        await work
        self.changed.emit()

    @property
    def _views(self) -> tuple[SessionView, ...]:
        return self.sessions.views if self.sessions is not None else ()

    def _set(self, name: str, value: Any) -> None:
        try:
            self._settings.change({name: value})
        except MorpheusError as error:
            self.failed.emit(error)
            self.changed.emit()

    def _funds_changed(self) -> None:
        of = self._funds.address, self.network
        if of != self._of:
            self._of = of
            self.problem, self.expanded, self._seen = None, "", None
            self.closing = self.closing_problem = self.returned_problem = None
            self.returned, self._on_way = {}, {}
        self._listen()
        self.refresh()
        self.changed.emit()

    def _wallet_changed(self) -> None:
        """What could not be closed because the wallet was locked may be closed now."""
        if self.expanded and self._wallet.state.kind == "unlocked":
            self.prepare_again()
        self.changed.emit()

    def _listen(self) -> None:
        """Hear of the sessions of the network that is connected now."""
        sessions = self.sessions
        if sessions is self._heard:
            return
        for stop in self._stop_hearing:
            stop()
        self._heard, self._stop_hearing = sessions, []
        if sessions is not None:
            self._stop_hearing = [
                sessions.changed.subscribe(lambda _: self._sessions_changed()),
                sessions.opening_changed.subscribe(lambda _: self.changed.emit()),
            ]

    def _sessions_changed(self) -> None:
        """Also when somebody else had them read."""
        if self.account is not self._seen:
            self._seen, self._read_at, self.problem = self.account, self._clock(), None
        self._follow_closings()
        self.changed.emit()

    def _follow_closings(self) -> None:
        phases = {view.id: view.phase for view in self._views}
        for session_id, was_seen in tuple(self._on_way.items()):
            phase = phases.get(session_id)
            if phase == "closing":
                self._on_way[session_id] = True
            elif phase == "closed" or was_seen:
                del self._on_way[session_id]
                self.closing_over.emit(session_id, phase == "closed")

    def _went_wrong(self, error: Exception) -> None:
        self.failed.emit(error)
        self.changed.emit()


def closed_with(view: SessionView) -> str:
    """Whose report closed it, in words; empty while it is open."""
    if not view.session.closed_at:
        return ""
    return "your own report" if view.session.closeout_type else "the provider's report"


def _utc(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).isoformat() if timestamp else ""


def _cell(text: str) -> str:
    """Text of a stranger for a table: what begins like a formula is no formula."""
    line = one_line(text)
    return f"'{line}" if line[:1] in "=+-@" and line else line
