"""How much may go into a session with the next provider when one fails, without asking again."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.check import CheckBox
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.wrap import Wrap
from router.errors import BadRequest
from router.units import WEI, exact, parse_amount

AMOUNT_WIDTH = 124
UNIT = "MOR"
CENT = WEI // 100


class StandbyChoice(QWidget):
    """A box to tick and an amount.

    Signals:
        chosen: MOR in wei, 0 for nothing; None while what is typed is no amount.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stake = 0
        self._suggested = ""
        self._check = CheckBox(theme, "If a provider fails, try the next up to")
        self._amount = LineEdit(theme, "The most for the next provider", hint=f"15 {UNIT}")
        self._about = label("", "small", "text-3", wrap=True)
        for each in (self._check, self._amount):
            each.setEnabled(False)
        line = QWidget()
        row = Wrap(line)
        row.addWidget(self._check)
        row.addWidget(self._amount)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(line)
        column.addWidget(self._about)
        self._check.toggled.connect(self._toggled)
        self._amount.textEdited.connect(self._tell)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._say("")

    def show_limit(self, limit: int | None, stake: int | None) -> None:
        """Show what is chosen; `stake` (wei) is what a suggestion is made of."""
        if stake is not None:
            self._stake = stake
            self._check.setEnabled(True)
        before = self._amount.text()
        if limit is None or self._amount.hasFocus():
            return
        if stake and self._check.isChecked() and before == self._suggested:
            self._suggest()  # it follows the stake until somebody types another
            if self._amount.text() != before:
                self._tell()
            return
        blocked = self._check.blockSignals(True)
        self._check.setChecked(limit > 0)
        self._amount.setEnabled(limit > 0)
        if limit and self._amount.text() != _words(limit):
            self._suggested = ""
            self._write(limit)
        self._check.blockSignals(blocked)

    def _toggled(self, on: bool) -> None:
        self._amount.setEnabled(on)
        if on and self._amount.text() in ("", self._suggested):
            self._suggest()
        self._tell()

    def _suggest(self) -> None:
        """A quarter more than this stake: the next may be dearer. Rounded up to a hundredth."""
        suggested = -(-self._stake * 5 // (4 * CENT)) * CENT
        self._write(suggested)
        self._suggested = self._amount.text()

    def _write(self, limit: int) -> None:
        self._amount.setText(_words(limit))
        self._amount.setCursorPosition(0)

    def _tell(self) -> None:
        try:
            typed = self._amount.text().strip().removesuffix(UNIT)
            wanted = parse_amount(typed) if self._check.isChecked() else 0
        except BadRequest as error:
            self._say(error.message)
            self.chosen.emit(None)
        else:
            self._say("")
            self.chosen.emit(wanted)

    def _say(self, problem: str) -> None:
        self._about.set_tone("danger" if problem else "text-3")
        self._about.setText(
            problem or "Holds for all sessions until you change it, here or in Settings."
        )

    def _restyle(self) -> None:
        self._amount.setFixedWidth(self._theme.px(AMOUNT_WIDTH))


def _words(limit: int) -> str:
    return f"{exact(limit)} {UNIT}"
