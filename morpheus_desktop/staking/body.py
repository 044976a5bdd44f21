"""The staking page when there is a wallet: four places of MOR, sessions, what comes back."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.staking.held import HeldCard
from morpheus_desktop.staking.history import History
from morpheus_desktop.staking.places import Places
from morpheus_desktop.staking.session_row import SessionRow
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.staking import StakingViewModel
from morpheus_desktop.widgets.basic import Chip, button, icon_button, label, rule
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.fold import Fold
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.page_header import PageHeader, scrolling
from morpheus_desktop.widgets.switch import Switch
from morpheus_desktop.widgets.watched_page import WatchedPage
from router.untrusted import one_line

SIDE, GAP = 24, 12
HELD, BESIDE_FROM = 340, 960


class StakingBody(WatchedPage):
    """Everything about MOR that is not simply in the wallet.

    Signals:
        chat_asked: id of a session. steps_asked: id of an opening.
        close_asked: close what is expanded, as shown. unlock_asked: it needs the wallet.
        claim_asked, export_asked, market_asked: as they say.
        skip_asked: on the demo network, let a day pass.
        link_asked: address of a page about a transaction.
    """

    chat_asked = Signal(str)
    steps_asked = Signal(int)
    close_asked = Signal()
    unlock_asked = Signal()
    claim_asked = Signal()
    export_asked = Signal()
    market_asked = Signal()
    skip_asked = Signal()
    link_asked = Signal(str)

    def __init__(self, vm: StakingViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__(vm)
        self._vm, self._theme, self._amounts = vm, theme, amounts
        self._rows: dict[str, SessionRow] = {}
        self._led_to = ""  # what is kept in view until somebody scrolls
        self._header = PageHeader(theme, "Staking", "Where all your MOR is")
        self._block = label("", "small", "text-3")
        self._money = Chip(theme, "Play money", "warn")
        self._skip = button(theme, "Skip one day", icon="clock")
        self._again = icon_button(theme, "refresh-cw", "Read again")
        self._export = button(theme, "Export", icon="file-down")
        self._note = Note(theme, "warn")
        self._note.be_narrow()
        self._retry = button(theme, "Try again")
        self._note.add_action(self._retry)
        self._opening = Note(theme, "info", icon="hourglass")
        self._opening.be_narrow()
        self._steps = button(theme, "Show the steps")
        self._opening.add_action(self._steps)
        self._places = Places(vm, theme, amounts)
        self._count = Chip(theme, "")
        self._auto = Switch(theme, "Close when time is up")
        self._none = EmptyState(
            "hourglass",
            "Nothing is staked",
            theme,
            "A session with a remote model holds MOR while it runs, and gives it back.",
        )
        self._unknown = label("Not known yet.", "body", "text-2")
        self.held = HeldCard(vm, theme, amounts)
        self.history = History(vm, theme, amounts)
        self._build()
        self._connect()
        self.setFocusProxy(self._again)

    def regions(self) -> Sequence[QWidget]:
        """The parts between which F6 moves."""
        return [self._header, self._active, self.held, self.history]

    def go_to(self, session_id: str) -> None:
        """Bring what closing a session gives back into view, and the keyboard to it."""
        self._show()
        row = self._rows.get(session_id)
        if row is not None:
            row.closing.setFocus(Qt.FocusReason.OtherFocusReason)
            self._lead_to(session_id)

    def _build(self) -> None:
        for each in (self._block, self._money, self._skip, self._again, self._export):
            self._header.add_action(each)
        self._active = self._active_card()
        pair = Fold(self._theme, self._active, self.held, BESIDE_FROM, side=HELD, gap=GAP)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SIDE, 20, SIDE, 20)
        column.setSpacing(GAP)
        column.addWidget(self._note)
        column.addWidget(self._opening)
        column.addWidget(self._places)
        column.addWidget(pair)
        column.addWidget(self.history)
        column.addStretch(1)
        self._area = scrolling(self, self._header, inside)
        # Its place is known once the page was laid out with it, and it grows with what is known.
        self._leading = QTimer(self, singleShot=True, interval=0)
        self._leading.timeout.connect(self._bring_into_view)
        bar = self._area.verticalScrollBar()
        bar.rangeChanged.connect(lambda *_: self._leading.start())
        bar.actionTriggered.connect(lambda _: self._lead_to(""))

    def _active_card(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("card")
        frame.setAccessibleName("Active sessions")
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.setSpacing(8)
        head.addWidget(label("Active sessions", "lead"))
        head.addWidget(self._count)
        head.addStretch()
        head.addWidget(label("Close when time is up", "small", "text-2", cut=True))
        head.addWidget(self._auto)
        browse = button(self._theme, "Browse models", "primary", icon="store")
        browse.clicked.connect(self.market_asked)
        self._none.add_action(browse)
        self._list = QVBoxLayout(frame)
        self._list.setContentsMargins(1, 1, 1, 1)
        self._list.setSpacing(0)
        self._list.addLayout(head)
        self._list.addWidget(rule())
        self._list.addWidget(self._none, 1, Qt.AlignmentFlag.AlignCenter)
        self._list.addWidget(self._unknown, 1, Qt.AlignmentFlag.AlignCenter)
        self._list.addStretch()
        return frame

    def _connect(self) -> None:
        vm = self._vm
        self._again.clicked.connect(vm.refresh)
        self._retry.clicked.connect(vm.refresh)
        self._export.clicked.connect(self.export_asked)
        self._skip.clicked.connect(self.skip_asked)
        self._auto.clicked.connect(vm.set_auto_close)
        self._steps.clicked.connect(lambda: self.steps_asked.emit(vm.openings[0].id))
        self._places.claim_asked.connect(self.claim_asked)
        self.history.link_asked.connect(self.link_asked)
        vm.changed.connect(self._refresh)
        self._amounts.changed.connect(self._refresh)

    # Showing

    def _refresh(self) -> None:
        if self.isVisible():
            self._show()

    def _tick(self) -> None:
        for row in self._rows.values():
            row.tick()
        self._show_block()

    def _show(self) -> None:
        vm, network = self._vm, self._vm.network
        play = network is not None and not network.is_real
        self._money.setVisible(play)
        self._skip.setVisible(network is not None and network.name == "demo")
        self._show_block()
        self._show_note()
        self._show_opening()
        self._places.show_places(vm.cannot_sign)
        self._auto.show_state(on=vm.auto_close)
        self._show_sessions()
        self.held.show_held()
        self.history.show_sessions()
        known = bool(vm.open_sessions or vm.closed_sessions)
        self._export.set_reason("" if known else "There is nothing to export")

    def _show_opening(self) -> None:
        openings = self._vm.openings
        self._opening.setVisible(bool(openings))
        if openings:
            newest = openings[0]
            name = one_line(newest.quote.model.name)
            waits = newest.step in ("failed", "asked")
            self._opening.set(
                "warn" if waits else "info",
                f"A session with {name} {'waits for you' if waits else 'is being opened'}.",
                "" if len(openings) == 1 else f"And {len(openings) - 1} more.",
            )

    def _show_block(self) -> None:
        account = self._vm.account
        self._block.setText(f"Read at block {fmt.count(account.block)}" if account else "")

    def _show_note(self) -> None:
        vm = self._vm
        self._note.setVisible(True)
        if vm.problem is not None:
            self._note.set_error(vm.problem)
        elif vm.stale:
            self._note.set(
                "warn", f"No answer for {fmt.duration(vm.age_s)}.", "The figures are older."
            )
        elif vm.network is None:
            self._note.set("", "No network is connected.", "MOR is read when one is.")
        else:
            self._note.setVisible(False)
        self._retry.setVisible(vm.problem is not None or vm.stale)

    def _show_sessions(self) -> None:
        views = self._vm.open_sessions
        order = [view.id for view in views]
        for key in self._rows.keys() - set(order):
            gone = self._rows.pop(key)
            if gone.isAncestorOf(self.focusWidget()):
                self._again.setFocus(Qt.FocusReason.OtherFocusReason)
            gone.hide()
            gone.deleteLater()
        for place, view in enumerate(views):
            row = self._rows.get(view.id)
            if row is None:
                row = self._rows[view.id] = self._make()
            self._list.removeWidget(row)
            self._list.insertWidget(place + 2, row)
            if view.id != self._vm.expanded and row.closing.isAncestorOf(self.focusWidget()):
                # Qt would take the next button, whatever that does.
                back = self._again if view.phase == "closing" else row
                back.setFocus(Qt.FocusReason.OtherFocusReason)
            row.show_session(view)
        self._count.set(fmt.count(len(views)))
        self._count.setVisible(bool(views))
        known = self._vm.account is not None
        self._none.setVisible(known and not views)
        self._unknown.setVisible(not known and not views)

    def _make(self) -> SessionRow:
        row = SessionRow(self._vm, self._theme, self._amounts)
        row.chat_asked.connect(self.chat_asked)
        row.unlock_asked.connect(self.unlock_asked)
        row.expand_asked.connect(self._expand)
        row.close_now_asked.connect(self.close_asked)
        return row

    # What closing gives back, in view

    def _expand(self, session_id: str) -> None:
        self._vm.expand(session_id)
        self._lead_to(self._vm.expanded)

    def _lead_to(self, session_id: str) -> None:
        self._led_to = session_id
        self._leading.start()

    def _bring_into_view(self) -> None:
        row = self._rows.get(self._led_to)
        if row is not None and row.closing.isVisible():
            self._area.ensureWidgetVisible(row.closing)
