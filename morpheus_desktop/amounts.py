"""Amounts of money as every page shows them, or hides them (Ctrl+Shift+H).

Whoever shows an amount asks here, also for its tooltip, and listens to `changed`.
"""

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.prefs import Prefs

HIDDEN = "••••"
HIDDEN_TIP = "Amounts are hidden"


class Amounts(QObject):
    """Shows or hides; kept between starts.

    Signals:
        changed: show everything anew.
    """

    changed = Signal()

    def __init__(self, prefs: Prefs) -> None:
        super().__init__()
        self._prefs = prefs

    @property
    def hidden(self) -> bool:
        """Whether no amount is shown."""
        return self._prefs.amounts_hidden

    def toggle(self) -> None:
        """Hide, or show again."""
        self._prefs.amounts_hidden = not self._prefs.amounts_hidden
        self.changed.emit()

    def text(self, wei: int | None, unit: str = "", *, up: bool = False) -> str:
        """An amount as `format.amount` writes it."""
        return f"{HIDDEN}\u00a0{unit}".strip() if self.hidden else fmt.amount(wei, unit, up=up)

    def exact(self, wei: int, unit: str = "") -> str:
        """All its digits."""
        if self.hidden:
            return self.text(wei, unit)
        return fmt.grouped(wei) + (f"\u00a0{unit}" if unit else "")

    def movement(self, wei: int, unit: str) -> str:
        """What came or went."""
        return f"{HIDDEN}\u00a0{unit}" if self.hidden else fmt.movement(wei, unit)

    def tip(self, wei: int | None, unit: str, block: int | None = None) -> str:
        """The tooltip with all digits."""
        return HIDDEN_TIP if self.hidden else fmt.amount_tip(wei, unit, block)

    def spoken(self, wei: int | None, unit: str) -> str:
        """As it is read aloud."""
        return f"hidden {unit}" if self.hidden else fmt.spoken_amount(wei, unit)
