"""Rows of a table for Qt: columns say how each cell reads and sorts, the rows are replaced whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex

RowRole = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column.

    Args:
        width: of the design in pixels; 0 takes what is left, and at least `least`.
        text: of a cell; also what is read aloud, with the title.
        sort: the value to sort by, None for rows without one; no sorting without it.
        descending: the first click sorts the largest first.
        tip: of a cell, plain text.
        tone: colour of the text by row, a token of the design.
        mono: figures in the fixed-width face.
        drop: where the table is narrow, columns go in this order; 0 stays.
        spoken: of a cell, where more is read aloud than can be seen.
    """

    key: str
    title: str
    width: int
    text: Callable[[Row], str]
    sort: Callable[[Row], Any] | None = None
    descending: bool = False
    tip: Callable[[Row], str] | None = None
    tone: Callable[[Row], str] | None = None
    right: bool = False
    mono: bool = False
    drop: int = 0
    least: int = 200
    spoken: Callable[[Row], str] | None = None


class RowsModel(QAbstractTableModel, Generic[Row]):
    """A table of frozen rows.

    Args:
        key: what a row is known by when the rows are replaced.
    """

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        self._key = key

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows; where they are the same in number and order, only their cells change."""
        same = len(rows) == len(self.rows) and all(
            self._key(new) == self._key(old) for new, old in zip(rows, self.rows, strict=True)
        )
        if same:
            self.rows = list(rows)
            if rows:
                last = self.index(len(rows) - 1, len(self.columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def place_of(self, key: str) -> int:
        """The number of a row, or -1."""
        return next((at for at, row in enumerate(self.rows) if self._key(row) == key), -1)

    def key_at(self, number: int) -> str:
        """What the row at a place is known by, or empty."""
        return self._key(self.rows[number]) if 0 <= number < len(self.rows) else ""

    # Qt overrides

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell as it reads; the delegate paints from the row itself."""
        row, column = self.rows[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = (column.spoken or column.text)(row)
            return f"{column.title}: {words}" if column.title else words
        if role == RowRole:
            return row
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """The titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return None
