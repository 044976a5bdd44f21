"""Where a question is changed: Enter sends it again, Shift+Enter breaks the line, Esc gives up."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.text_box import TextBox

ROWS = 12  # at most, then it scrolls
LINE = 20
ROOM = 24  # padding, border and margin of the field
BUTTONS = 40


class _Field(TextBox):
    """The text itself."""

    entered = Signal()
    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class EditBox(QWidget):
    """The editor with its two buttons.

    Signals:
        sent: the new text, never empty.
        given_up: keep the question as it is.
        height_changed: lines came or went.
    """

    sent = Signal(str)
    given_up = Signal()
    height_changed = Signal()

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._field = _Field(self)
        self._field.setProperty("field", "true")
        self._field.setTabChangesFocus(True)
        self._field.setFont(theme.font("body"))
        self._field.setPlainText(text)
        self._field.moveCursor(QTextCursor.MoveOperation.End)
        self._field.setAccessibleName("Edit your message")
        self._field.entered.connect(self._send)
        self._field.escaped.connect(self.given_up)
        self._field.textChanged.connect(self._changed)
        self._cancel = button(theme, "Cancel", "ghost")
        self._cancel.setParent(self)
        self._cancel.clicked.connect(self.given_up)
        self._again = button(theme, "Send again", "primary")
        self._again.setParent(self)
        self._again.clicked.connect(self._send)
        self._problem = label("", "small", "danger", cut=True)
        self._problem.setParent(self)
        self._field.refused.connect(lambda error: self._problem.setText(error.message))
        self._rows = self._count_rows()

    def height_for(self, width: int) -> int:
        """Lay out in `width` pixels; the height."""
        px = self._theme.px
        height = px(LINE) * min(self._rows, ROWS) + px(ROOM)
        self._field.setGeometry(0, 0, width, height)
        x = width
        for part in (self._again, self._cancel):
            size = part.sizeHint()
            x -= size.width()
            part.setGeometry(x, height + px(8), size.width(), px(32))
            x -= px(8)
        self._problem.setGeometry(0, height + px(8), max(x, 0), px(32))
        return height + px(BUTTONS)

    def setFocus(self) -> None:  # type: ignore[override]
        """Into the text."""
        self._field.setFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._field.setFocus()

    def _count_rows(self) -> int:
        return max(1, round(self._field.document().size().height()))

    def _changed(self) -> None:
        self._problem.setText("")
        self._again.setEnabled(bool(self._field.toPlainText().strip()))
        rows = self._count_rows()
        if rows != self._rows:
            self._rows = rows
            self.height_changed.emit()

    def _send(self) -> None:
        if text := self._field.toPlainText().strip():
            self.sent.emit(text)
