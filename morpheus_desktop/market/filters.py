"""The line of filters above the models."""

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from morpheus_desktop.market.columns import model_columns
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.market import MarketViewModel
from morpheus_desktop.viewmodels.market_kept import UNIT_S
from morpheus_desktop.viewmodels.market_rows import KIND_WORDS, Kind
from morpheus_desktop.widgets.basic import button, icon_button, set_property
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.menu import Menu
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.tip import set_tip
from morpheus_desktop.widgets.wrap import Wrap
from router.errors import BadRequest
from router.units import exact, parse_amount

SEARCH, PRICE = 208, 112
ALL = "all"
KINDS: tuple[tuple[str, str], ...] = (
    (ALL, "All"),
    *((kind, KIND_WORDS[kind]) for kind in ("chat", "vision", "speech", "image", "embedding")),
)


class MarketFilters(QWidget):
    """Search, kind, privacy, availability, price. Every filter shows whether it is set.

    Signals:
        down_asked: the keyboard wants to go on to the rows.
    """

    down_asked = Signal()

    def __init__(self, vm: MarketViewModel, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("Filters")
        self._vm, self._theme = vm, theme
        self.search = LineEdit(theme, "Search models", hint="Name, tag or provider", icon="search")
        self._kinds = Segmented(theme, "Type", KINDS)
        self._tee = button(theme, "TEE only", icon="shield-check")
        self._online = button(theme, "Online now", icon="check")
        self._price = LineEdit(theme, "Highest price")
        self._order = icon_button(theme, "list-filter", "Sort by")
        for each in (self._tee, self._online):
            each.setCheckable(True)
            each.setProperty("filter", "true")
        set_tip(self._online, "Hides models of which no provider answered when it was asked")
        wrap = Wrap(self, gap=8, line_gap=8)
        for part in (self.search, self._kinds, self._tee, self._online, self._price, self._order):
            wrap.addWidget(part)
        self.search.textChanged.connect(lambda text: vm.set_filters(query=text))
        self.search.returnPressed.connect(self.down_asked)
        self._kinds.chosen.connect(self._choose_kind)
        self._tee.clicked.connect(lambda on: vm.set_filters(tee=on))
        self._online.clicked.connect(lambda on: vm.set_filters(online=on))
        self._price.textEdited.connect(self._set_price)
        self._order.clicked.connect(self._choose_order)
        theme.changed.connect(self._measure)
        self._measure()

    def show_filters(self) -> None:
        """Show what is set, wherever it was set."""
        filters = self._vm.filters
        if self.search.text() != filters.query:
            self.search.setText(filters.query)
        self._kinds.choose(filters.kind or ALL)
        self._tee.setChecked(filters.tee)
        self._online.setChecked(filters.online)
        self._price.setPlaceholderText(f"Max MOR/{self._vm.unit[0]}")
        if not self._price.hasFocus():
            self._price.setText(exact(filters.price) if filters.price is not None else "")
            self._mark("")

    def _choose_kind(self, key: str) -> None:
        found: Kind | None = next((kind for kind in KIND_WORDS if kind == key), None)
        self._vm.set_kind(found)

    def _set_price(self, text: str) -> None:
        price = None
        try:
            price = parse_amount(text) if text.strip() else None
        except BadRequest as error:
            self._mark(error.message)
            return
        self._mark("")
        self._vm.set_filters(price=price, price_per_s=UNIT_S[self._vm.unit])

    def _mark(self, problem: str) -> None:
        set_property(self._price, "problem", "true" if problem else "false")
        set_tip(self._price, problem)
        self._price.setAccessibleDescription(problem)

    def _choose_order(self) -> None:
        """What a click on a title does, for the keyboard too."""
        menu = Menu(self._theme, self)
        key, descending = self._vm.kept.model_order
        for column in model_columns(self._vm):
            if column.sort is None:
                continue
            turned = not descending if column.key == key else column.descending
            icon = ("arrow-down" if descending else "arrow-up") if column.key == key else ""
            menu.add(
                column.title,
                partial(self._vm.sort_models, column.key, turned),
                icon=icon,
            )
        menu.popup(self._order.mapToGlobal(QPoint(0, self._order.height())))

    def _measure(self) -> None:
        self.search.setFixedWidth(self._theme.px(SEARCH))
        self._price.setFixedWidth(self._theme.px(PRICE))
