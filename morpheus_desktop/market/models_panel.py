"""The models of the market, or why there are none: being read, none yet, none that fits."""

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.market import cells
from morpheus_desktop.market.columns import model_columns
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.market import MarketViewModel
from morpheus_desktop.viewmodels.market_rows import ModelRow, up_count
from morpheus_desktop.viewmodels.rows import RowsModel
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.empty_state import EmptyState, centred
from morpheus_desktop.widgets.skeleton import Skeleton
from morpheus_desktop.widgets.table import SIDE, Table
from router.untrusted import one_line

OBSTACLES = {
    "query": ("No model matches “{}”", "Clear the search"),
    "kind": ("No model of this type", "Show all types"),
    "tee": ("No model claims a TEE", "Show all models"),
    "online": ("No provider answered", "Show those as well"),
    "price": ("Nothing is this cheap", "Any price"),
}
SEARCHED = "Names, tags and providers were searched."
NONE_FITS = "No model fits all the filters"
MOST_WORDS = 40


class ModelsPanel(QStackedWidget):
    """A table most of the time.

    Signals:
        demo_asked: try the demo network.
    """

    demo_asked = Signal()

    def __init__(self, vm: MarketViewModel, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("Models")
        self._vm = vm
        self._rows: RowsModel[ModelRow] = RowsModel(model_columns(vm), lambda row: row.id)
        self.table = Table(
            theme,
            self._rows,
            "Models",
            {"name": cells.model_name, "privacy": cells.privacy, "bids": self._paint_up},
        )
        self._waiting = QWidget()
        column = QVBoxLayout(self._waiting)
        column.setContentsMargins(SIDE, SIDE, SIDE, SIDE)
        column.addWidget(Skeleton(theme, [(0.4, 0.1, 0.1), (0.3, 0.1, 0.1), (0.35, 0.1, 0.1)] * 2))
        column.addStretch()
        self._none = EmptyState("store", "", theme)
        self._demo = button(theme, "Try the demo network", "primary")
        self._demo.clicked.connect(self.demo_asked)
        self._none.add_action(self._demo)
        self._no_match = EmptyState("list-filter", "", theme)
        self._loosen = button(theme, "", "primary")
        self._loosen.clicked.connect(lambda: vm.clear_filter(vm.tightest[0]))
        self._clear = button(theme, "Clear search and filters")
        self._clear.clicked.connect(vm.clear_filters)
        self._no_match.add_action(self._loosen)
        self._no_match.add_action(self._clear)
        self._pages = {
            "models": self._add(self.table),
            "waiting": self._add(self._waiting),
            "none": self._add(centred(self._none)),
            "no match": self._add(centred(self._no_match)),
        }
        self.table.sorted.connect(vm.sort_models)

    def show_models(self) -> None:
        """Show what fits now."""
        vm = self._vm
        self._rows.columns = tuple(model_columns(vm))
        self._rows.set_rows(vm.models)
        key, descending = vm.kept.model_order
        self.table.show_sorting(key, descending=descending)
        if vm.models and vm.chosen and self.table.current != vm.chosen:
            self.table.choose(vm.chosen)
        self.show_state()

    def show_state(self) -> None:
        """Show the table, or why there is none."""
        self.setCurrentWidget(self._pages[self._state()])

    def _state(self) -> str:
        vm = self._vm
        if vm.market is None:
            if vm.connected and vm.problem is None:
                return "waiting"
            self._none.title.setText("The market is not read yet")
            self._none.sentence.setText("The demo network has one on this computer.")
            self._demo.setVisible(not vm.on_demo)
            return "none"
        if not vm.totals[0]:
            self._none.title.setText("No models on this network yet")
            self._none.sentence.setText(
                "Its providers are about to start."
                if vm.on_demo
                else "Whoever runs a model can offer it here."
            )
            self._demo.setVisible(not vm.on_demo)
            return "none"
        if vm.models:
            return "models"
        self._show_obstacle()
        return "no match"

    def _show_obstacle(self) -> None:
        """The filter that hides most, and what would be there without it."""
        vm = self._vm
        name, found = vm.tightest
        title, action = OBSTACLES[name]
        query = one_line(vm.filters.query, MOST_WORDS)
        if found:
            title = title.format(query)
            sentence = f"{fmt.counted(found, 'model')} would be there without this filter."
        else:
            title = "No model fits the search and the filters" if query else NONE_FITS
            sentence = f"You searched for “{query}”." if query else "More than one is in the way."
        searched = name == "query" if found else bool(query)
        self._no_match.title.setText(title)
        self._no_match.sentence.setText(f"{sentence} {SEARCHED}" if searched else sentence)
        self._loosen.setText(action)
        self._loosen.setVisible(found > 0)
        # "Online now" is set from the start, and seldom what is in the way.
        others = set(vm.filters_set) - {name, "online"}
        self._clear.setVisible(not found or bool(others))

    def _add(self, page: QWidget) -> QWidget:
        self.addWidget(page)
        return page

    def _paint_up(self, painter: QPainter, area: QRect, row: ModelRow, theme: Theme) -> None:
        cells.up(painter, area, row, theme, answering=up_count(row, self._vm.reach))
