"""Where the keyboard goes next: Tab in reading order, F6 from region to region.

Qt's own Tab order is the order in which widgets were made. Pages and messages are made when they
are first shown, so here the order is read from where things stand on the screen.
"""

from collections.abc import Iterator, Sequence
from functools import cmp_to_key

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def next_widget(root: QWidget, focused: QWidget | None, *, forward: bool) -> bool:
    """Move the focus to the next widget of a root in reading order, around the ends.

    False when there is no widget that could take it.
    """
    order = reading_order(root)
    if not order:
        return False
    step = 1 if forward else -1
    here = order.index(focused) if focused in order else -1 if forward else 0
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    order[(here + step) % len(order)].setFocus(reason)
    return True


def next_region(regions: Sequence[QWidget], focused: QWidget | None, step: int) -> None:
    """Move the focus by `step` regions; those without a usable widget are passed over."""
    shown = [region for region in regions if region.isVisible()]
    here = [
        at
        for at, region in enumerate(shown)
        if focused is not None and (region is focused or region.isAncestorOf(focused))
    ]
    at = here[0] if here else (-1 if step > 0 else len(shown))
    for _ in shown:
        at = (at + step) % len(shown)
        inside = reading_order(shown[at])
        if inside:
            inside[0].setFocus(Qt.FocusReason.TabFocusReason)
            return


def reading_order(root: QWidget) -> list[QWidget]:
    """Every widget of a root that Tab should reach, from the top left to the bottom right."""
    return list(_walk(root)) if root.isVisible() else []


def usable(widget: QWidget) -> bool:
    """Whether the keyboard may rest on a widget. One with a proxy is only a part of another."""
    reached = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return reached and widget.focusProxy() is None and widget.isVisible() and widget.isEnabled()


def _walk(widget: QWidget) -> Iterator[QWidget]:
    if usable(widget):
        yield widget
    children = [
        each
        for each in widget.children()
        if isinstance(each, QWidget) and each.isVisible() and not each.isWindow()
    ]
    for child in sorted(children, key=cmp_to_key(_before)):
        yield from _walk(child)


def _before(one: QWidget, other: QWidget) -> int:
    """Siblings beside each other are read from the left, others from the top."""
    first, second = one.geometry(), other.geometry()
    beside = first.top() < second.bottom() and second.top() < first.bottom()
    if beside and first.left() != second.left():
        return (first.left() - second.left()) * (-1 if one.isRightToLeft() else 1)
    return first.top() - second.top()
