"""A table over RowsModel in the looks of the app: a head that sorts, rows painted by column.

One stop for Tab; the arrow keys go through the rows, Enter opens one. Columns that have no room
go in the order that they say.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.rows import Column, Index, RowRole, RowsModel
from morpheus_desktop.widgets.focus_frame import no_ring
from morpheus_desktop.widgets.tip import show_tip

ROW, HEAD, PAD, SIDE, BAR = 40, 32, 8, 24, 3
LEAST = 200
# Paints the content of a cell into a rectangle: painter, where, row, theme.
CellPainter = Callable[[QPainter, QRect, Any, Theme], None]


class Table(QTableView):
    """Rows with a head.

    Signals:
        chosen: key of the row that is current now.
        opened: key; Enter, a double click, or a click on an action cell.
        sorted: key of a column, and whether the largest come first.
        cell_clicked: key of the row, key of the column, pixels from the left edge of the cell.

    Attributes:
        hovered: number of the row under the pointer, or -1.

    Args:
        painters: what paints a column whose text alone is not enough, by its key.
        actions: keys of columns whose cells act like buttons.
    """

    chosen = Signal(str)
    opened = Signal(str)
    sorted = Signal(str, bool)
    cell_clicked = Signal(str, str, int)

    def __init__(
        self,
        theme: Theme,
        model: RowsModel[Any],
        name: str,
        painters: Mapping[str, CellPainter] | None = None,
        actions: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        self._theme, self._model, self._actions = theme, model, actions
        self._kept = ""
        self.hovered = -1
        self._pointer = QPoint()
        self._quiet = False
        self.setModel(model)
        self.setItemDelegate(_Cells(theme, self, painters or {}))
        self.setAccessibleName(name)
        self._dress()
        self._head = _Head(theme, self)
        self.setHorizontalHeader(self._head)
        self._head.sectionClicked.connect(self._sort)
        self.selectionModel().currentRowChanged.connect(self._moved)
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(lambda index: self.opened.emit(model.key_at(index.row())))
        model.modelAboutToBeReset.connect(self._keep)
        model.modelReset.connect(self._restore)
        theme.changed.connect(self._measure)
        self._measure()

    def _dress(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        no_ring(self)

    def show_sorting(self, key: str, *, descending: bool) -> None:
        """Mark the column by which the rows are sorted."""
        self._head.mark(key, descending=descending)

    @property
    def current(self) -> str:
        """Key of the current row, or empty."""
        return self._model.key_at(self.currentIndex().row())

    def choose(self, key: str) -> None:
        """Make a row current, without telling anybody."""
        place = self._model.place_of(key)
        self._quiet = True
        try:
            index = self._model.index(place, 0) if place >= 0 else QModelIndex()
            self.setCurrentIndex(index)
            if place < 0:
                self.clearSelection()
        finally:
            self._quiet = False

    def rows_in_view(self) -> range:
        """The numbers of the rows that can be seen."""
        if not self._model.rows:
            return range(0)
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        last = len(self._model.rows) - 1 if last < 0 else last
        return range(max(first, 0), last + 1)

    # How it stands

    def _measure(self) -> None:
        vertical = self.verticalHeader()
        vertical.setMinimumSectionSize(1)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(self._theme.px(ROW))
        self._arrange()
        self._head.viewport().update()

    def _arrange(self) -> None:
        """Give each column its width; those for which there is no room go."""
        px, columns = self._theme.px, self._model.columns
        room = self.viewport().width()
        widths = [px(column.width or column.least) for column in columns]
        hidden: set[int] = set()
        for order in sorted({c.drop for c in columns if c.drop}):
            if sum(w for at, w in enumerate(widths) if at not in hidden) <= room:
                break
            hidden |= {at for at, c in enumerate(columns) if c.drop == order}
        spare = room - sum(w for at, w in enumerate(widths) if at not in hidden)
        for at, column in enumerate(columns):
            self.setColumnHidden(at, at in hidden)
            self.setColumnWidth(at, widths[at] + (0 if column.width else max(spare, 0)))

    def _keep(self) -> None:
        self._kept = self.current

    def _restore(self) -> None:
        if self._kept:
            self.choose(self._kept)

    def _moved(self, index: QModelIndex, _old: QModelIndex) -> None:
        if not self._quiet and index.isValid():
            self.chosen.emit(self._model.key_at(index.row()))

    def _clicked(self, index: QModelIndex) -> None:
        row, column = self._model.key_at(index.row()), self._model.columns[index.column()].key
        if column in self._actions:
            self.opened.emit(row)
        left = self.columnViewportPosition(index.column())
        self.cell_clicked.emit(row, column, self._pointer.x() - left)

    def _sort(self, section: int) -> None:
        column = self._model.columns[section]
        if column.sort is not None:
            down = not self._head.descending if column.key == self._head.key else column.descending
            self.sorted.emit(column.key, down)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open the current row; letters are the page's, nothing is looked up."""
        opens = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if opens and plain and self.current:
            self.opened.emit(self.current)
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The columns follow."""
        super().resizeEvent(event)
        self._arrange()

    def viewportEvent(self, event: Any) -> bool:
        """Tooltips are made when they are asked for, and are plain text."""
        if isinstance(event, QHelpEvent):
            index = self.indexAt(event.pos())
            column = self._model.columns[index.column()] if index.isValid() else None
            text = column.tip(self._model.rows[index.row()]) if column and column.tip else ""
            show_tip(event.globalPos(), text, self.viewport())
            return True
        if isinstance(event, QMouseEvent):
            self._pointer = event.position().toPoint()
            self._hover(self.rowAt(self._pointer.y()))
        elif event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        if row != self.hovered:
            self.hovered = row
            self.viewport().update()


class _Head(QHeaderView):
    """The titles above the rows; a click sorts."""

    def __init__(self, theme: Theme, table: Table) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._theme = theme
        self.key = ""
        self.descending = False
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def mark(self, key: str, *, descending: bool) -> None:
        """Show an arrow at a column."""
        self.key, self.descending = key, descending
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """As high as the design says."""
        return QSize(0, self._theme.px(HEAD))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """A title, the arrow, the rule below."""
        model, theme = self.model(), self._theme
        assert isinstance(model, RowsModel)
        column = model.columns[logicalIndex]
        painter.save()
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("line"))
        here = column.key == self.key
        font = theme.font("caption")
        font.setWeight(font.Weight.DemiBold if here else font.Weight.Medium)
        painter.setFont(font)
        painter.setPen(theme.color("text" if here else "text-3"))
        text = f"{column.title} {'↓' if self.descending else '↑'}" if here else column.title
        area = inner(rect, theme, logicalIndex, len(model.columns))
        painter.drawText(area, _side(column) | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()


class _Cells(QStyledItemDelegate):
    """Paints the ground of a row and the text of a cell."""

    def __init__(self, theme: Theme, table: Table, painters: Mapping[str, CellPainter]) -> None:
        super().__init__(table)
        self._theme, self._table, self._painters = theme, table, painters

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """As high as a row."""
        return QSize(self._theme.px(LEAST), self._theme.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        model = self._table.model()
        assert isinstance(model, RowsModel)
        column, row = model.columns[index.column()], index.data(RowRole)
        area = QRect(option.rect)
        painter.save()
        self._ground(painter, area, option, index)
        inside = inner(area, self._theme, index.column(), len(model.columns))
        own = self._painters.get(column.key)
        if own is not None:
            own(painter, inside, row, self._theme)
        else:
            self._text(painter, inside, column, row)
        painter.restore()

    def _ground(
        self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, index: Index
    ) -> None:
        theme, chosen = self._theme, index.row() == self._table.currentIndex().row()
        hovered = index.row() == self._table.hovered
        if chosen or hovered:
            painter.fillRect(area, theme.color("bg-selected" if chosen else "bg-hover"))
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, theme.color("line-subtle"))
        if chosen and index.column() == 0:
            painter.fillRect(area.left(), area.top(), BAR, area.height(), theme.color("accent"))
        focused = bool(option.state & QStyle.StateFlag.State_Active) and self._table.hasFocus()
        if chosen and focused:
            painter.setPen(QPen(theme.color("focus"), 1))
            painter.drawLine(area.topLeft(), area.topRight())
            painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _text(self, painter: QPainter, area: QRect, column: Column[Any], row: Any) -> None:
        theme = self._theme
        painter.setFont(theme.font("mono" if column.mono else "body"))
        painter.setPen(theme.color(column.tone(row) if column.tone else "text"))
        metrics = QFontMetrics(painter.font())
        text = metrics.elidedText(column.text(row), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _side(column) | Qt.AlignmentFlag.AlignVCenter, text)


def inner(area: QRect, theme: Theme, column: int, columns: int) -> QRect:
    """The part of a cell that its content may take; the outer columns keep the page's margin."""
    left = theme.px(SIDE if column == 0 else PAD)
    right = theme.px(SIDE if column == columns - 1 else PAD)
    return area.adjusted(left, 0, -right, -1)


def _side(column: Column[Any]) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
