"""Rows of a table for Qt."""

from PySide6.QtCore import Qt

from morpheus_desktop.viewmodels.rows import Column, RowRole, RowsModel


def model() -> RowsModel[tuple[str, int]]:
    columns = [
        Column("name", "Name", 0, lambda row: row[0]),
        Column("count", "", 80, lambda row: str(row[1])),
        Column("open", "", 80, lambda row: "Open", spoken=lambda row: f"Open {row[0]}"),
    ]
    return RowsModel(columns, lambda row: row[0])


def test_cells_read_as_their_columns_say(qapp):
    made = model()
    made.set_rows([("a", 1), ("b", 2)])
    assert (made.rowCount(), made.columnCount()) == (2, 3)
    index = made.index(1, 0)
    assert index.data() == "b"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Name: b"
    assert made.index(1, 1).data(Qt.ItemDataRole.AccessibleTextRole) == "2"
    assert made.index(1, 2).data() == "Open"
    assert made.index(1, 2).data(Qt.ItemDataRole.AccessibleTextRole) == "Open b"
    assert index.data(RowRole) == ("b", 2)
    assert index.data(Qt.ItemDataRole.ToolTipRole) is None
    assert made.headerData(0, Qt.Orientation.Horizontal) == "Name"
    assert made.headerData(0, Qt.Orientation.Vertical) is None


def test_the_same_rows_in_the_same_order_only_change_their_cells(qapp, qtbot):
    made = model()
    made.set_rows([("a", 1), ("b", 2)])
    resets = []
    made.modelReset.connect(lambda: resets.append(1))
    with qtbot.waitSignal(made.dataChanged):
        made.set_rows([("a", 5), ("b", 6)])
    assert resets == []
    made.set_rows([("b", 6), ("a", 5)])
    assert resets == [1]


def test_rows_are_found_by_their_key(qapp):
    made = model()
    made.set_rows([("a", 1), ("b", 2)])
    assert (made.place_of("b"), made.place_of("z")) == (1, -1)
    assert (made.key_at(0), made.key_at(7), made.key_at(-1)) == ("a", "", "")
