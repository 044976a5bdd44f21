"""Dialogs inside the window: a scrim that takes all clicks and a panel in the middle.

They are opened and awaited (`ui_tasks.show`), never `exec()`-ed.
"""

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from morpheus_desktop.regions import reading_order
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import icon_button, label, rule
from morpheus_desktop.widgets.shadow import Shadow

# Between the panel and the edges of the window.
MARGIN = 24
RESIZE = QEvent.Type.Resize


class Overlay(QWidget):
    """A panel over the whole window `over`.

    Signals:
        finished: QDialog.DialogCode, once, when it was answered or closed.

    Put content into `body`, buttons into `footer` (the primary one last). Set `closable` to False
    while it must not be left.
    """

    finished = Signal(int)

    def __init__(
        self,
        theme: Theme,
        over: QWidget,
        title: str,
        *,
        subtitle: str = "",
        width: int = 512,
        bare: bool = False,
    ) -> None:
        """`bare` leaves head and footer out; `width` is in pixels at 100 %."""
        super().__init__(over)
        self.theme = theme
        self.closable = True
        self._over = over
        self._width = width
        self._returns_to: QWidget | None = None
        self._open = False
        self._shadow = Shadow(theme, "dialog", theme.radius("dialog"))
        self._close: QWidget | None = None
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.panel = QFrame(self)
        self.panel.setObjectName("dialog")
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        self.footer = QHBoxLayout()
        self.footer.setSpacing(8)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if bare:
            column.addLayout(self.body, 1)
        else:
            self._frame(column, title, subtitle)
        over.installEventFilter(self)
        self.panel.installEventFilter(self)
        theme.changed.connect(self._restyle)
        self.hide()

    def _frame(self, column: QVBoxLayout, title: str, subtitle: str) -> None:
        px = self.theme.px
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "heading", wrap=True))
        if subtitle:
            words.addWidget(label(subtitle, "small", "text-3", wrap=True))
        close = icon_button(self.theme, "x", "Close")
        close.clicked.connect(self.reject)
        self._close = close
        head = QHBoxLayout()
        head.setContentsMargins(px(24), px(14), px(16), px(14))
        head.addLayout(words, 1)
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(head)
        column.addWidget(rule())
        self.body.setContentsMargins(px(24), px(20), px(24), px(20))
        column.addLayout(self.body, 1)
        column.addWidget(rule())
        self.footer.setContentsMargins(px(24), px(15), px(24), px(16))
        self.footer.addStretch()
        column.addLayout(self.footer)

    def open(self) -> None:
        """Show the panel; the focus goes into it and later back to where it was."""
        self._open = True
        self._returns_to = self.window().focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.refit()  # only what is shown has its fonts
        first = self.first_focus()
        (first or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def first_focus(self) -> QWidget | None:
        """What has the focus at first; by default the first field or button of the body."""
        widgets = [widget for widget in self._stops() if widget is not self._close]
        return widgets[0] if widgets else self._close

    def refit(self) -> None:
        """Take the height that the content needs now, after something in it came or went."""
        for area in self.panel.findChildren(QScrollArea):
            inside = area.widget()
            # What changed deep inside tells its parents with later events only.
            for each in [inside, *inside.findChildren(QWidget)][::-1] if inside is not None else []:
                if (layout := each.layout()) is not None:
                    layout.activate()
            area.updateGeometry()
        self._restyle()

    def accept(self) -> None:
        """Answer yes."""
        self._finish(QDialog.DialogCode.Accepted)

    def reject(self) -> None:
        """Close without an answer."""
        if self.closable:
            self._finish(QDialog.DialogCode.Rejected)

    def close(self) -> bool:
        """Close without an answer, whatever goes on; does nothing when it is closed."""
        self._finish(QDialog.DialogCode.Rejected)
        return True

    def _finish(self, code: QDialog.DialogCode) -> None:
        if not self._open:
            return
        self._open = False
        self.hide()
        if self._returns_to is not None and isValid(self._returns_to):
            self._returns_to.setFocus(Qt.FocusReason.OtherFocusReason)
        self.finished.emit(int(code))

    def _restyle(self) -> None:
        if self._open:
            self._place()
            self.update()

    def _place(self) -> None:
        over = self._over
        self.setGeometry(over.rect())
        width = min(self.theme.px(self._width), over.width() - 2 * MARGIN)
        self.panel.setFixedWidth(width)
        column = self.panel.layout()
        assert column is not None
        column.activate()
        # adjustSize() would not ask wrapped text how high it is at this width.
        wrapped = column.hasHeightForWidth()
        wanted = column.totalHeightForWidth(width) if wrapped else column.totalSizeHint().height()
        self.panel.resize(width, min(wanted, over.height() - 2 * MARGIN))
        self.panel.move((self.width() - self.panel.width()) // 2, self.panel_top())
        self.update()

    def panel_top(self) -> int:
        """Where the panel begins: in the middle."""
        return max((self.height() - self.panel.height()) // 2, MARGIN)

    @property
    def foot(self) -> QRect:
        """Where its buttons are in the window; empty when it has none."""
        return self.footer.geometry().translated(self.panel.pos())

    def _stops(self) -> list[QWidget]:
        """What Tab reaches inside the panel, in the order of Tab."""
        return reading_order(self.panel)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window whatever its size, and be as high as what is inside."""
        inside = watched is self.panel and event.type() == QEvent.Type.LayoutRequest
        if self._open and (inside or (watched is self._over and event.type() == RESIZE)):
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """The scrim, and the shadow of the panel on it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.scrim)
        self._shadow.paint(painter, self.panel.geometry())
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.reject()
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, next_one: bool) -> bool:
        """Tab goes round inside the panel."""
        stops = self._stops()
        if not stops:
            return True
        current = self.window().focusWidget()
        step = 1 if next_one else -1
        at = stops.index(current) if current in stops else -1 if next_one else 0
        stops[(at + step) % len(stops)].setFocus(
            Qt.FocusReason.TabFocusReason if next_one else Qt.FocusReason.BacktabFocusReason
        )
        return True

    def event(self, event: QEvent) -> bool:
        """Clicks on the scrim end here."""
        if event.type() in (
            QEvent.Type.MouseButtonPress,
            QEvent.Type.MouseButtonDblClick,
            QEvent.Type.Wheel,
        ):
            event.accept()
            return True
        return super().event(event)
