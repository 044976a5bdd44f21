"""The first screen: four ways in, none of which needs the internet to be shown."""

from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.welcome import Way, WelcomeViewModel
from morpheus_desktop.widgets.basic import Tone, button, label
from morpheus_desktop.widgets.brand_panel import WIDTH as BRAND_WIDTH
from morpheus_desktop.widgets.brand_panel import BrandPanel
from morpheus_desktop.widgets.option_card import OptionCard
from router import __version__

CONTENT_WIDTH = 716
# Narrower than this, in pixels at 100 % text, there is room for the choices only.
BRAND_FROM = 900


class WelcomePane(QWidget):
    """Shows the ways in.

    Signals:
        chat_chosen: start chatting.
        wallet_chosen: set up a wallet; "create" or "import".
        demo_chosen: use the demo network.
        model_file_wanted: the bundled model is damaged and another one shall be added.
        terms_requested: show the terms of use.
        mode_chosen: "light" or "dark".
    """

    chat_chosen = Signal()
    wallet_chosen = Signal(str)
    demo_chosen = Signal()
    model_file_wanted = Signal()
    terms_requested = Signal()
    mode_chosen = Signal(str)

    def __init__(self, vm: WelcomeViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        self._vm = vm
        self._theme = theme
        self._brand = BrandPanel(theme)
        self._cards = [OptionCard(theme, lit=number == 0) for number in range(len(vm.ways))]
        for number, card in enumerate(self._cards):
            card.clicked.connect(lambda _=False, at=number: self._choose(self._vm.ways[at]))
        self._mode = button(theme, "", "ghost", tip="Switch between light and dark")
        self._mode.clicked.connect(lambda: self.mode_chosen.emit("light" if theme.dark else "dark"))
        self._last = self._cards[0]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._brand)
        row.addWidget(self._scrolling(self._choices_column()), 1)
        vm.changed.connect(self.refresh)
        theme.changed.connect(self._measure)
        self.refresh()
        self._measure()

    def refresh(self) -> None:
        """Show the ways as they are now."""
        for card, way in zip(self._cards, self._vm.ways, strict=True):
            tone = cast("Tone", way.chip_tone)
            card.show_option(
                way.icon, way.title, way.sentence, way.fact, chip=way.chip, chip_tone=tone
            )

    def show_choices(self) -> None:
        """Give the focus to the way that was taken last."""
        self._last.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose(self, way: Way) -> None:
        self._last = self._cards[self._vm.ways.index(way)]
        if way.name == "demo":
            self.demo_chosen.emit()
        elif way.name != "chat":
            self.wallet_chosen.emit(way.name)
        elif self._vm.usable:
            self.chat_chosen.emit()
        else:
            self.model_file_wanted.emit()

    def _scrolling(self, layout: QLayout) -> QWidget:
        """A column that scrolls where the window is too low for it."""
        inside = QWidget()
        inside.setLayout(layout)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        return area

    def _choices_column(self) -> QLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addStretch(5)
        column.addWidget(label("How would you like to start?", "display", wrap=True))
        column.addSpacing(8)
        column.addWidget(
            label(
                "You can change your mind later. Nothing here commits any money.",
                "reading",
                "text-2",
                wrap=True,
            )
        )
        column.addSpacing(24)
        for card in self._cards:
            column.addWidget(card)
            column.addSpacing(12)
        foot = QHBoxLayout()
        foot.addStretch()
        foot.addWidget(self._mode)
        column.addLayout(foot)
        column.addStretch(4)
        column.addLayout(self._legal())
        self._column = column
        return column

    def _legal(self) -> QLayout:
        terms = button(self._theme, "terms of use", "link")
        terms.setAccessibleName("Terms of use")
        terms.clicked.connect(self.terms_requested)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(label("By starting you accept the", "small", "text-3"))
        row.addWidget(terms)
        row.addStretch()
        row.addWidget(label(f"Version {__version__}", "small", "text-3"))
        return row

    def _measure(self) -> None:
        px = self._theme.px
        self._mode.setText("Dark" if self._theme.dark else "Light")
        self._mode.set_icon("moon" if self._theme.dark else "sun")
        wide = self.width() >= px(BRAND_FROM)
        self._brand.setVisible(wide)
        # The panel gives way before the words beside it have to.
        brand = min(px(BRAND_WIDTH), self.width() // 3) if wide else 0
        self._brand.setFixedWidth(brand or px(BRAND_WIDTH))
        side = min(max((self.width() - brand - px(CONTENT_WIDTH)) // 2, px(24)), px(72))
        spare = max(self.width() - brand - px(CONTENT_WIDTH) - 2 * side, 0)
        self._column.setContentsMargins(side, px(24), side + spare, px(20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        self._measure()
