"""Looks at what is on the screen: colours, texts that are cut, controls without a name."""

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QLabel,
    QPushButton,
    QTableView,
    QWidget,
)

from morpheus_desktop.regions import usable

MIXED = 64


def colors(widget: QWidget) -> set[str]:
    """Every colour that a widget paints, as #rrggbb."""
    image = widget.grab().toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def paints(widget: QWidget, color: str) -> bool:
    """Whether it paints about this colour: thin lines are mixed with what is below them."""
    wanted = _channels(color)
    return any(
        all(abs(one - other) < MIXED for one, other in zip(_channels(painted), wanted, strict=True))
        for painted in colors(widget)
    )


def _channels(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))


def unnamed(root: QWidget) -> list[str]:
    """The controls that a screen reader could not name."""
    return [
        f"{type(each).__name__} in {type(each.parentWidget()).__name__}"
        for each in root.findChildren(QWidget)
        if usable(each) and not name_of(each)
    ]


def name_of(widget: QWidget) -> str:
    """What a screen reader calls a control."""
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def clipped(root: QWidget) -> list[str]:
    """The texts that have not the room they need, or reach out of what they are in."""
    found = [_lacks_room(each) or _cut_off(each) for each in root.findChildren(QWidget)]
    found += [_outside(each) for each in root.findChildren(QTableView)]
    return [text for text in found if text]


def _outside(table: QTableView) -> str:
    """Whether columns of a table have no room."""
    if not table.isVisible():
        return ""
    head, room = table.horizontalHeader(), table.viewport().width()
    wide = sum(head.sectionSize(at) for at in range(head.count()) if not head.isSectionHidden(at))
    return f"{table.accessibleName()!r} is {wide} wide and has {room} only" if wide > room else ""


def _lacks_room(widget: QWidget) -> str:
    if not widget.isVisible() or not isinstance(widget, QLabel | QPushButton):
        return ""
    text = widget.text()
    if not text or getattr(widget, "_cut", False):
        return ""
    if isinstance(widget, QPushButton):
        # Its icon and its edges need room too.
        lacking = widget.width() < widget.sizeHint().width() - 1
    elif widget.wordWrap():
        lacking = widget.heightForWidth(widget.width()) > widget.height() + 1
    else:
        lines = text.replace("&&", "&").split("\n")
        metrics = QFontMetrics(widget.font())
        widest = max(metrics.horizontalAdvance(line) for line in lines)
        lacking = (
            widest > widget.contentsRect().width() + 1
            or metrics.height() * len(lines) > widget.height() + 1
        )
    return f"{text!r} has {widget.width()} x {widget.height()} only" if lacking else ""


def _cut_off(widget: QWidget) -> str:
    """Whether a text or a control reaches out of a parent that does not scroll."""
    if not widget.isVisible() or not isinstance(widget, QLabel | QAbstractButton):
        return ""
    area, inside = widget.rect(), widget
    parent = widget.parentWidget()
    while parent is not None:
        area.moveTopLeft(inside.mapToParent(area.topLeft()))
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            sideways = area.left() < 0 or area.right() > parent.width()
            return f"{name_of(widget)!r} is cut at the side" if sideways else ""
        if not parent.rect().contains(area):
            return f"{getattr(widget, 'text', str)()!r} reaches out of {type(parent).__name__}"
        inside, parent = parent, parent.parentWidget()
    return ""
