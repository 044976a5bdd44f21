"""What a model thought before it answered: one line, folded; open, the text itself."""

from time import perf_counter

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from morpheus_desktop.chat.body import Body
from morpheus_desktop.chat.spinner import paint_spinner
from morpheus_desktop.format import short_time
from morpheus_desktop.theme import Theme

HEAD = 32
PAD = 12
TURN_MS = 100
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class _Head(QAbstractButton):
    """The line that folds and unfolds."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title = self.note = ""
        self.thinking = False
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def natural_width(self) -> int:
        """The width of icon and words."""
        px, font = self._theme.px, self._theme.font
        words = QFontMetrics(font("small")).horizontalAdvance(self.title)
        note = QFontMetrics(font("caption")).horizontalAdvance(self.note)
        return px(54) + words + (px(9) + note if self.note else 0) + px(12)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bg-hover"))
            painter.drawRoundedRect(box, px(8), px(8))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRoundedRect(box, px(8), px(8))
        arrow = theme.pixmap("chevron-down" if self.isChecked() else "chevron-right", 12, "text-3")
        middle = self.height() // 2
        painter.drawPixmap(px(12), middle - px(6), arrow)
        if self.thinking:
            paint_spinner(painter, theme, QRect(px(33), 0, px(14), self.height()))
        else:
            painter.drawPixmap(px(33), middle - px(7), theme.pixmap("brain", 14, "violet"))
        x = px(54)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text-2"))
        painter.drawText(self.rect().adjusted(x, 0, 0, 0), _LEFT, self.title)
        x += QFontMetrics(painter.font()).horizontalAdvance(self.title) + px(9)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text-3"))
        painter.drawText(self.rect().adjusted(x, 0, -px(8), 0), _LEFT, self.note)


class Reasoning(QWidget):
    """The folded block. Signals as of Body; `height_changed` also when it is unfolded."""

    link_clicked = Signal(str, str)
    copied = Signal(bool)
    height_changed = Signal()

    def __init__(self, theme: Theme, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width = width
        self._text = ""
        self._body: Body | None = None
        self._since = perf_counter()
        self._head = _Head(theme, self)
        self._head.toggled.connect(self._toggle)
        self._turn = QTimer(self)
        self._turn.setInterval(TURN_MS)
        self._turn.timeout.connect(self._tick)

    @property
    def unfolded(self) -> bool:
        """Whether the text is shown."""
        return self._head.isChecked()

    def unfold(self, *, shown: bool) -> None:
        """Show or hide the text."""
        self._head.setChecked(shown)

    def append(self, text: str) -> None:
        """More thoughts."""
        self._text += text
        if self._body is not None:
            self._body.append(text)

    def set_thinking(self) -> None:
        """Thoughts are coming in: a spinner and the time so far."""
        if not self._head.thinking:
            self._head.thinking = True
            self._since = perf_counter()
            self._turn.start()
        self._tick()

    def set_done(self, title: str, note: str) -> None:
        """The last thought is in; `title` says how long it took."""
        self._turn.stop()
        self._head.thinking = False
        self._say(title, note)
        if self._body is not None:
            self._body.finish()

    def live_title(self) -> tuple[str, str]:
        """What to say between the last thought and the end of the answer."""
        return f"Thought for {short_time(perf_counter() - self._since)}", ""

    @property
    def content_height(self) -> int:
        """The height for the present width."""
        px = self._theme.px
        body = self._body.content_height + px(PAD) if self.unfolded and self._body else 0
        return px(HEAD) + body

    def set_width(self, width: int) -> None:
        """Lay out for another width."""
        self._width = width
        if self._body is not None:
            self._body.set_width(width - 2 * self._theme.px(PAD))
        self._place()

    def restyle(self) -> None:
        """Take the present fonts and colours."""
        if self._body is not None:
            self._body.restyle()
        self._place()

    def show_range(self, top: int, bottom: int, deadline: float) -> bool:
        """As of Body."""
        if self._body is None or not self.unfolded:
            return True
        head = self._theme.px(HEAD)
        done = self._body.show_range(top - head, bottom - head, deadline)
        self._place()
        return done

    def _toggle(self, shown: bool) -> None:
        if shown and self._body is None:
            self._body = Body(self._theme, self._width - 2 * self._theme.px(PAD), parent=self)
            self._body.link_clicked.connect(self.link_clicked)
            self._body.copied.connect(self.copied)
            self._body.height_changed.connect(self._grown)
            self._body.append(self._text)
            if not self._head.thinking:
                self._body.finish()
        if self._body is not None:
            self._body.setVisible(shown)
        self._grown()

    def _grown(self) -> None:
        self._place()
        self.height_changed.emit()

    def _place(self) -> None:
        px = self._theme.px
        natural = min(self._head.natural_width, self._width)
        width = self._width if self.unfolded else natural
        self._head.setGeometry(0, 0, width, px(HEAD))
        if self._body is not None:
            self._body.setGeometry(
                px(PAD), px(HEAD), self._width - 2 * px(PAD), self._body.content_height
            )
        self.resize(width, self.content_height)

    def _tick(self) -> None:
        if self._head.thinking:
            self._say(f"Thinking… {perf_counter() - self._since:.0f} s", "")

    def _say(self, title: str, note: str) -> None:
        if (title, note) != (self._head.title, self._head.note):
            self._head.title, self._head.note = title, note
            self._head.setAccessibleName(f"{title} {note}".strip())
            self._place()
        self._head.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("line-subtle"))
        painter.setBrush(self._theme.color("bg-surface"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, self._theme.px(8), self._theme.px(8))
