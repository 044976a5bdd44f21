"""Dialogs inside the window: a scrim that takes all clicks and a panel in the middle.

They are opened and awaited (`ui_tasks.show`), never `exec()`-ed.
"""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import icon_button, label, rule


class Overlay(QWidget):
    """A panel over the whole window `over`.

    Signals:
        finished: QDialog.DialogCode, once, when it was answered or closed.

    Put content into `body`, buttons into `footer` (the primary one last).
    """

    finished = Signal(int)

    def __init__(
        self, theme: Theme, over: QWidget, title: str, *, width: int = 512, bare: bool = False
    ) -> None:
        super().__init__(over)
        self._over = over
        self.theme = theme
        self._returns_to: QWidget | None = None
        self._open = False
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.panel = QFrame(self)
        self.panel.setObjectName("dialog")
        self._width = width
        shadow = QGraphicsDropShadowEffect(self.panel)
        shadow.setBlurRadius(40)
        shadow.setOffset(0, 16)
        shadow.setColor(QColor(0, 0, 0, 115 if theme.dark else 46))
        self.panel.setGraphicsEffect(shadow)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        self.footer = QHBoxLayout()
        self.footer.setSpacing(8)
        if not bare:
            column.addWidget(self._head(title))
            column.addWidget(rule())
            self.body.setContentsMargins(24, 20, 24, 20)
        column.addLayout(self.body, 1)
        if not bare:
            foot = QWidget()
            foot.setLayout(self.footer)
            self.footer.setContentsMargins(24, 16, 24, 16)
            self.footer.addStretch()
            column.addWidget(rule())
            column.addWidget(foot)
        over.installEventFilter(self)
        self.hide()

    def _head(self, title: str) -> QWidget:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(24, 12, 12, 12)
        row.addWidget(label(title, "heading"), 1)
        close = icon_button(self.theme, "x", "Close")
        close.clicked.connect(self.reject)
        row.addWidget(close)
        return head

    def open(self) -> None:
        """Show the panel; the focus goes into it and later back to where it was."""
        self._open = True
        self._returns_to = self.window().focusWidget()
        self._place()
        self.show()
        self.raise_()
        first = self.first_focus()
        (first or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def first_focus(self) -> QWidget | None:
        """What has the focus at first; by default the first field or button of the body."""
        for widget in self.panel.findChildren(QWidget):
            policy = widget.focusPolicy()
            if (
                policy & Qt.FocusPolicy.TabFocus
                and widget.isEnabled()
                and widget.toolTip() != "Close"
            ):
                return widget
        return None

    def accept(self) -> None:
        """Answer yes."""
        self._finish(QDialog.DialogCode.Accepted)

    def reject(self) -> None:
        """Close without an answer."""
        self._finish(QDialog.DialogCode.Rejected)

    def close(self) -> bool:
        """Close without an answer; does nothing when it is closed."""
        self.reject()
        return True

    def _finish(self, code: QDialog.DialogCode) -> None:
        if not self._open:
            return
        self._open = False
        self.hide()
        if self._returns_to is not None:
            self._returns_to.setFocus(Qt.FocusReason.OtherFocusReason)
        self.finished.emit(int(code))

    def _place(self) -> None:
        over = self._over
        self.setGeometry(over.rect())
        width = min(self.theme.px(self._width), over.width() - 48)
        self.panel.setFixedWidth(width)
        column = self.panel.layout()
        assert column is not None
        column.activate()
        # adjustSize() would not ask wrapped text how high it is at this width.
        wrapped = column.hasHeightForWidth()
        wanted = column.totalHeightForWidth(width) if wrapped else column.totalSizeHint().height()
        self.panel.resize(width, min(wanted, over.height() - 48))
        self.panel.move((self.width() - self.panel.width()) // 2, self.panel_top())

    def panel_top(self) -> int:
        """Where the panel begins: in the middle."""
        return max((self.height() - self.panel.height()) // 2, 24)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window whatever its size."""
        if event.type() == QEvent.Type.Resize and self._open:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """The scrim."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.scrim)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.reject()
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, next_one: bool) -> bool:
        """Tab goes round inside the panel."""
        widgets = [
            widget
            for widget in self.panel.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and widget.isVisibleTo(self)
            and widget.isEnabled()
        ]
        if not widgets:
            return True
        current = self.window().focusWidget()
        at = widgets.index(current) if current in widgets else -1
        step = 1 if next_one else -1
        widgets[(at + step) % len(widgets)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def event(self, event: QEvent) -> bool:
        """Clicks on the scrim end here."""
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel):
            event.accept()
            return True
        return super().event(event)
