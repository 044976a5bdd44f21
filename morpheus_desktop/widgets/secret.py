"""Inputs for secrets: no undo history, no dragging out, wiped when they are no longer needed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import icon_button
from morpheus_desktop.widgets.field import Field, LineEdit
from morpheus_desktop.widgets.text_box import TextBox

HINTS = (
    Qt.InputMethodHint.ImhSensitiveData
    | Qt.InputMethodHint.ImhNoPredictiveText
    | Qt.InputMethodHint.ImhNoAutoUppercase
)

LONGEST = 2_000  # characters of a few lines: a phrase has a tenth of that


class SecretLine(LineEdit):
    """One line; `hidden` shows dots."""

    def __init__(self, theme: Theme, name: str, *, hidden: bool = True, hint: str = "") -> None:
        super().__init__(theme, name, hint=hint)
        self.setInputMethodHints(HINTS)
        self.setDragEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.set_hidden(hidden=hidden)
        self.textEdited.connect(self._forget_history)

    def set_hidden(self, *, hidden: bool) -> None:
        """Show dots, or what was typed."""
        mode = QLineEdit.EchoMode.Password if hidden else QLineEdit.EchoMode.Normal
        self.setEchoMode(mode)

    def wipe(self) -> None:
        """Forget what was typed, also for undo."""
        self.setText("")

    def _forget_history(self, text: str) -> None:
        """Only setText empties the history of a line."""
        at = self.cursorPosition()
        self.blockSignals(True)
        self.setText(text)
        self.blockSignals(False)
        self.setCursorPosition(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing is undone, and nothing leaves by the clipboard while it is hidden."""
        if event.matches(QKeySequence.StandardKey.Undo) or event.matches(
            QKeySequence.StandardKey.Redo
        ):
            event.accept()
            return
        super().keyPressEvent(event)


class SecretText(TextBox):
    """A few lines; Tab leaves it."""

    def __init__(self, theme: Theme, name: str, hint: str, lines: int) -> None:
        super().__init__(most=LONGEST, hint="Check what was copied.")
        self._theme = theme
        self._line_count = lines
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setInputMethodHints(HINTS)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        theme.changed.connect(self._restyle)
        self._restyle()

    def wipe(self) -> None:
        """Forget what was typed."""
        self.setPlainText("")

    def _restyle(self) -> None:
        self.setFont(self._theme.font("mono"))
        height = self._line_count * self._theme.line_height("mono") + self._theme.px(22)
        self.setFixedHeight(height)


class PasswordField(QWidget):
    """A password with its label, its problem below, and an eye to see it by."""

    def __init__(self, theme: Theme, title: str, hint: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.line = SecretLine(theme, title)
        self.field = Field(theme, title, self.line, hint=hint)
        self._eye = icon_button(theme, "eye", f"Show: {title}", checkable=True)
        self._eye.toggled.connect(self._show)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        self._beside = QVBoxLayout()
        self._beside.addWidget(self._eye)
        self._beside.addStretch()
        row.addLayout(self._beside)
        self.setFocusProxy(self.line)
        theme.changed.connect(self._measure)
        self._measure()

    @property
    def text(self) -> str:
        """What was typed."""
        return self.line.text()

    def set_problem(self, text: str) -> None:
        """Say what is wrong with it."""
        self.field.set_problem(text)

    def wipe(self) -> None:
        """Forget what was typed and hide what comes next."""
        self._eye.setChecked(False)
        self.line.wipe()

    def _measure(self) -> None:
        """The eye stands beside the line, below the height of its label."""
        self._beside.setContentsMargins(0, self._theme.line_height("label") + 6, 0, 0)

    def _show(self, shown: bool) -> None:
        self.line.set_hidden(hidden=not shown)
        self._eye.set_icon("eye-off" if shown else "eye")
