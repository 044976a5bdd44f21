"""A block of source code in its card: the language, a switch to wrap lines, and Copy."""

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.blocks import Code
from morpheus_desktop.chat.buttons import COPIED_MS, PaintedButton
from morpheus_desktop.chat.code_text import CodeText
from morpheus_desktop.theme import Theme
from router.untrusted import has_hidden, one_line

HEAD = 36
PAD_X = 12
PAD_Y = 10
RISE = 2  # Qt puts text lower into a high line than the design does


class CodeView(QWidget):
    """One code block. Without a head it continues the block above.

    Signals:
        link_clicked, copied: as of InertText.
        height_changed: lines were wrapped or unwrapped.
    """

    link_clicked = Signal(str, str)
    copied = Signal(bool)
    height_changed = Signal()

    def __init__(self, theme: Theme, code: Code, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._code = code
        self._name = ""
        self._whole: Callable[[], str] | None = None
        self._wrapped = False
        self._text = CodeText(theme, self)
        self._text.setAccessibleName("Code")
        self._text.copied.connect(self.copied)
        self._wrap = PaintedButton(theme, "wrap-text", "Wrap long lines", parent=self)
        self._wrap.setCheckable(True)
        self._wrap.toggled.connect(self._set_wrapped)
        self._copy = PaintedButton(theme, "copy", "Copy code", "Copy", self)
        self._copy.clicked.connect(self.copy)
        self._rested = QTimer(self)
        self._rested.setSingleShot(True)
        self._rested.setInterval(COPIED_MS)
        self._rested.timeout.connect(self._rest_copy)
        self._wrap.setVisible(not code.joined)
        self._copy.setVisible(not code.joined)
        self.set_code(code)

    def set_code(self, code: Code) -> None:
        """Show this code; a longer version of the same costs only its new part."""
        self._code = code
        self._name = one_line(code.language, 40) or "text"
        self._text.set_source(code.source, code.language)

    def set_whole(self, source: Callable[[], str]) -> None:
        """What Copy takes when the block goes on below in further pieces."""
        self._whole = source

    def copy(self) -> None:
        """Put the code on the clipboard exactly as it was written."""
        source = self._code.source if self._whole is None else self._whole()
        QGuiApplication.clipboard().setText(source)
        self._copy.setText("Copied")
        self._copy.set_icon("check", "accent-text")
        self._place_head(self.width())
        self._rested.start()
        self.copied.emit(has_hidden(source))

    def height_for(self, width: int) -> int:
        """Lay everything out in `width` pixels; the height."""
        px = self._theme.px
        inner = width - 2 * px(PAD_X)
        if self._wrapped:
            text = self._text.height_for(inner)
        else:
            text = round(self._text.document().size().height())
            if self._text.document().idealWidth() > inner:
                text += px(12)  # room for the scroll bar
        head = 0 if self._code.joined else px(HEAD)
        self._text.setGeometry(px(PAD_X), head + px(PAD_Y) - px(RISE), inner, text + px(RISE))
        self._place_head(width)
        return head + 2 * px(PAD_Y) + text

    def restyle(self) -> None:
        """Take the present fonts and colours."""
        self._text.restyle()

    def _rest_copy(self) -> None:
        self._copy.setText("Copy")
        self._copy.set_icon("copy")
        self._place_head(self.width())

    def _place_head(self, width: int) -> None:
        px = self._theme.px
        copy = self._copy.sizeHint().width()
        self._copy.setGeometry(width - copy - px(4), px(2), copy, px(32))
        self._wrap.setGeometry(width - copy - px(4) - px(34), px(2), px(32), px(32))

    def _set_wrapped(self, wrapped: bool) -> None:
        self._wrapped = wrapped
        if not wrapped:
            self._text.setLineWrapMode(CodeText.LineWrapMode.NoWrap)
        self.height_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        px, color = self._theme.px, self._theme.color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self._code.joined:
            box.setTop(-px(20))
        card = QPainterPath()
        card.addRoundedRect(box, px(8), px(8))
        painter.fillPath(card, color("bg-code"))
        if not self._code.joined:
            painter.setClipRect(0, 0, self.width(), px(HEAD))
            painter.fillPath(card, color("bg-surface"))
            painter.setPen(QPen(color("line-subtle")))
            painter.drawLine(0, px(HEAD) - 1, self.width(), px(HEAD) - 1)
            painter.setClipping(False)
            painter.setFont(self._theme.font("small"))
            painter.setPen(color("text-3"))
            painter.drawText(
                QRect(px(PAD_X), 0, max(0, self._wrap.x() - px(PAD_X)), px(HEAD)),
                Qt.AlignmentFlag.AlignVCenter,
                self._name,
            )
        painter.setPen(QPen(color("line")))
        painter.drawPath(card)
        painter.end()
