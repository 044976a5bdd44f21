"""What moved: search, filter, rows. One stop for Tab; the arrow keys go through the rows."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from morpheus_desktop.wallet.activity_details import ActivityDetails
from morpheus_desktop.wallet.activity_row import ActivityRow
from morpheus_desktop.widgets.basic import button, icon_button, label
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.fold import Fold
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.skeleton import Skeleton
from morpheus_desktop.widgets.tip import set_tip
from router.untrusted import one_line

FILTERS = (("all", "All"), ("sent", "Sent"), ("received", "Received"), ("sessions", "Sessions"))
STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -10_000, Qt.Key.Key_End: 10_000}
SEARCH = 220


class ActivityList(QWidget):
    """Heading with filters, and the list.

    Signals:
        speed_up_asked, cancel_asked, again_asked, send_now_asked, drop_asked: id of a
            transaction.
        export_asked: save the rows as CSV.
        link_asked, name_asked: as of the details.
        receive_asked: show the code of the address.
    """

    speed_up_asked = Signal(int)
    cancel_asked = Signal(int)
    again_asked = Signal(int)
    send_now_asked = Signal(int)
    drop_asked = Signal(int)
    export_asked = Signal()
    link_asked = Signal(str)
    name_asked = Signal(str)
    receive_asked = Signal()

    def __init__(self, vm: WalletViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self._vm, self._theme, self._amounts = vm, theme, amounts
        self._rows: dict[str, ActivityRow] = {}
        self._order: list[str] = []
        self._opened = ""
        self._tab_stop = ""
        self.search = LineEdit(
            theme, "Search in activity", hint="Hash, address or note", icon="search"
        )
        self._kinds = Segmented(theme, "Show", FILTERS)
        self._export = icon_button(theme, "file-down", "Export as CSV")
        self._details = ActivityDetails(theme, amounts)
        self._details.hide()
        self._waiting = Skeleton(theme, [(0.04, 0.3), (0.04, 0.4), (0.04, 0.25)])
        self._empty = EmptyState("arrow-down-left", "No activity yet", theme)
        self._receive = button(theme, "Receive", icon="arrow-down-left")
        self._clear = button(theme, "Show all activity")
        self._more = button(theme, "Show more", "ghost")
        self._count = label("", "small", "text-3")
        self._card = QFrame()
        self._card.setObjectName("card")
        self._card.setAccessibleName("Activity")
        self._column = QVBoxLayout(self._card)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self._build()
        self._connect()
        self._kinds.choose("all")

    def _build(self) -> None:
        self._empty.add_action(self._receive)
        self._empty.add_action(self._clear)
        titled, chosen = QWidget(), QWidget()
        first, second = QHBoxLayout(titled), QHBoxLayout(chosen)
        first.addWidget(label("Activity", "lead"))
        first.addStretch()
        first.addWidget(self.search, 1)
        second.addWidget(self._kinds)
        second.addStretch()
        second.addWidget(self._export)
        for line in (first, second):
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(8)
        below = QHBoxLayout()
        below.addWidget(self._more)
        below.addStretch()
        below.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(Fold(self._theme, titled, chosen, stretches=(1, 0), gap=8))
        column.addWidget(self._card)
        column.addLayout(below)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._vm.search)
        self._kinds.chosen.connect(self._vm.set_filter)
        self._export.clicked.connect(self.export_asked)
        self._receive.clicked.connect(self.receive_asked)
        self._clear.clicked.connect(self._show_all)
        self._more.clicked.connect(self._vm.show_more)
        self._details.noted.connect(self._vm.label)
        self._details.link_asked.connect(self.link_asked)
        self._details.name_asked.connect(self.name_asked)
        self._amounts.changed.connect(self.show_rows)
        self._theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self.search.setMaximumWidth(self._theme.px(SEARCH))

    def show_rows(self) -> None:
        """Show what moved as it is known now; rows that stay keep the focus."""
        rows = self._vm.shown
        order = [row.key for row in rows]
        self._opened = self._opened if self._opened in order else ""
        self._tab_stop = self._tab_stop if self._tab_stop in order else next(iter(order), "")
        for key in self._rows.keys() - set(order):
            gone = self._rows.pop(key)
            gone.hide()
            gone.deleteLater()
        for row in rows:
            if row.key not in self._rows:
                self._rows[row.key] = self._make()
            self._rows[row.key].show_row(
                row,
                reason=self._vm.cannot_sign,
                first=row.key == self._tab_stop,
                is_open=row.key == self._opened,
            )
        self._order = order
        self._arrange()
        self._show_details()
        self._show_rest(len(rows))

    def tick(self) -> None:
        """Let the times of the rows go on."""
        for row in self._rows.values():
            row.tick()

    def _make(self) -> ActivityRow:
        made = ActivityRow(self._theme, self._amounts)
        made.opened.connect(self._open)
        made.speed_up_asked.connect(self.speed_up_asked)
        made.cancel_asked.connect(self.cancel_asked)
        made.again_asked.connect(self.again_asked)
        made.send_now_asked.connect(self.send_now_asked)
        made.drop_asked.connect(self.drop_asked)
        return made

    def _show_rest(self, shown: int) -> None:
        vm = self._vm
        known = vm.rows is not None and (vm.looked or bool(vm.rows))
        fitting = len(vm.fitting)
        self._waiting.setVisible(not known)
        nothing = known and not vm.rows
        unknown = nothing and vm.activity_problem is not None
        self._card.setVisible(not unknown)  # the note above says why
        self._empty.setVisible(known and not shown and not unknown)
        self._empty.title.setText("No activity yet" if nothing else self._no_match())
        self._empty.sentence.setText(
            "" if nothing else "Titles, hashes, addresses and notes were searched."
        )
        self._empty.sentence.setVisible(bool(vm.query) and not nothing)
        self._receive.setVisible(nothing)
        self._clear.setVisible(not nothing)
        since = vm.read_from
        further = bool(since)
        self._more.setVisible(known and (fitting > shown or further))
        self._more.setText("Show more" if fitting > shown else "Look further back")
        words = f"{shown:,} of {fitting:,}" if known and not unknown else ""
        if since:
            words += f". Received MOR since block {fmt.count(since)}"
        self._count.setText(words)
        set_tip(self._count, "ETH that came in is in the balance, but not listed here.")
        self._export.set_reason("" if fitting else "There is nothing to export")

    def _no_match(self) -> str:
        query = one_line(self._vm.query, 40)
        return f"No activity matches “{query}”" if query else "No activity of this kind"

    def _show_all(self) -> None:
        self._kinds.choose("all")
        self._vm.set_filter("all")
        self.search.clear()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self) -> None:
        for each in self._card.findChildren(
            QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
        ):
            self._column.removeWidget(each)
        self._column.addWidget(self._waiting)
        self._column.addWidget(self._empty, 0, Qt.AlignmentFlag.AlignHCenter)
        for key in self._order:
            self._column.addWidget(self._rows[key])
            if key == self._opened:
                self._column.addWidget(self._details)

    def _open(self, key: str) -> None:
        self._opened = "" if key == self._opened else key
        self._tab_stop = key
        self.show_rows()
        self._rows[key].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_details(self) -> None:
        row = next((row for row in self._vm.shown if row.key == self._opened), None)
        network = self._vm.network
        if row is not None and network is not None:
            self._details.show_row(row, network)
        self._details.setVisible(row is not None and network is not None)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go through the rows; / goes to the search."""
        key = Qt.Key(event.key())
        if event.text() == "/":
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif key in STEPS and self._order:
            here = self._order.index(self._tab_stop) if self._tab_stop in self._order else 0
            self._tab_stop = self._order[min(max(here + STEPS[key], 0), len(self._order) - 1)]
            self.show_rows()
            self._rows[self._tab_stop].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)
