"""Short messages at the lower right: at most three, gone after a while, never while read."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Picture, button, icon_button, label
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.shadow import Shadow

MOST = 3
WIDTH, HEIGHT = 402, 52
AWAY = 16
# Around each message, for its shadow.
ROOM = 24
TICK_MS = 250
MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


@dataclass(frozen=True)
class ToastText:
    """What a toast says and offers.

    Args:
        action: words on its button, or empty.
        run: what the button does.
        expired: called when it went away without the button.
        undo: the button counts down and the toast stays longer.
        topic: a later one about the same takes its place; empty for none.
    """

    text: str
    icon: str = "circle-check"
    tone: str = "accent-text"
    action: str = ""
    run: Callable[[], None] | None = None
    expired: Callable[[], None] | None = None
    undo: bool = False
    topic: str = ""


class Toast(QFrame):
    """One message; its time stands still while the pointer or the focus is on it."""

    def __init__(self, theme: Theme, words: ToastText, remove: Callable[["Toast"], None]) -> None:
        super().__init__()
        self._theme = theme
        self._words = words
        self._remove = remove
        self._left_s = theme.motion("undo" if words.undo else "toast") / 1000
        self._seen = time.monotonic()
        self.setObjectName("toast")
        self.setAccessibleName(words.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Picture(theme, words.icon, 16, words.tone))
        row.addWidget(label(words.text, wrap=True), 1)
        self._action = button(theme, words.action, "ghost", icon="undo-2" if words.undo else "")
        self._action.setVisible(bool(words.action))
        self._action.clicked.connect(self.act)
        row.addWidget(self._action)
        close = icon_button(theme, "x", "Dismiss")
        close.clicked.connect(self.expire)
        row.addWidget(close)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        theme.changed.connect(self._measure)
        self._measure()
        self._tick()

    @property
    def left_s(self) -> float:
        """Seconds that it stays when nobody reads it."""
        return self._left_s

    def expire(self) -> None:
        """Go away without having been acted on."""
        self._leave(self._words.expired)

    @property
    def topic(self) -> str:
        """What it is about."""
        return self._words.topic

    @property
    def undoes(self) -> bool:
        """Whether its button undoes something."""
        return self._words.undo

    def act(self) -> None:
        """Do what its button does."""
        self._leave(self._words.run)

    def _leave(self, then: Callable[[], None] | None) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._remove(self)
            if then is not None:
                then()

    def _measure(self) -> None:
        self.setFixedWidth(self._theme.px(WIDTH))
        self.setMinimumHeight(self._theme.px(HEIGHT))

    def _tick(self) -> None:
        now = time.monotonic()
        focus = QApplication.focusWidget()
        if not (self.underMouse() or (focus is not None and self.isAncestorOf(focus))):
            self._left_s -= now - self._seen
        self._seen = now
        if self._words.undo:
            seconds = max(math.ceil(self._left_s), 0)
            # A screen reader would say the figure each second.
            self._action.setAccessibleName(self._words.action)
            self._action.setText(f"{self._words.action} 0:{seconds:02}")
        if self._left_s <= 0:
            self.expire()


class ToastStack(QWidget):
    """The messages at the lower right of `over`, above `floor`; the newest is lowest.

    They never lie on the buttons of a dialog.
    """

    def __init__(self, theme: Theme, over: QWidget, floor: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self._floor = floor
        self._theme = theme
        self._toasts: list[Toast] = []
        self._shadows: dict[Toast, Shadow] = {}
        self._returns_to: QWidget | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_moved)
        self._column = QVBoxLayout(self)
        # Room for the shadows.
        self._column.setContentsMargins(ROOM, ROOM, ROOM, ROOM)
        self._column.setSpacing(8)
        over.installEventFilter(self)
        floor.installEventFilter(self)
        theme.changed.connect(self._place)
        self.hide()

    def stand_above(self, floor: QWidget) -> None:
        """Leave a part of the window clear: one with buttons that are needed all the time."""
        self._floor.removeEventFilter(self)
        self._floor = floor
        floor.installEventFilter(self)
        self._place()

    def show_toast(self, words: ToastText) -> None:
        """Show a message; the oldest makes room."""
        for old in [each for each in self._toasts if words.topic and each.topic == words.topic]:
            old.expire()
        while len(self._toasts) >= MOST:
            self._toasts[0].expire()
        toast = Toast(self._theme, words, self._removed)
        self._toasts.append(toast)
        self._shadows[toast] = Shadow(self._theme, "popup", self._theme.radius("box"))
        self._column.addWidget(toast)
        self.show()
        self._place()

    @property
    def can_undo(self) -> bool:
        """Whether something can still be undone."""
        return any(toast.undoes for toast in self._toasts)

    def undo(self) -> None:
        """Undo what was done last."""
        for toast in reversed(self._toasts):
            if toast.undoes:
                toast.act()
                return

    @property
    def texts(self) -> list[str]:
        """What is being said, oldest first."""
        return [toast.accessibleName() for toast in self._toasts]

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        """Remember who had the focus before a message took it."""
        if new is not None and self.isAncestorOf(new) and not (old and self.isAncestorOf(old)):
            self._returns_to = old

    def _give_back_focus(self, toast: Toast) -> None:
        focus = QApplication.focusWidget()
        if focus is None or not toast.isAncestorOf(focus):
            return
        back = self._returns_to
        if back is not None and isValid(back) and back.isVisible():
            back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _removed(self, toast: Toast) -> None:
        self._give_back_focus(toast)
        self._toasts.remove(toast)
        del self._shadows[toast]
        self._column.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self.setVisible(bool(self._toasts))
        self._place()

    def _place(self) -> None:
        if not self._toasts:
            return
        over, px = self._over, self._theme.px
        width = self._toasts[0].width() + 2 * ROOM
        self._column.activate()
        height = self._column.totalHeightForWidth(width)
        seen = self._floor.isVisible()
        bottom = self._floor.mapTo(over, QPoint()).y() if seen else over.height()
        place = QRect(
            over.width() - width - px(AWAY) + ROOM, bottom - height - px(AWAY) + ROOM, width, height
        )
        for foot in self._feet():
            if place.adjusted(ROOM, ROOM, -ROOM, -ROOM).intersects(foot):
                place.moveTop(foot.top() - height - px(AWAY) + ROOM)
        self.setGeometry(place)
        self._let_clicks_through()
        self.raise_()

    def _feet(self) -> list[QRect]:
        """Where dialogs that are open have their buttons."""
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        dialogs = [d for d in self._over.findChildren(Overlay, options=direct) if d.isVisible()]
        for dialog in dialogs:
            for each in (dialog, dialog.panel):
                each.installEventFilter(self)
        return [dialog.foot for dialog in dialogs if not dialog.foot.isEmpty()]

    def _let_clicks_through(self) -> None:
        """Only the messages and their shadows are there; what lies between them is the page's."""
        self._column.activate()
        region = QRegion()
        for toast in self._toasts:
            region += QRegion(toast.geometry().adjusted(-ROOM, -ROOM, ROOM, ROOM))
        self.setMask(region)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner, above a floor that rises and the buttons of a dialog."""
        if event.type() in MOVES:
            self._place()
        return False

    def event(self, event: QEvent) -> bool:
        """Stand anew when a message turns out to be higher than it was: once it has its fonts."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return done

    def paintEvent(self, event: QPaintEvent) -> None:
        """The shadows."""
        painter = QPainter(self)
        for toast, shadow in self._shadows.items():
            shadow.paint(painter, toast.geometry())
        painter.end()
