"""The composer: what is typed next, what goes with it, and Send or Stop."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.chat.prompt_edit import PromptEdit
from morpheus_desktop.chat.row_button import RowButton, without_mnemonic
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, icon_button, label, set_property
from morpheus_desktop.widgets.keycaps import KeyCaps
from morpheus_desktop.widgets.spinner import Ring
from morpheus_desktop.widgets.tip import set_tip

READY = "Ask anything. It stays on this computer."
REMOTE = "Ask anything. It goes to a provider of the network."
SEND = "Send"
SPACING, COMPACT_SPACING = 8, 2
WRITING = "Write a message. It will be sent when this answer ends."


@dataclass(frozen=True)
class Way:
    """Where questions go.

    Args:
        remote: to a provider of the network.
        offer: what is done in the place of sending, when that cannot be; typing is possible.
        reason: why nothing can be sent now, nor anything else be done here.
    """

    remote: bool = False
    offer: str = ""
    reason: str = ""


class StopSign(QWidget):
    """A filled square."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self) -> QSize:
        """As large as a small icon."""
        return QSize(self._theme.px(12), self._theme.px(12))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it in the middle."""
        side = self._theme.px(10)
        area = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("text"))
        painter.drawRoundedRect(area, 2, 2)
        painter.end()


class Composer(QFrame):
    """The box at the bottom of a chat.

    Signals:
        sent: the question is complete; read `text`.
        stopped: the answer being written is to stop.
        typed: the text changed.
        attach_asked, parameters_asked: buttons.
        files_offered: list of Path.
        detached: index of an attachment to leave out.
        recalled: the last question is to be edited.
        offered: what stands on the button in the place of Send.
        refused: a MorpheusError.
    """

    sent = Signal()
    stopped = Signal()
    typed = Signal(str)
    attach_asked = Signal()
    parameters_asked = Signal()
    files_offered = Signal(object)
    detached = Signal(int)
    recalled = Signal()
    offered = Signal()
    refused = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._writing = False
        self._way = Way()
        self.setObjectName("composer")
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(13, 11, 7, 7)  # with the frame one more
        column.setSpacing(SPACING)
        self._files = QHBoxLayout()
        self._files.setSpacing(8)
        self._files.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._files_row = QWidget()
        self._files_row.setLayout(self._files)
        self._files.setContentsMargins(0, 0, 0, 0)
        self._files_row.hide()
        self.edit = PromptEdit(theme)
        column.addWidget(self._files_row)
        column.addWidget(self.edit)
        column.addLayout(self._tools())
        self._connect()
        self.set_writing(writing=False)

    def _tools(self) -> QHBoxLayout:
        theme = self._theme
        row = QHBoxLayout()
        row.setSpacing(4)
        self._attach = icon_button(theme, "paperclip", "Attach text files")
        self._temperature = button(
            theme, "", "chip", icon="thermometer", tip="Temperature and more"
        )
        self._system = button(theme, "", "chip", tip="What the model is told before your question")
        self._ring = Ring(theme, 12)
        self._meter = label("", "caption", "text-3")
        self._send = button(theme, SEND, "primary", icon="arrow-up")
        stop = (StopSign(theme), label("Stop", "body_strong"), KeyCaps("Esc", theme))
        self._stop = RowButton(theme, "Stop the answer", *stop)
        set_tip(self._stop, "Stop the answer; what is written stays")
        for left in (self._attach, self._temperature, self._system):
            row.addWidget(left)
        row.addStretch()
        self._meter.setContentsMargins(4, 0, 8, 0)
        for right in (self._ring, self._meter, self._stop, self._send):
            row.addWidget(right)
        self._ring.hide()
        return row

    def _connect(self) -> None:
        self.edit.installEventFilter(self)
        self.edit.submitted.connect(self._submit)
        self.edit.escaped.connect(self._escape)
        self.edit.textChanged.connect(self._typed)
        self.edit.recalled.connect(self.recalled)
        self.edit.files_offered.connect(self.files_offered)
        self.edit.refused.connect(self.refused)
        self._attach.clicked.connect(self.attach_asked)
        self._temperature.clicked.connect(self.parameters_asked)
        self._system.clicked.connect(self.parameters_asked)
        self._send.clicked.connect(self._submit)
        self._stop.clicked.connect(self.stopped)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Replace what is typed; the cursor goes to its end."""
        if text != self.text:
            self.edit.setPlainText(text)
            cursor = self.edit.textCursor()
            cursor.movePosition(cursor.MoveOperation.End)
            self.edit.setTextCursor(cursor)

    def set_writing(self, *, writing: bool) -> None:
        """While an answer is being written, Send becomes Stop (Enter still queues a message)."""
        self._writing = writing
        self._stop.setVisible(writing)
        self._show_way()

    def set_way(self, way: Way) -> None:
        """Say where questions go."""
        if way != self._way:
            self._way = way
            self._show_way()

    def _show_way(self) -> None:
        ready = REMOTE if self._way.remote else READY
        self.edit.setPlaceholderText(WRITING if self._writing else ready)
        if self.edit.isVisible():
            self.edit.viewport().update()  # Qt paints a new one only with the next change
        self._send.setText(self._way.offer or SEND)
        self._send.set_icon("" if self._way.offer else "arrow-up")
        self._update_send()

    def set_compact(self, *, compact: bool) -> None:
        """Whether there is little room for it."""
        self.edit.set_compact(compact=compact)
        self._column.setSpacing(COMPACT_SPACING if compact else SPACING)

    def set_parameters(self, temperature: str, system_prompt: str) -> None:
        """Show what will be asked with."""
        self._temperature.setText(temperature)
        self._temperature.setAccessibleName(f"Temperature {temperature}, change parameters")
        shown = system_prompt if len(system_prompt) <= 24 else system_prompt[:23] + "…"
        self._system.setText(f"System prompt: {without_mnemonic(shown) or 'none'}")

    def set_meter(self, used: int, size: int) -> None:
        """Show how full the context is; a size of 0 hides it."""
        self._ring.setVisible(size > 0)
        self._meter.setVisible(size > 0)
        if size > 0:
            part = used / size
            tone = "danger" if part > 1 else "warn" if part > 0.9 else "accent"
            words = f"{fmt.count(used)} of {fmt.count(size)} tokens"
            self._ring.set_value(part, tone, words)
            self._meter.setText(words)
            set_tip(
                self._meter,
                "The oldest messages will be left out." if part > 1 else "Context used so far",
            )

    def set_attachments(self, names: Sequence[str]) -> None:
        """Show the files that go with the question; a click leaves one out."""
        while (item := self._files.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for index, name in enumerate(names):
            words = without_mnemonic(name)
            chip = button(self._theme, words, "chip", icon="x", tip=f"Leave out {name}")
            chip.clicked.connect(lambda _=False, index=index: self.detached.emit(index))
            self._files.addWidget(chip)
        self._files_row.setVisible(bool(names))
        self._update_send()

    def _submit(self) -> None:
        if self._way.offer:
            self.offered.emit()
        elif self._way.reason:
            return
        elif self.text.strip() or self._files_row.isVisibleTo(self):
            self.sent.emit()

    def _escape(self) -> None:
        if self._writing:
            self.stopped.emit()

    def _typed(self) -> None:
        self._update_send()
        self.typed.emit(self.text)

    def _update_send(self) -> None:
        way = self._way
        ready = bool(self.text.strip()) or self._files_row.isVisibleTo(self)
        self._send.setVisible(ready or not self._writing)
        self._send.setEnabled(bool(way.offer) or (ready and not way.reason))
        tip = "Send (Enter)" if ready else "Type a question first"
        set_tip(self._send, "Your text stays" if way.offer else way.reason or tip)

    # Qt overrides

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """All of the box is the place to type in."""
        self.edit.setFocus(Qt.FocusReason.MouseFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Mark the box while its text has the focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            inside = event.type() == QEvent.Type.FocusIn
            set_property(self, "focused", "true" if inside else "false")
        return False
