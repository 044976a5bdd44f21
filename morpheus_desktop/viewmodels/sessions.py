"""Sessions in few words, wherever one is: for the status bar, the sidebar and short messages."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from morpheus_desktop import format as fmt
from router.money import Money
from router.untrusted import one_line

if TYPE_CHECKING:  # start-up cost: they bring web3 along
    from router.chain.marketplace import Account
    from router.consumer.records import Opening, SessionView
    from router.consumer.sessions import Sessions

TICK_MS = 1000
LONGEST_NAME = 32


class SessionsViewModel(QObject):
    """Follows the sessions of the network that is connected.

    Signals:
        changed: any of it; each second while a session runs.
        warned: a SessionView that ends in five minutes.
        stepped: an Opening that is another than it was.
    """

    changed = Signal()
    warned = Signal(object)
    stepped = Signal(object)

    def __init__(self, money: Money) -> None:
        super().__init__()
        self._money = money
        self._heard: Sessions | None = None
        self._unsubscribe: list[Callable[[], None]] = []
        self._stop_hearing: list[Callable[[], None]] = []
        self._read_s = 0.0
        self._is_read = False
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._pass)
        self._unsubscribe.append(money.loaded.subscribe(lambda _: self._loaded()))
        if money.funds is not None:
            self._loaded()

    def close(self) -> None:
        """Stop listening."""
        self._tick.stop()
        for stop in (*self._unsubscribe, *self._stop_hearing):
            stop()

    # How things are

    @property
    def views(self) -> "tuple[SessionView, ...]":
        """All sessions of the account, those that are over too."""
        return self._heard.views if self._heard is not None else ()

    @property
    def is_read(self) -> bool:
        """Whether the sessions are known; not so right after the network was connected."""
        return self._is_read

    @property
    def running(self) -> "tuple[SessionView, ...]":
        """Sessions that can be used, the one that ends first at the top."""
        found = [view for view in self.views if view.phase == "open"]
        return tuple(sorted(found, key=lambda view: view.session.ends_at))

    @property
    def waiting(self) -> int:
        """How many sessions are over and still hold MOR."""
        return sum(view.phase in ("ended", "closing", "waiting") for view in self.views)

    @property
    def opening(self) -> "Opening | None":
        """The newest session that is on its way."""
        openings = self._heard.openings if self._heard is not None else ()
        return next((opening for opening in openings if not opening.is_over), None)

    @property
    def account(self) -> "Account | None":
        """All that the account has, as it was read with the sessions."""
        return self._heard.account if self._heard is not None else None

    @property
    def can_claim(self) -> bool:
        """Whether there is MOR to be taken back."""
        return self._heard is not None and self._heard.claimable > 0

    def seconds_left(self, view: "SessionView") -> int:
        """Time left by the chain's clock, counted on since it was read."""
        return max(view.seconds_left - int(self._read_s), 0)

    @property
    def words(self) -> str:
        """All of it in a few words; empty when there is nothing to say."""
        if (opening := self.opening) is not None:
            name = one_line(opening.quote.model.name, LONGEST_NAME)
            waits = opening.step in ("failed", "asked")
            return f"{name} waits for you" if waits else f"Opening {name}"
        running = self.running
        if running:
            left = fmt.duration(self.seconds_left(running[0]))
            next_ = "next ends" if len(running) > 1 else "ends"
            return f"{fmt.counted(len(running), 'session')}, {next_} in {left}"
        return f"{fmt.counted(self.waiting, 'session')} to close" if self.waiting else ""

    # Following

    def _loaded(self) -> None:
        funds = self._money.funds
        assert funds is not None
        self._unsubscribe.append(funds.changed.subscribe(lambda _: self._listen()))
        self._listen()

    def _listen(self) -> None:
        funds = self._money.funds
        connected = funds is not None and funds.is_connected
        sessions = funds.connection.sessions if funds is not None and connected else None
        if sessions is self._heard:
            return
        for stop in self._stop_hearing:
            stop()
        self._heard, self._stop_hearing = sessions, []
        if sessions is not None:
            self._stop_hearing = [
                sessions.changed.subscribe(lambda _: self._read(True)),
                sessions.opening_changed.subscribe(self._stepped),
                sessions.warned.subscribe(self.warned.emit),
            ]
        self._read(bool(self.views))

    def _read(self, is_read: bool) -> None:
        self._read_s, self._is_read = 0.0, is_read
        if self.running and not self._tick.isActive():
            self._tick.start()
        elif not self.running:
            self._tick.stop()
        self.changed.emit()

    def _pass(self) -> None:
        self._read_s += TICK_MS / 1000
        self.changed.emit()

    def _stepped(self, opening: "Opening") -> None:
        self.stepped.emit(opening)
        self.changed.emit()
