"""The list of the command palette: group heads and rows with the letters that fit marked."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.palette import Item, Row
from morpheus_desktop.widgets.keycaps import caps_width, paint_caps
from router.untrusted import one_line

ROW = 40
HEAD = 32
MOST_ROWS = 9
LONGEST_TITLE = 60

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Head:
    """The name of a group."""

    text: str


class PaletteModel(QAbstractListModel):
    """Rows with a head before each group. Titles come from files and models: made inert here."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: list[Head | Row] = []

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """Show these rows."""
        self.beginResetModel()
        self.entries = []
        group = ""
        for row in rows:
            if row.group != group:
                group = row.group
                self.entries.append(Head(group))
            self.entries.append(row)
        self.endResetModel()

    def row_at(self, number: int) -> Row | None:
        """The row at a place, or None for a head or nothing."""
        entry = self.entries[number] if 0 <= number < len(self.entries) else None
        return entry if isinstance(entry, Row) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Heads and rows."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is read aloud; the delegate paints from the entry itself."""
        entry = self.entries[index.row()]
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if isinstance(entry, Head):
            return entry.text
        return spoken(entry.item)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Heads cannot be chosen."""
        if self.row_at(index.row()) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def spoken(item: Item) -> str:
    """An item in words."""
    state = {True: "on", False: "off", None: ""}[item.checked]
    return ", ".join(
        part for part in (one_line(item.title), one_line(item.detail), state, item.keys) if part
    )


class PaletteList(QListView):
    """Shows what was found and which row Enter would run. The keyboard stays in the input.

    Signals:
        chosen: a Row was clicked.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows = PaletteModel(self)
        self.setModel(self._rows)
        self.setItemDelegate(_Painter(theme, self))
        self.setAccessibleName("Results")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setStyleSheet("background: transparent; border: none;")
        self.clicked.connect(self._click)
        theme.changed.connect(self.doItemsLayout)

    def set_rows(self, rows: tuple[Row, ...], keep: str = "") -> None:
        """Show rows and go to the first one, or to the item with the id `keep`."""
        self._rows.set_rows(rows)
        ids = [e.item.id if isinstance(e, Row) else "" for e in self._rows.entries]
        kept = bool(keep) and keep in ids
        self._go(ids.index(keep) if kept else 1)
        if not kept:
            self.scrollToTop()

    def current(self) -> Row | None:
        """The row that Enter would run."""
        return self._rows.row_at(self.currentIndex().row())

    def move_by(self, step: int) -> None:
        """Go up or down by rows; one step leads around the ends, more stop there."""
        rows = [at for at, entry in enumerate(self._rows.entries) if isinstance(entry, Row)]
        if not rows:
            return
        here = self.currentIndex().row()
        at = (rows.index(here) if here in rows else -1) + step
        at = at % len(rows) if abs(step) == 1 else min(max(at, 0), len(rows) - 1)
        self._go(rows[at])

    def wanted_height(self) -> int:
        """Room for all entries, or for the first nine rows and their heads."""
        height, rows = 0, 0
        for entry in self._rows.entries:
            rows += isinstance(entry, Row)
            if rows > MOST_ROWS:
                break
            height += self._theme.px(ROW if isinstance(entry, Row) else HEAD)
        return height

    def _go(self, number: int) -> None:
        index = self._rows.index(number)
        self.setCurrentIndex(index)
        # The head of the first row belongs to it.
        self.scrollTo(self._rows.index(0) if number == 1 else index)

    def _click(self, index: QModelIndex) -> None:
        row = self._rows.row_at(index.row())
        if row is not None:
            self.chosen.emit(row)


