"""Tables: columns fill the width or scroll, rows are added in place, cells are copied apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.blocks import BOLD, Span, Table
from morpheus_desktop.chat.table_view import TableText, TableView, columns_for
from morpheus_desktop.theme import Theme


def table(*rows: str) -> Table:
    cells = [tuple((Span(text),) if text else () for text in row.split("|")) for row in rows]
    return Table(cells[0], tuple(cells[1:]), tuple("left" for _ in cells[0]))


@given(st.lists(st.integers(20, 350), min_size=1, max_size=12), st.integers(100, 1200))
def test_columns(natural: list[int], width: int) -> None:
    columns = columns_for(natural, width, 96)
    least = sum(min(want, 96) for want in natural)
    if least < width:
        assert sum(columns) == width
    else:
        assert sum(columns) >= width or all(
            got == want for got, want in zip(columns, natural, strict=True)
        )
    assert all(got >= min(want, 96) - 1 for got, want in zip(columns, natural, strict=True))


@pytest.fixture
def text(qtbot: QtBot, theme: Theme) -> TableText:
    made = TableText(theme)
    qtbot.addWidget(made)
    return made


def everything(text: TableText) -> str:
    text.selectAll()
    return text.selected_text()


def test_a_copy_has_tabs(text: TableText) -> None:
    text.set_table(table("a|b", "1|x\u200by", "|3"))
    text.height_for(300)
    assert everything(text) == "a\tb\n1\tx\u200by\n\t3"


def test_part_of_a_cell(text: TableText) -> None:
    text.set_table(table("a|b", "word|2"))
    cursor = text.document().find("word")
    cursor.setPosition(cursor.selectionStart() + 1)
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)
    assert text.selected_text() == "ord"


def test_rows_are_added_and_changed(text: TableText) -> None:
    text.set_table(table("a|b", "1|2"))
    text.set_table(table("a|b", "1|2", "3|"))
    text.set_table(table("a|b", "1|2", "3|4", "5|6"))
    assert everything(text) == "a\tb\n1\t2\n3\t4\n5\t6"
    text.set_table(table("a|b", "1|9"))
    assert everything(text) == "a\tb\n1\t9"
    text.set_table(table("x|y|z", "1|2|3"))
    assert everything(text) == "x\ty\tz\n1\t2\t3"


def test_heights(qtbot: QtBot, theme: Theme) -> None:
    view = TableView(theme, table("a|b", "1|2", "3|4"))
    qtbot.addWidget(view)
    view.resize(400, view.height_for(400))
    assert 32 + 2 * 40 <= view.height() <= 32 + 2 * 42
    assert not view.grab().isNull()
    wide = TableView(theme, table("|".join("abcdefghij"), "|".join(["some longer words"] * 10)))
    qtbot.addWidget(wide)
    assert wide.height_for(300) >= wide.height_for(3000) + 8  # room for its scroll bar


def test_restyle(text: TableText, theme: Theme) -> None:
    text.set_table(Table(((Span("a"),),), (((Span("b", BOLD),),),), ("right",)))
    before = text.height_for(300)
    theme.set_scale(1.5)
    text.restyle()
    assert text.height_for(300) > before
    assert everything(text) == "a\nb"
