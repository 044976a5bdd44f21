"""The small buttons inside messages, painted by ourselves: there may be hundreds near the window."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.tip import set_tip

SIZE = 32  # the smallest target
GAP = 6
COPIED_MS = 1_500


class PaintedButton(QAbstractButton):
    """An icon, with a word beside it or without; transparent until the mouse is over it."""

    def __init__(
        self, theme: Theme, icon: str, tip: str, text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._token = ""
        self.setText(text)
        set_tip(self, tip if not text else "")
        self.setAccessibleName(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_icon(self, icon: str, token: str = "") -> None:
        """Another icon; `token` fixes its colour."""
        self._icon, self._token = icon, token
        self.update()

    def sizeHint(self) -> QSize:
        px = self._theme.px
        if not self.text():
            return QSize(px(SIZE), px(SIZE))
        width = QFontMetrics(self._theme.font("small")).horizontalAdvance(self.text())
        icon = px(14 + GAP) if self._icon else 0
        return QSize(width + icon + 2 * px(8), px(SIZE))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        active = self.isDown() or self.isChecked()
        if self.isEnabled() and (active or self.underMouse()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("bg-active" if active else "bg-hover"))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 6, 6)
        token = self._colour()
        box = self.rect()
        if self.text():
            box = QRect(px(8), 0, px(14), self.height())
        if self._icon:
            pixmap = theme.pixmap(self._icon, 14, self._token or token)
            size = pixmap.deviceIndependentSize()
            painter.drawPixmap(
                round(box.x() + (box.width() - size.width()) / 2),
                round((self.height() - size.height()) / 2),
                pixmap,
            )
        if self.text():
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color(token))
            left = px(8) + (px(14 + GAP) if self._icon else 0)
            painter.drawText(
                self.rect().adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text()
            )

    def _colour(self) -> str:
        if not self.isEnabled():
            return "text-disabled"
        if self.underMouse() or self.isChecked():
            return "text"
        return "text-2" if self.text() else "text-3"


class CopyButton(PaintedButton):
    """Says for a moment that something was copied."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "copy", "Copy", parent=parent)
        self._rest = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._rest.timeout.connect(lambda: self.set_icon("copy"))
        self.clicked.connect(self._tell)

    def _tell(self) -> None:
        self.set_icon("check", "accent-text")
        self._rest.start()