class _Painter(QStyledItemDelegate):
    """Paints heads and rows."""

    def __init__(self, theme: Theme, view: PaletteList) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """The height of a head or a row."""
        row = isinstance(self._entry(index), Row)
        return QSize(0, self._theme.px(ROW if row else HEAD))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one entry."""
        entry = self._entry(index)
        area = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(entry, Head):
            self._head(painter, area, entry.text)
        else:
            self._row(
                painter, area, entry, chosen=index == self._view.currentIndex(), option=option
            )
        painter.restore()

    def _entry(self, index: Index) -> Head | Row:
        model = index.model()
        assert isinstance(model, PaletteModel)
        return model.entries[index.row()]

    def _head(self, painter: QPainter, area: QRect, text: str) -> None:
        painter.setFont(_weighted(self._theme.font("caption"), QFont.Weight.DemiBold))
        painter.setPen(self._theme.color("text-3"))
        area.adjust(self._theme.px(21), self._theme.px(6), 0, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _row(
        self,
        painter: QPainter,
        area: QRect,
        row: Row,
        *,
        chosen: bool,
        option: QStyleOptionViewItem,
    ) -> None:
        px = self._theme.px
        ground = QRectF(area).adjusted(px(8), 0, -px(8), 0)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("bg-active" if chosen else "bg-hover"))
            painter.drawRoundedRect(ground, 8, 8)
        pixmap = self._theme.pixmap(row.item.icon, 16, "accent-text" if chosen else "text-2")
        middle = area.center().y() + 1
        painter.drawPixmap(
            area.left() + px(21),
            round(middle - pixmap.deviceIndependentSize().height() / 2),
            pixmap,
        )
        right = self._end(painter, area, row, chosen=chosen)
        self._words(painter, QRect(area.left() + px(49), area.top(), right, area.height()), row)

    def _end(self, painter: QPainter, area: QRect, row: Row, *, chosen: bool) -> int:
        """Paint what stands at the right; returns the width left for words."""
        px = self._theme.px
        right = area.right() - px(20)
        if row.item.checked is not None:
            right -= px(32)
            self._switch(painter, QRectF(right, area.center().y() - px(8), px(32), px(18)), row)
        else:
            keys = row.item.keys or ("Enter" if chosen else "")
            right -= caps_width(keys, self._theme)
            paint_caps(painter, right, area.center().y() + 0.5, keys, self._theme)
        return right - area.left() - px(49) - px(12)

    def _switch(self, painter: QPainter, area: QRectF, row: Row) -> None:
        on = bool(row.item.checked)
        color = self._theme.color
        painter.setPen(color("accent" if on else "line-control"))
        painter.setBrush(color("accent" if on else "bg-active"))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), area.height(), area.height())
        knob = QRectF(0, 0, area.height() - 6, area.height() - 6)
        inset = area.height() / 2
        knob.moveCenter(
            QPointF(area.right() - inset if on else area.left() + inset, area.center().y())
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("on-accent" if on else "text-2"))
        painter.drawEllipse(knob)

    def _words(self, painter: QPainter, area: QRect, row: Row) -> None:
        title = one_line(row.item.title, LONGEST_TITLE)
        # Marks are places in the whole title: without an inert copy of equal text they would lie.
        marks = row.positions if title == row.item.title[: len(title)] else ()
        used = self._line(painter, area, title, marks, "body", "text")
        rest = area.adjusted(used + self._theme.px(12), 0, 0, 0)
        if row.keyword:
            shift = len("also: ")
            marks = tuple(at + shift for at in row.keyword_positions)
            self._line(painter, rest, f"also: {row.keyword}", marks, "small", "text-3")
        elif row.item.detail:
            self._line(painter, rest, one_line(row.item.detail), (), "small", "text-3")

    def _line(
        self,
        painter: QPainter,
        area: QRect,
        text: str,
        marks: tuple[int, ...],
        style: str,
        token: str,
    ) -> int:
        """Write one line with marked letters; returns its width."""
        medium = QFont.Weight.Medium if style == "body" else QFont.Weight.Normal
        font = _weighted(self._theme.font(style), medium)
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        if area.width() <= 0 or not shown:
            return 0
        layout = QTextLayout(shown, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        layout.setTextOption(option)
        layout.setFormats([self._mark(shown, at) for at in marks if at < len(shown)])
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        painter.setPen(self._theme.color(token))
        top = area.top() + (area.height() - line.height()) / 2
        layout.draw(painter, QPointF(area.left(), top))
        return round(line.naturalTextWidth())

    def _mark(self, shown: str, at: int) -> QTextLayout.FormatRange:
        mark = QTextLayout.FormatRange()
        mark.start = _units(shown[:at])
        mark.length = _units(shown[at])
        look = QTextCharFormat()
        look.setForeground(self._theme.color("accent-text"))
        look.setFontWeight(QFont.Weight.DemiBold)
        mark.format = look
        return mark


def _units(text: str) -> int:
    """How long Qt counts a text: in UTF-16, where an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def _weighted(font: QFont, weight: QFont.Weight) -> QFont:
    copy = QFont(font)
    copy.setWeight(weight)
    return copy
