"""Tab follows the order of reading, although messages are made in the order of scrolling."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

from morpheus_desktop.regions import reading_order, usable


def move_focus(area: QWidget, views: Sequence[QWidget], *, forward: bool) -> bool:
    """Move the focus inside `area`, or out of it at either end; False if nothing took it."""
    current = QApplication.focusWidget()
    stops = [area, *(stop for view in views for stop in _stops(view))]
    if current not in stops:
        return False
    at = stops.index(current) + (1 if forward else -1)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    if 0 <= at < len(stops):
        stops[at].setFocus(reason)
        return True
    every = reading_order(area.window())
    around = [each for each in every if each is area or not area.isAncestorOf(each)]
    if area not in around or len(around) == 1:
        return False
    around[(around.index(area) + (1 if forward else -1)) % len(around)].setFocus(reason)
    return True


def _stops(view: QWidget) -> list[QWidget]:
    inner = [child for child in view.findChildren(QWidget) if usable(child)]
    inner.sort(key=lambda child: _place(child, view))
    return [view, *inner] if usable(view) else inner


def _place(child: QWidget, view: QWidget) -> tuple[int, int]:
    at = child.mapTo(view, QPoint(0, 0))
    return at.y(), at.x()
