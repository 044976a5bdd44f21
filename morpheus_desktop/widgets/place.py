"""A place of MOR: the bar of all four, and one of them in words and figures."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import Place
from morpheus_desktop.widgets.amount_label import AmountLabel
from morpheus_desktop.widgets.bar import Bar, Key, Part
from morpheus_desktop.widgets.basic import label


def beside(places: Sequence[QWidget], gap: int) -> QWidget:
    """Places that share the width."""
    whole = QWidget()
    line = QHBoxLayout(whole)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(gap)
    for place in places:
        line.addWidget(place, 1)
    return whole


class PlacesBar(Bar):
    """How much of it all is where."""

    def __init__(self, theme: Theme, amounts: Amounts) -> None:
        super().__init__(theme, "Where your MOR is", height=12)
        self._amounts = amounts

    def show_places(self, places: Sequence[Place], total: int | None) -> None:
        """Show these; what is not known takes no part."""
        self.set_parts(
            [
                Part(
                    place.wei / total if place.wei and total else 0.0,
                    place.token,
                    f"{place.name}: {self._amounts.tip(place.wei, 'MOR')}",
                    place.hatched,
                )
                for place in places
            ]
        )


class PlaceEntry(QWidget):
    """One place.

    Attributes:
        head, line: what stands at the top, and beside the figure; buttons can be added.
    """

    def __init__(
        self,
        theme: Theme,
        amounts: Amounts,
        place: Place,
        style: str = "small",
        *,
        wrap: bool = False,
    ) -> None:
        """`wrap`: a note that is too long takes a second line, and is not cut."""
        super().__init__()
        self._amount = AmountLabel(amounts, "figure", "small")
        self._note = label("", "small", "text-3", cut=not wrap, wrap=wrap)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.head.addWidget(Key(theme, place.token, hatched=place.hatched))
        self.head.addWidget(label(place.name, style, "text-2", cut=True), 1)
        self.line = QHBoxLayout()
        self.line.addWidget(self._amount)
        self.line.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.head)
        column.addLayout(self.line)
        column.addWidget(self._note)

    def show_place(self, place: Place, block: int | None, note: str) -> None:
        """Show how much is there."""
        self._amount.set_amount(place.wei, "MOR", block, rounded=place.shown)
        self._note.setText(note)
