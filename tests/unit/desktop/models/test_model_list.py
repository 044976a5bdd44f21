"""The list: its order, the keyboard inside it, and what is said when it is empty."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from morpheus_desktop.models import model_list
from morpheus_desktop.models.model_list import ModelList
from tests.support import gguf_file


@pytest.fixture
def shown(desk, theme, qtbot):
    """The list of a desk with two models, following its view-model as the page does."""
    made = ModelList(desk.vm, theme)
    qtbot.addWidget(made)

    def show() -> None:
        made.show_rows(desk.vm.installed, desk.vm.offers)

    def choose(row_id: str) -> None:
        desk.vm.selected = row_id
        show()

    made.chosen.connect(choose)
    desk.vm.changed.connect(show)
    made.resize(560, 900)
    show()
    made.show()
    return made


def press(qtbot, shown, key) -> None:
    qtbot.keyClick(shown.window().focusWidget() or shown, key)


def texts(shown) -> list[str]:
    return [
        shown._column.itemAt(at).widget().accessibleName().partition(".")[0]
        for at in range(shown._column.count())
        if shown._column.itemAt(at).widget() in shown._rows.values()
    ]


async def start(desk, shown, qtbot) -> None:
    desk.write_own("one")
    desk.write_own("two")
    await desk.start()
    desk.vm.selected = "one"
    desk.vm.changed.emit()
    qtbot.waitUntil(shown.row("two").isVisible)


async def test_files_then_the_place_to_drop_then_offers(desk, shown, qtbot):
    await start(desk, shown, qtbot)
    names = texts(shown)
    assert names[:2] == ["one", "two"]
    assert len(names) == 2 + len(desk.vm.offers)
    assert shown._heading.text() == "More models, from 127.0.0.1"
    assert (
        shown.row("two").y()
        < shown._hint.y()
        < shown._heading.y()
        < shown.row("phi-4-mini-instruct").y()
    )


async def test_before_the_files_were_read_and_when_there_are_none(desk, shown):
    assert shown._waiting.isVisible()
    assert not shown._hint.isVisible()
    await desk.start()
    assert not shown._waiting.isVisible()
    assert shown._hint._words.text() == model_list.NONE_HERE
    desk.write_own("one")
    await desk.library.scan()
    assert shown._hint._words.text() == model_list.HINT


async def test_arrows_choose_and_stop_at_the_ends(desk, shown, qtbot):
    await start(desk, shown, qtbot)
    shown.row("one").setFocus()
    press(qtbot, shown, Qt.Key.Key_Up)
    assert desk.vm.selected == "one"
    press(qtbot, shown, Qt.Key.Key_Down)
    assert desk.vm.selected == "two"
    assert shown.window().focusWidget() is shown.row("two")
    press(qtbot, shown, Qt.Key.Key_End)
    assert desk.vm.selected == desk.vm.offers[-1].id
    press(qtbot, shown, Qt.Key.Key_Home)
    assert desk.vm.selected == "one"


async def test_enter_loads_and_delete_asks_to_remove(desk, shown, qtbot):
    await start(desk, shown, qtbot)
    shown.row("one").setFocus()
    with qtbot.waitSignal(shown.load_asked) as asked:
        press(qtbot, shown, Qt.Key.Key_Return)
    assert asked.args == ["one"]
    with qtbot.waitSignal(shown.remove_asked) as asked:
        press(qtbot, shown, Qt.Key.Key_Delete)
    assert asked.args == ["one"]


async def test_rows_that_stay_keep_the_focus(desk, shown, qtbot):
    await start(desk, shown, qtbot)
    row = shown.row("two")
    row.setFocus()
    gguf_file.write(desk.paths.models / "another.gguf")
    await desk.library.scan()
    assert shown.row("two") is row
    assert shown.window().focusWidget() is row
    (desk.paths.models / "one.gguf").unlink()
    await desk.library.scan()
    assert "one" not in texts(shown)
    assert shown.window().focusWidget() is row
    desk.write_own("one")
    await desk.library.scan()
    qtbot.waitUntil(shown.row("one").isVisible)


async def test_a_widget_below_the_chosen_row_moves_with_it(desk, shown, qtbot):
    await start(desk, shown, qtbot)
    inside = QWidget()
    inside.setMinimumHeight(40)
    shown.put_inside(inside)
    inside.show()
    assert shown._column.indexOf(inside) == shown._column.indexOf(shown.row("one")) + 1
    shown.chosen.emit("two")
    assert shown._column.indexOf(inside) == shown._column.indexOf(shown.row("two")) + 1
    shown.put_inside(None)
    assert shown._column.indexOf(inside) == -1
    inside.setParent(None)
