"""Inputs: a line with an icon, a number, and a field with its label and its problem below."""

from PySide6.QtCore import SIGNAL, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Picture, label, set_property

ICON, ICON_GAP, PADDING = 14, 8, 12
Input = QLineEdit | QSpinBox | QDoubleSpinBox | QComboBox | QPlainTextEdit


def is_enter(event: QKeyEvent) -> bool:
    """Whether a key is Enter alone, on either side of the keyboard; with Ctrl it is for the page."""
    alone = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    is_alone = alone == Qt.KeyboardModifier.NoModifier
    return is_alone and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LineEdit(QLineEdit):
    """One line of text; `icon` stands in front of it, `hint` in it while it is empty.

    `name` is what a screen reader calls it.
    """

    def __init__(self, theme: Theme, name: str, *, hint: str = "", icon: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._icon = icon
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.font("body"))
        room = self._theme.px(ICON + ICON_GAP) if self._icon else 0
        self.setTextMargins(room, 0, 0, 0)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter that did something ends here: it must not press what has got the focus by it."""
        super().keyPressEvent(event)
        if is_enter(event) and self.receivers(SIGNAL("returnPressed()")):
            event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the icon; an action of Qt would stand elsewhere."""
        super().paintEvent(event)
        if not self._icon:
            return
        pixmap = self._theme.pixmap(self._icon, ICON, "text-3")
        side = round(pixmap.deviceIndependentSize().width())
        at = QRect(self._theme.px(PADDING), (self.height() - side) // 2, side, side)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            at.moveRight(self.width() - 1 - self._theme.px(PADDING))
        painter = QPainter(self)
        painter.drawPixmap(at, pixmap)
        painter.end()


class NumberBox(QSpinBox):
    """A whole number in the figures of tables, with commas, at the right."""

    def __init__(self, theme: Theme, name: str, low: int, high: int, step: int = 1) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setGroupSeparatorShown(True)
        _as_number(self)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        _dress(self, self._theme)


class DecimalBox(QDoubleSpinBox):
    """A number with decimals, looking like NumberBox."""

    def __init__(
        self, theme: Theme, name: str, low: float, high: float, *, step: float, decimals: int
    ) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setSingleStep(step)
        _as_number(self)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        _dress(self, self._theme)


def _as_number(box: QSpinBox | QDoubleSpinBox) -> None:
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setKeyboardTracking(False)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


def _dress(box: QSpinBox | QDoubleSpinBox, theme: Theme) -> None:
    # The line inside takes neither font nor padding from a box that has a stylesheet.
    for part in (box, box.lineEdit()):
        part.setFont(theme.font("mono"))
    box.lineEdit().setTextMargins(theme.px(10), 0, theme.px(10), 0)


class Choice(QComboBox):
    """One of a few words, opened with a click, Space or Alt+Down.

    Signals:
        chosen: key of the choice the user took.

    Args:
        choices: (key, words) of each.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, name: str, choices: list[tuple[str, str]]) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(lambda at: self.chosen.emit(self.itemData(at)))
        theme.changed.connect(self.update)
        self.set_choices(choices)

    def set_choices(self, choices: list[tuple[str, str]]) -> None:
        """Offer other words; what was chosen stays chosen if it is among them."""
        before = self.current
        self.clear()
        for key, words in choices:
            self.addItem(words, key)
        self.choose(before)

    def choose(self, key: str) -> None:
        """Show a choice as chosen, without telling anybody; an unknown one shows the first."""
        self.setCurrentIndex(max(self.findData(key), 0))

    @property
    def current(self) -> str:
        """The key of what is chosen, or empty."""
        return self.currentData() or ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the arrow, which a stylesheet could only take from a file of one colour."""
        super().paintEvent(event)
        token = "text-3" if self.isEnabled() else "text-disabled"
        pixmap = self._theme.pixmap("chevron-down", 14, token)
        side = round(pixmap.deviceIndependentSize().width())
        at = QRect(0, (self.height() - side) // 2, side, side)
        at.moveRight(self.width() - self._theme.px(10))
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            at.moveLeft(self._theme.px(10))
        painter = QPainter(self)
        painter.drawPixmap(at, pixmap)
        painter.end()


class Field(QWidget):
    """An input with its label above and, when something is wrong with it, the reason below."""

    def __init__(self, theme: Theme, title: str, inside: Input, *, hint: str = "") -> None:
        super().__init__()
        self.input = inside
        if isinstance(inside, QPlainTextEdit):
            inside.setProperty("field", "true")
        self._title = label(title, "label", "text-2")
        self._title.setBuddy(inside)
        if not inside.accessibleName():
            inside.setAccessibleName(title)
        self._hint = label(hint, "small", "text-3", wrap=True)
        self._hint.setVisible(bool(hint))
        self._icon = Picture(theme, "circle-x", 14, "danger")
        self._problem = label("", "small", "danger", wrap=True)
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._icon.setContentsMargins(0, 1, 0, 0)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._problem, 1)
        column = QVBoxLayout(self)
        # Room for the focus ring.
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(inside)
        column.addWidget(self._row)
        column.addWidget(self._hint)
        self.setFocusProxy(inside)
        self.set_problem("")

    @property
    def problem(self) -> str:
        """What is wrong, or empty."""
        return self._problem.text()

    def set_problem(self, text: str) -> None:
        """Say what is wrong and how it would be right; with "" nothing is."""
        self._problem.setText(text)
        self._row.setVisible(bool(text))
        self._hint.setVisible(not text and bool(self._hint.text()))
        set_property(self.input, "problem", "true" if text else "false")
        self.input.setAccessibleDescription(text or self._hint.text())
