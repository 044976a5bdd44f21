"""What the window can ask of a page, where the page offers it."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget


@runtime_checkable
class HasList(Protocol):
    """A page with a list beside its content, which Ctrl+B shows and hides."""

    def toggle_list(self) -> None:
        """Show or hide the list."""
        ...


@runtime_checkable
class Searchable(Protocol):
    """A page in which Ctrl+F searches."""

    def search(self) -> None:
        """Go to the search field; when it is there already, search everywhere."""
        ...


@runtime_checkable
class HasFoot(Protocol):
    """A page with buttons at its bottom that no message may cover."""

    @property
    def foot(self) -> QWidget:
        """What they are in."""
        ...


@runtime_checkable
class HasRegions(Protocol):
    """A page of several parts between which F6 moves."""

    def regions(self) -> Sequence[QWidget]:
        """The parts, in reading order."""
        ...
