"""Short messages at the bottom right: at most three, gone after a while, never while read."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Picture, button, icon_button, label

MOST = 3
WIDTH = 402
TICK_MS = 250


@dataclass(frozen=True)
class ToastText:
    """What a toast says and offers.

    Args:
        action: words on its button, or empty.
        run: what the button does.
        expired: called when it went away without the button.
        undo: the button counts down and the toast stays longer.
    """

    text: str
    icon: str = "circle-check"
    tone: str = "accent-text"
    action: str = ""
    run: Callable[[], None] | None = None
    expired: Callable[[], None] | None = None
    undo: bool = False


class Toast(QFrame):
    """One message; its time stands still while the pointer or the focus is on it."""

    def __init__(self, theme: Theme, words: ToastText, remove: Callable[["Toast"], None]) -> None:
        super().__init__()
        self._words = words
        self._remove = remove
        self._left_s = theme.motion("undo" if words.undo else "toast") / 1000
        self._seen = time.monotonic()
        self._hovered = False
        self.setObjectName("toast")
        self.setFixedWidth(theme.px(WIDTH))
        self.setMinimumHeight(theme.px(52))
        self.setAccessibleName(words.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(Picture(theme, words.icon, 16, words.tone))
        row.addWidget(label(words.text, wrap=True), 1)
        self._action = button(theme, words.action, "ghost", icon="undo-2" if words.undo else "")
        self._action.setVisible(bool(words.action))
        self._action.clicked.connect(self._act)
        row.addWidget(self._action)
        close = icon_button(theme, "x", "Dismiss")
        close.clicked.connect(self.expire)
        row.addWidget(close)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self._tick()

    def expire(self) -> None:
        """Go away without having been acted on."""
        self._leave(self._words.expired)

    def _act(self) -> None:
        self._leave(self._words.run)

    def _leave(self, then: Callable[[], None] | None) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._remove(self)
            if then is not None:
                then()

    def _tick(self) -> None:
        now = time.monotonic()
        if not (self._hovered or self._action.hasFocus()):
            self._left_s -= now - self._seen
        self._seen = now
        if self._words.undo:
            self._action.setText(f"{self._words.action} {fmt.duration(self._left_s)}")
        if self._left_s <= 0:
            self.expire()

    # Qt overrides

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait while it is being read."""
        self._hovered = True
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go on."""
        self._hovered = False
        super().leaveEvent(event)


class ToastStack(QWidget):
    """The messages over the bottom right corner of `over`; the newest is lowest."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._theme = theme
        self._toasts: list[Toast] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.setAlignment(Qt.AlignmentFlag.AlignBottom)
        over.installEventFilter(self)
        self.hide()

    def show_toast(self, words: ToastText) -> None:
        """Show a message; the oldest makes room."""
        while len(self._toasts) >= MOST:
            self._toasts[0].expire()
        toast = Toast(self._theme, words, self._removed)
        self._toasts.append(toast)
        self._column.addWidget(toast)
        self.show()
        self.raise_()
        self._place()

    @property
    def texts(self) -> list[str]:
        """What is being said, oldest first."""
        return [toast.accessibleName() for toast in self._toasts]

    def expire_all(self) -> None:
        """Take every message away as if its time were over."""
        for toast in tuple(self._toasts):
            toast.expire()

    def _removed(self, toast: Toast) -> None:
        self._toasts.remove(toast)
        self._column.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self.setVisible(bool(self._toasts))
        self._place()

    def _place(self) -> None:
        over = self._over
        self.adjustSize()
        margin = self._theme.px(16)
        self.move(
            over.width() - self.width() - margin,
            over.height() - self.height() - margin - self._theme.px(28),
        )

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False
