"""The bids of the chosen model: heading, for how long the stake is shown, the table."""

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.market import cells
from morpheus_desktop.market.columns import bid_columns, length
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.market import MarketViewModel
from morpheus_desktop.viewmodels.market_kept import STAKE_CHOICES
from morpheus_desktop.viewmodels.market_rows import BidRow
from morpheus_desktop.viewmodels.rows import RowsModel
from morpheus_desktop.widgets.basic import icon_button, label
from morpheus_desktop.widgets.empty_state import EmptyState, centred
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.table import Table

HEIGHT = 56


class BidsPanel(QWidget):
    """Shows bids while a model is chosen.

    Signals:
        open_asked: id of a bid to open a session with.
        back_asked: to the models, where both are pages.
    """

    open_asked = Signal(str)
    back_asked = Signal()

    def __init__(self, vm: MarketViewModel, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("Bids")
        self._vm, self._theme = vm, theme
        self.back = icon_button(theme, "chevron-left", "All models")
        self.back.hide()
        self._name = label("", "lead", cut=True)
        self._facts = label("", "body", "text-3", cut=True)
        self._for = label("Show stake for", "small", "text-3")
        self._lengths = Segmented(
            theme, "Show stake for", [(str(seconds), length(seconds)) for seconds in STAKE_CHOICES]
        )
        self._rows: RowsModel[BidRow] = RowsModel(bid_columns(vm), lambda row: row.id)
        self.table = Table(
            theme,
            self._rows,
            "Bids",
            {
                "provider": cells.provider,
                "score": cells.score,
                "ping": cells.reach,
                "open": self._paint_open,
            },
            frozenset(("open",)),
        )
        self._no_bids = centred(EmptyState("server", "No bids for this model", theme))
        self._no_choice = centred(
            EmptyState(
                "store",
                "Choose a model",
                theme,
                "Its bids, with prices and scores, are shown here.",
            )
        )
        self._stack = QStackedWidget()
        for page in (self.table, self._no_bids, self._no_choice):
            self._stack.addWidget(page)
        self._build()
        self.back.clicked.connect(self.back_asked)
        self.table.opened.connect(self._act)
        self.table.sorted.connect(vm.sort_bids)
        self._lengths.chosen.connect(lambda key: vm.set_stake_seconds(int(key)))
        vm.bids_changed.connect(self._refresh)
        vm.models_changed.connect(self._refresh)
        vm.changed.connect(self._refresh)

    def _build(self) -> None:
        self._head = QWidget()
        line = QHBoxLayout(self._head)
        line.addWidget(self.back)
        line.addWidget(self._name)
        line.addWidget(self._facts, 1)
        line.addWidget(self._for)
        line.addWidget(self._lengths)
        self._line = line
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._stack, 1)
        self._theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        px = self._theme.px
        self._head.setFixedHeight(px(HEIGHT))
        self._line.setContentsMargins(px(24), 0, px(24), 0)
        self._line.setSpacing(px(12))

    def show_bids(self) -> None:
        """Show the bids as they are known now."""
        vm = self._vm
        # Of a model that no filter lets through, nothing is offered.
        row = vm.chosen_row if vm.models else None
        self._rows.columns = tuple(bid_columns(vm))
        self._rows.set_rows(vm.bids)
        key, descending = vm.kept.bid_order
        self.table.show_sorting(key, descending=descending)
        self._lengths.choose(str(vm.stake_seconds))
        self._name.setText(row.name if row is not None else "")
        up = sum(bid.reach.state == "up" for bid in vm.bids)
        asked = any(bid.reach.state in ("up", "down") for bid in vm.bids)
        facts = [fmt.counted(len(vm.bids), "bid")] if row is not None else []
        facts += [f"{up} answering"] if asked and row is not None else []
        self._facts.setText(", ".join(facts))
        for each in (self._for, self._lengths):
            each.setVisible(row is not None)
        pages = {True: self.table, False: self._no_bids}
        self._stack.setCurrentWidget(self._no_choice if row is None else pages[bool(vm.bids)])

    def look(self) -> None:
        """Have the providers asked that can be seen."""
        if self._stack.currentWidget() is self.table:
            self._vm.look_at([self._vm.bids[at].provider for at in self.table.rows_in_view()])

    def _refresh(self) -> None:
        if self.isVisible():
            self.show_bids()

    def _act(self, bid_id: str) -> None:
        """Open, or ask a provider again that did not answer."""
        row = next((row for row in self._vm.bids if row.id == bid_id), None)
        if row is not None and row.reach.state == "down":
            self._vm.ask_again(row.provider)
        elif row is not None:
            self.open_asked.emit(bid_id)

    def _paint_open(self, painter: QPainter, area: QRect, row: BidRow, theme: Theme) -> None:
        cells.open_button(painter, area, row, theme, enabled=not self._vm.cannot_open)
