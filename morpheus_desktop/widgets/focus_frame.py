"""The ring around what the keyboard is on: 2 px wide, 2 px away, whatever the widget is.

One frame follows the focus. It lies beside the widget, as a child of an ancestor with room for
it, because nothing that paints inside the widget (a stylesheet, a style) can paint around it. It
scrolls and is cut with the widget, and covers nothing of it, so that a blinking cursor below does
not repaint it.

Which widgets get a ring: Qt's own buttons, fields, boxes and sliders, and whoever asks with
`ring`. Others paint the focus themselves, inside, as rows and the items of the sidebar do.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from morpheus_desktop.theme import Theme

WIDTH = 2
OFFSET = 2
ROOM = WIDTH + OFFSET
AROUND = (
    QPushButton,
    QToolButton,
    QCheckBox,
    QRadioButton,
    QLineEdit,
    QComboBox,
    QAbstractSpinBox,
)
RING, AREA = "focusRing", "focusRingArea"
NONE = -1
FOLLOWED = frozenset(
    {
        QEvent.Type.Move,
        QEvent.Type.Resize,
        QEvent.Type.Show,
        QEvent.Type.Hide,
        QEvent.Type.ParentChange,
        QEvent.Type.ZOrderChange,
        QEvent.Type.DynamicPropertyChange,
    }
)


def ring(widget: QWidget, *, radius: int = 6, around: QRect | None = None) -> None:
    """Give a widget the ring, with corners that fit its own of this radius.

    `around` is what it surrounds where that is not the whole widget, in coordinates of the widget:
    the thumb of a slider, the switch inside its larger target.
    """
    widget.setProperty(RING, radius)
    widget.setProperty(AREA, around)


def no_ring(widget: QWidget) -> None:
    """Take the ring from a widget that shows its focus in another way."""
    widget.setProperty(RING, NONE)


class FocusFrame(QObject):
    """Follows the focus of the whole application; make one and keep it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._theme = theme
        self._ring: _Ring | None = None
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        app.focusChanged.connect(self._focus_moved)
        self._focus_moved(None, QApplication.focusWidget())

    @property
    def target(self) -> QWidget | None:
        """The widget that has the ring now."""
        return self._target

    @property
    def area(self) -> QRect | None:
        """Where the ring is, in its window; None when there is none to be seen."""
        if self._ring is None or not isValid(self._ring) or self._ring.isHidden():
            return None
        return QRect(self._ring.mapTo(self._ring.window(), QPoint(0, 0)), self._ring.size())

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        self._let_go()
        radius = _radius(new) if new is not None else NONE
        if new is None or radius == NONE or new.isWindow():
            return
        host = _host(new)
        self._target = new
        self._ring = _Ring(self._theme, radius, host)
        widget: QWidget | None = new
        while widget is not None and widget is not host:
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = widget.parentWidget()
        self._place()

    def _let_go(self) -> None:
        # Widgets may be gone: a page was closed with the focus in it.
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()
            self._ring.deleteLater()
        self._watched, self._target, self._ring = [], None, None

    def _place(self) -> None:
        if self._target is not None and not isValid(self._target):
            self._let_go()
        elif self._target is not None and self._ring is not None and isValid(self._ring):
            self._ring.surround(self._target)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay around the widget wherever it goes."""
        if event.type() in FOLLOWED:
            self._place()
        return False


class _Ring(QWidget):
    """The ring itself, a child of `host`."""

    def __init__(self, theme: Theme, radius: int, host: QWidget) -> None:
        super().__init__(host)
        self._theme = theme
        self._radius = radius
        self._host = host
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()
        theme.changed.connect(self.update)

    def surround(self, target: QWidget) -> None:
        """Lie around a widget, on top of its neighbours, and leave the widget free."""
        area = _area(target, self._host)
        self.setGeometry(area.adjusted(-ROOM, -ROOM, ROOM, ROOM))
        self._radius = _radius(target)
        hole = self.rect().adjusted(ROOM, ROOM, -ROOM, -ROOM)
        self.setMask(QRegion(self.rect()).subtracted(QRegion(hole)))
        self.raise_()
        self.setVisible(target.isVisibleTo(self._host))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("focus"), WIDTH))
        half = WIDTH / 2
        area = QRectF(self.rect()).adjusted(half, half, -half, -half)
        radius = self._radius + OFFSET + half
        painter.drawRoundedRect(area, radius, radius)
        painter.end()


def _radius(widget: QWidget) -> int:
    wanted = widget.property(RING)
    if isinstance(wanted, int):
        return wanted
    if isinstance(widget, AROUND):
        return 4 if widget.property("kind") == "chip" else 6
    if isinstance(widget, QPlainTextEdit) and widget.property("field") == "true":
        return 6
    return NONE


def _area(widget: QWidget, host: QWidget) -> QRect:
    """What the ring of a widget surrounds, in coordinates of an ancestor."""
    part = widget.property(AREA)
    inside = part if isinstance(part, QRect) else widget.rect()
    return QRect(widget.mapTo(host, inside.topLeft()), inside.size())


def _host(widget: QWidget) -> QWidget:
    """The nearest ancestor with room for the ring; never beyond what cuts the widget."""
    host = widget.parentWidget()
    assert host is not None
    while (outer := host.parentWidget()) is not None and not host.isWindow():
        around = _area(widget, host).adjusted(-ROOM, -ROOM, ROOM, ROOM)
        if host.rect().contains(around) or isinstance(outer, QAbstractScrollArea):
            break
        host = outer
    return host
