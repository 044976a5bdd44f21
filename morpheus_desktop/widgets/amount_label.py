"""An amount on the page: short, with all digits in the tooltip, or hidden."""

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.text import Label
from morpheus_desktop.widgets.tip import set_tip


class AmountLabel(QWidget):
    """A figure and its unit, which may be smaller."""

    def __init__(self, amounts: Amounts, style: str = "mono", unit_style: str = "") -> None:
        super().__init__()
        self._amounts = amounts
        self._shown: tuple[int | None, str, int | None, bool] = (None, "", None, False)
        self._rounded: int | None = None
        self._tone = "text"
        self._figure = label("", style)
        self._unit = label("", unit_style or style, "text-3")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._figure)
        row.addWidget(self._unit)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        amounts.changed.connect(self._show)

    @property
    def figure(self) -> Label:
        """The label with the digits."""
        return self._figure

    def set_amount(
        self,
        wei: int | None,
        unit: str,
        block: int | None = None,
        *,
        up: bool = False,
        rounded: int | None = None,
    ) -> None:
        """Show this; None is an em dash and never 0.

        Args:
            rounded: shown with all its digits in place of the amount, which the tooltip tells.
        """
        self._shown, self._rounded = (wei, unit, block, up), rounded
        self._show()

    def set_tone(self, tone: str) -> None:
        """Another colour of the figure, where it is known."""
        self._tone = tone
        self._show()

    def _show(self) -> None:
        wei, unit, block, up = self._shown
        rounded = self._rounded
        self._figure.setText(
            self._amounts.text(wei, up=up) if rounded is None else self._amounts.exact(rounded)
        )
        self._figure.set_tone("text-3" if wei is None else self._tone)
        self._unit.setText(unit)
        set_tip(self, self._amounts.tip(wei, unit, block))
        self.setAccessibleName(self._amounts.spoken(wei, unit))
