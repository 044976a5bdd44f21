"""The market page when money is loaded: filters, models, and below them the bids of one."""

from collections.abc import Sequence
from datetime import timedelta

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.market.bids_panel import HEIGHT, BidsPanel
from morpheus_desktop.market.filters import MarketFilters
from morpheus_desktop.market.models_panel import ModelsPanel
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.market import MarketViewModel
from morpheus_desktop.widgets.basic import button, icon_button, label
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.page_header import PageHeader
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.table import HEAD, ROW, SIDE
from morpheus_desktop.widgets.watched_page import WatchedPage

UNITS = (("second", "second"), ("hour", "hour"), ("day", "day"))
# A little after scrolling ends, what can be seen is asked.
LOOK_MS = 250
TICK_MS = 1000
LEAST_MODELS, LEAST_BIDS = 4, 3
SPLIT = (350, 330)
# Lower than this, models and bids are two pages.
PAGES_BELOW = 570
STAR = 20
GRIP = 5


class MarketBody(WatchedPage):
    """Models and bids.

    Signals:
        open_asked: id of a bid to open a session with.
        demo_asked: try the demo network.
    """

    open_asked = Signal(str)
    demo_asked = Signal()

    def __init__(self, vm: MarketViewModel, theme: Theme) -> None:
        super().__init__(vm)
        self._vm, self._theme = vm, theme
        self._on_bids = False
        self._header = PageHeader(theme, "Market")
        self._updated = label("", "small", "text-3")
        self._again = icon_button(theme, "refresh-cw", "Read again")
        self._per = label("Prices per", "small", "text-3")
        self._units = Segmented(theme, "Prices per", UNITS)
        self._note = Note(theme, "warn")
        self._note.be_narrow()
        self._retry = button(theme, "Try again")
        self._note.add_action(self._retry)
        self.filters = MarketFilters(vm, theme)
        self._panel = ModelsPanel(vm, theme)
        self.models = self._panel.table
        self.bids = BidsPanel(vm, theme)
        self._looking = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._build()
        self._connect()
        self.setFocusProxy(self.filters.search)

    def regions(self) -> Sequence[QWidget]:
        """The parts between which F6 moves."""
        return [self.filters, self._panel, self.bids]

    def search(self) -> None:
        """Go to the search."""
        self._go_back()
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _build(self) -> None:
        for each in (self._updated, self._again, self._per, self._units):
            self._header.add_action(each)
        self._filters = QWidget()
        self._top = QVBoxLayout(self._filters)
        self._top.addWidget(self._note)
        self._top.addWidget(self.filters)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._panel)
        self._split.addWidget(self.bids)
        self._split.setHandleWidth(GRIP)
        self._split.setSizes(list(self._vm.kept.split or SPLIT))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._filters)
        column.addWidget(self._split, 1)
        self._measure()

    def _connect(self) -> None:
        vm = self._vm
        self._again.clicked.connect(vm.refresh)
        self._retry.clicked.connect(vm.refresh)
        self._units.chosen.connect(vm.set_unit)
        self.models.chosen.connect(vm.choose)
        self.models.opened.connect(self._go_to_bids)
        self.models.cell_clicked.connect(self._clicked)
        self._panel.demo_asked.connect(self.demo_asked)
        self.filters.down_asked.connect(self._go_to_models)
        self.bids.open_asked.connect(self.open_asked)
        self.bids.back_asked.connect(self._go_back)
        self._split.splitterMoved.connect(lambda *_: vm.set_split(tuple(self._split.sizes())))
        vm.models_changed.connect(self._refresh_models)
        vm.changed.connect(self._refresh)
        for table in (self.models, self.bids.table):
            table.verticalScrollBar().valueChanged.connect(lambda _: self._looking.start())
        self._theme.changed.connect(self._measure)

    def _measure(self) -> None:
        px = self._theme.px
        self._top.setContentsMargins(px(SIDE), px(12), px(SIDE), px(12))
        self._top.setSpacing(px(12))
        self._panel.setMinimumHeight(px(HEAD + (1 if self._paged else LEAST_MODELS) * ROW))
        self.bids.setMinimumHeight(px(HEIGHT + HEAD + (1 if self._paged else LEAST_BIDS) * ROW))
        self._arrange()

    # Showing

    def _refresh(self) -> None:
        if self.isVisible():
            self._show()
            self._panel.show_state()

    def _refresh_models(self) -> None:
        if self.isVisible():
            self._show_models()

    def _show(self) -> None:
        vm = self._vm
        self._show_totals()
        self._tick()
        self._units.choose(vm.unit)
        self._again.set_busy(busy=vm.reading)
        self._show_note()
        self.filters.show_filters()

    def _show_note(self) -> None:
        vm = self._vm
        self._note.setVisible(vm.problem is not None or vm.stale or not vm.connected)
        if vm.problem is not None:
            self._note.set_error(vm.problem)
        elif not vm.connected:
            self._note.set("", "No network is connected.", "The market is read when one is.")
        elif vm.stale:
            self._note.set(
                "warn", f"No answer for {fmt.duration(vm.age_s)}.", "The prices may be others now."
            )
        self._retry.setVisible(vm.problem is not None or vm.stale)
        self._show_top()

    def _show_top(self) -> None:
        """The filters are of the models only; why nothing can be opened is of the bids too."""
        on_bids = self._paged and self._on_bids
        self.filters.setVisible(not on_bids)
        self._filters.setVisible(not on_bids or not self._note.isHidden())

    def _show_totals(self) -> None:
        models, bids = self._vm.totals
        shown = len(self._vm.models)
        words = f"{fmt.counted(models, 'model')}, {fmt.counted(bids, 'bid')}"
        if shown < models:
            words = f"{fmt.count(shown)} of {fmt.counted(models, 'model')}"
        self._header.set_facts(words if self._vm.market is not None else "")

    def _show_models(self) -> None:
        self._show_totals()
        self._panel.show_models()
        self._looking.start()

    def _tick(self) -> None:
        vm = self._vm
        if vm.market is None:
            self._updated.setText("")
            return
        now = vm.read_at + timedelta(seconds=vm.age_s)
        self._updated.setText(f"Updated {fmt.age(vm.read_at, now)}")
        if vm.stale:
            self._show_note()

    def _look(self) -> None:
        """Ask the providers that can be seen, of models and of bids."""
        if not self.isVisible():
            return
        rows = [self._vm.models[at] for at in self.models.rows_in_view()]
        self._vm.look_at([provider for row in rows for provider in row.providers])
        self.bids.look()

    # Two pages where there is no room for both

    @property
    def _paged(self) -> bool:
        return self.height() < self._theme.px(PAGES_BELOW)

    def _arrange(self) -> None:
        paged = self._paged
        on_bids = paged and self._on_bids
        self._show_top()
        self._panel.setVisible(not on_bids)
        self.bids.setVisible(on_bids or not paged)
        self.bids.back.setVisible(paged)
        narrow = self.width() < self._theme.px(640)
        for each in (self._updated, self._per):
            each.setVisible(not narrow)

    def _go_to_bids(self, model_id: str) -> None:
        self._vm.choose(model_id)
        self._on_bids = True
        self._arrange()
        self.bids.show_bids()
        self.bids.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._vm.bids and not self.bids.table.current:
            self.bids.table.choose(self._vm.bids[0].id)

    def _go_back(self) -> None:
        if self._on_bids:
            self._on_bids = False
            self._arrange()
            self.models.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_to_models(self) -> None:
        self.models.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._vm.models and not self.models.current:
            self.models.choose(self._vm.models[0].id)
            self._vm.choose(self._vm.models[0].id)

    def _clicked(self, model_id: str, column: str, left: int) -> None:
        if column == "name" and left < self._theme.px(SIDE + STAR):
            self._vm.star(model_id)
        elif self._paged:
            self._go_to_bids(model_id)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """/ goes to the search, F stars, Ctrl+Enter opens a session, Esc goes back to the models."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.text() == "/":
            self.search()
        elif event.text().casefold() == "f" and self.models.current and not control:
            self._vm.star(self.models.current)
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_best()
        elif event.key() == Qt.Key.Key_Escape and self._paged and self._on_bids:
            self._go_back()
        else:
            super().keyPressEvent(event)

    def _open_best(self) -> None:
        """The bid under the cursor, or the best one of the model."""
        current = self.bids.table.current if self.bids.table.hasFocus() else ""
        # In the order of the table until they are rated; none where no model is shown.
        bids = self._vm.bids if self._vm.models else []
        best = next((row.id for row in bids if row.best), bids[0].id if bids else "")
        if current or best:
            self.open_asked.emit(current or best)
        else:
            self._go_to_models()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for one table only."""
        super().resizeEvent(event)
        self._measure()

    def showEvent(self, event: QShowEvent) -> None:
        """The rows are shown with it."""
        super().showEvent(event)
        self._show_models()
        self.bids.show_bids()
