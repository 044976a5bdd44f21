"""F6: from one region of the window to the next, each time to its first usable widget."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def next_region(regions: Sequence[QWidget], focused: QWidget | None, step: int) -> None:
    """Move the focus by `step` regions; those without a usable widget are passed over."""
    shown = [region for region in regions if region.isVisible()]
    here = [
        at for at, region in enumerate(shown) if focused is not None and _inside(region, focused)
    ]
    # A part of a page is more exact than the page around it: the last fit counts.
    at = here[-1] if here else (-1 if step > 0 else len(shown))
    for _ in shown:
        at = (at + step) % len(shown)
        target = first_usable(shown[at])
        if target is not None:
            target.setFocus(Qt.FocusReason.TabFocusReason)
            return


def first_usable(region: QWidget) -> QWidget | None:
    """What a region's focus goes to: its proxy, or the first one that Tab would reach."""
    proxy = region.focusProxy()
    if proxy is not None and usable(proxy):
        return proxy
    chain = [region]
    while (after := chain[-1].nextInFocusChain()) is not None and after is not region:
        chain.append(after)
    return next((each for each in chain if _inside(region, each) and usable(each)), None)


def usable(widget: QWidget) -> bool:
    """Whether Tab reaches a widget now."""
    reached = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return reached and widget.isVisible() and widget.isEnabled()


def _inside(region: QWidget, widget: QWidget) -> bool:
    return region is widget or region.isAncestorOf(widget)
