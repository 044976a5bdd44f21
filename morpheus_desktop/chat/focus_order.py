"""Tab follows the order of reading, although messages are made in the order of scrolling."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget


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
    outside: QWidget | None = area
    while True:
        assert outside is not None  # the chain is a ring
        outside = outside.nextInFocusChain() if forward else outside.previousInFocusChain()
        if outside is None or outside is area:
            return False
        if not area.isAncestorOf(outside) and _takes_tab(outside):
            outside.setFocus(reason)
            return True


def _stops(view: QWidget) -> list[QWidget]:
    inner = [child for child in view.findChildren(QWidget) if _takes_tab(child)]
    inner.sort(key=lambda child: _place(child, view))
    return [view, *inner] if _takes_tab(view) else inner


def _takes_tab(widget: QWidget) -> bool:
    tab = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    return bool(tab) and widget.isVisible() and widget.isEnabled()


def _place(child: QWidget, view: QWidget) -> tuple[int, int]:
    at = child.mapTo(view, QPoint(0, 0))
    return at.y(), at.x()
