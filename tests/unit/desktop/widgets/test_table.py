"""The table: keys, sorting, columns that go, cells that act, tips of strangers."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget

from morpheus_desktop.viewmodels.rows import Column, RowsModel
from morpheus_desktop.widgets.table import Table
from tests.support.looks import paints

Row = tuple[str, int]
COLUMNS = [
    Column[Row]("name", "Name", 0, lambda r: r[0], lambda r: r[0], tip=lambda r: f"<b>{r[0]}</b>"),
    Column[Row]("count", "Count", 120, lambda r: str(r[1]), lambda r: r[1], descending=True),
    Column[Row]("rest", "Rest", 120, lambda r: "rest", drop=1),
    Column[Row]("open", "", 100, lambda r: "Open"),
]
ROWS: list[Row] = [(f"row {n}", n) for n in range(30)]


@pytest.fixture
def table(theme, qtbot) -> Table:
    model: RowsModel[Row] = RowsModel(COLUMNS, lambda row: row[0])
    made = Table(theme, model, "Rows", actions=frozenset(("open",)))
    around = QWidget()
    QVBoxLayout(around).addWidget(made)
    around.resize(700, 400)
    qtbot.addWidget(around)
    model.set_rows(ROWS)
    with qtbot.waitExposed(around):
        around.show()
    made.around = around
    return made


def cell(table: Table, row: int, column: int) -> QPoint:
    return table.visualRect(table._model.index(row, column)).center()


def test_arrow_keys_go_through_the_rows_and_enter_opens_one(table, qtbot):
    table.choose("row 0")
    with qtbot.waitSignal(table.chosen) as chosen:
        qtbot.keyClick(table, Qt.Key.Key_Down)
    assert chosen.args == ["row 1"]
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Enter):
        with qtbot.waitSignal(table.opened) as opened:
            qtbot.keyClick(table, key)
        assert opened.args == ["row 1"]


def test_letters_and_ctrl_enter_are_left_to_the_page(table, qtbot):
    table.choose("row 0")
    heard: list[str] = []
    table.around.keyPressEvent = lambda event: heard.append(event.text() or "control")
    opened: list[str] = []
    table.opened.connect(opened.append)
    qtbot.keyClick(table, Qt.Key.Key_F)
    qtbot.keyClick(table, Qt.Key.Key_Slash)
    qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [each for each in heard if each != "control"] == ["f", "/", "\r"]
    assert (opened, table.current) == ([], "row 0")


def test_a_title_sorts_and_sorts_the_other_way_round(table, qtbot):
    head = table.horizontalHeader()
    with qtbot.waitSignal(table.sorted) as told:
        head.sectionClicked.emit(1)
    assert told.args == ["count", True]
    table.show_sorting("count", descending=True)
    with qtbot.waitSignal(table.sorted) as told:
        head.sectionClicked.emit(1)
    assert told.args == ["count", False]
    with qtbot.assertNotEmitted(table.sorted):
        head.sectionClicked.emit(3)


def test_a_click_on_an_action_opens_and_any_click_is_told(table, qtbot):
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, 2, 3))
    assert opened.args == ["row 2"]
    with qtbot.waitSignal(table.cell_clicked) as told:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 60))
    assert told.args == ["row 1", "name", 5]


def test_where_it_is_narrow_columns_go_in_their_order(table, qtbot):
    assert not table.isColumnHidden(2)
    table.around.resize(480, 400)
    qtbot.waitUntil(lambda: table.isColumnHidden(2))
    assert not table.isColumnHidden(1)


def test_the_current_row_stays_when_rows_are_replaced(table, qtbot):
    table.choose("row 5")
    with qtbot.assertNotEmitted(table.chosen):
        table._model.set_rows(ROWS[::-1])
    assert table.current == "row 5"
    table.choose("no such row")
    assert table.current == ""


def test_only_rows_that_can_be_seen_are_in_view(table):
    seen = table.rows_in_view()
    assert seen.start == 0
    assert 5 < seen.stop < 30
    table._model.set_rows([])
    assert list(table.rows_in_view()) == []


def test_tips_of_strangers_are_plain(table, qtbot):
    where = cell(table, 0, 0)
    event = QHelpEvent(QEvent.Type.ToolTip, where, table.viewport().mapToGlobal(where))
    QApplication.sendEvent(table.viewport(), event)
    assert QToolTip.text() == "<p style='white-space:pre-wrap'>&lt;b&gt;row 0&lt;/b&gt;</p>"
    QToolTip.hideText()


def test_the_row_under_the_pointer_is_marked(table, theme, qtbot):
    def move(event: QEvent.Type, where: QPoint) -> None:
        point = QPointF(where)
        button, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        moved = QMouseEvent(event, point, point, button, button, none)
        QApplication.sendEvent(table.viewport(), moved)

    move(QEvent.Type.MouseMove, cell(table, 3, 0))
    assert table.hovered == 3
    assert paints(table, theme.color("bg-hover").name())
    QApplication.sendEvent(table.viewport(), QEvent(QEvent.Type.Leave))
    assert table.hovered == -1


def test_a_column_that_takes_what_is_left_has_its_own_least_width(table, qtbot):
    table._model.columns = (replace(COLUMNS[0], least=400), *COLUMNS[1:])
    table.around.resize(690, 400)
    qtbot.waitUntil(lambda: table.isColumnHidden(2))
    assert table.columnWidth(0) >= 400
