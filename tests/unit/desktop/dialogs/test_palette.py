"""The command palette: the keyboard stays in its input, and finds, moves, runs, flips."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.dialogs.palette import PaletteDialog
from morpheus_desktop.viewmodels.palette import Item, PaletteViewModel
from morpheus_desktop.widgets.basic import ThemedButton
from tests.support.looks import clipped, unnamed


@pytest.fixture
def done():
    return []


@pytest.fixture
def vm(prefs, done, qapp):
    commands = Commands(prefs)
    state = {"dark": False}

    def flip() -> None:
        state["dark"] = not state["dark"]

    commands.add(
        Command("chat.new", "New chat", lambda: done.append("new"), "Ctrl+N"),
        Command("quit", "Quit", lambda: done.append("quit"), "Ctrl+Q"),
        Command("dark", "Dark colours", flip, group="Settings", checked=lambda: state["dark"]),
        *(Command(f"more.{n}", f"Go to page {n}", print) for n in range(20)),
    )
    return PaletteViewModel(commands, prefs)


@pytest.fixture
def dialog(vm, theme, over):
    made = PaletteDialog(vm, theme, over)
    made.open()
    return made


def press(dialog, qtbot, *keys):
    for key in keys:
        qtbot.keyClick(dialog._input, key)


def current(dialog) -> str:
    return dialog._list.current().item.title


def test_what_is_typed_is_found_and_run(dialog, qtbot, done):
    qtbot.keyClicks(dialog._input, "qui")
    assert current(dialog) == "Quit"
    with qtbot.waitSignal(dialog.finished):
        press(dialog, qtbot, Qt.Key.Key_Return)
    assert done == ["quit"]
    assert not dialog.isVisible()


def test_arrows_and_page_keys_move_without_leaving_the_input(dialog, over, qtbot):
    first = current(dialog)
    press(dialog, qtbot, Qt.Key.Key_Down)
    assert current(dialog) != first
    assert dialog._input.accessibleDescription() == current(dialog)
    press(dialog, qtbot, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, Qt.Key.Key_Up)
    assert over.focusWidget() is dialog._input


def test_a_switch_is_flipped_in_place(dialog, qtbot):
    qtbot.keyClicks(dialog._input, "dark")
    press(dialog, qtbot, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog._list.current().item.checked is True
    press(dialog, qtbot, Qt.Key.Key_Return)
    assert dialog._list.current().item.checked is False


def test_nothing_found_leads_on(dialog, vm, qtbot):
    asked = []
    vm.ask_requested.connect(asked.append)
    qtbot.keyClicks(dialog._input, "zebra stripes")
    assert dialog._empty.title.text() == "Nothing for “zebra stripes”"
    assert dialog._count.text() == "0 matches"
    press(dialog, qtbot, Qt.Key.Key_Return)
    assert asked == ["zebra stripes"]


@pytest.mark.parametrize("title", ["Zebra stripes", "Something else"])
def test_enter_waits_for_lists_that_are_still_read(dialog, vm, qtbot, qloop, done, title):
    asked = []
    vm.ask_requested.connect(asked.append)
    vm._unread = {0, 1}
    qtbot.keyClicks(dialog._input, "zebra")
    press(dialog, qtbot, Qt.Key.Key_Return)
    assert (asked, done, dialog.isVisible()) == ([], [], True)

    async def source():
        return [Item("chat.1", "Chats", title, lambda: done.append("opened"))]

    async def nothing():
        return []

    qloop.run_until_complete(vm.read(0, nothing))
    assert dialog.isVisible()
    qloop.run_until_complete(vm.read(1, source))
    assert (asked, done) == (([], ["opened"]) if "Zebra" in title else (["zebra"], []))


def test_messages_are_searched_for_what_was_not_found(dialog, vm, qtbot):
    qtbot.keyClicks(dialog._input, "zebra")
    search = next(b for b in dialog.findChildren(ThemedButton) if b.text() == "Search messages")
    with qtbot.waitSignal(vm.search_requested) as told:
        qtbot.mouseClick(search, Qt.MouseButton.LeftButton)
    assert told.args == ["zebra"]


def test_esc_closes_and_runs_nothing(dialog, qtbot, done):
    with qtbot.waitSignal(dialog.finished) as told:
        press(dialog, qtbot, Qt.Key.Key_Escape)
    assert told.args == [0]
    assert done == []


def test_what_was_run_is_first_next_time(dialog, vm, theme, over, qtbot):
    qtbot.keyClicks(dialog._input, "quit")
    press(dialog, qtbot, Qt.Key.Key_Return)
    again = PaletteDialog(vm, theme, over)
    again.open()
    assert current(again) == "Quit"
    assert again._list.current().group == "Recent"


@pytest.mark.parametrize("size", [(1280, 820), (960, 640)])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("query", ["", "go", "zebra"])
def test_nothing_is_cut_and_all_of_it_is_in_the_window(vm, theme, over, qtbot, size, scale, query):
    theme.set_scale(scale)
    over.resize(*size)
    dialog = PaletteDialog(vm, theme, over)
    dialog.open()
    dialog._input.setText(query)
    qtbot.waitUntil(lambda: clipped(dialog) == [])
    assert dialog.rect().contains(dialog.panel.geometry())
    assert unnamed(dialog) == []


def test_where_it_is_and_how_large(vm, theme, over, qtbot):
    over.resize(1280, 820)
    dialog = PaletteDialog(vm, theme, over)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.panel.y() == 112)
    assert dialog.panel.width() == 640
