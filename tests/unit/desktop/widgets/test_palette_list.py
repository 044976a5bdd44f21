"""The list of the palette: rows under heads, moved by the keyboard of another widget."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.viewmodels.palette import Item, Row
from morpheus_desktop.widgets.palette_list import HEAD, ROW, PaletteList, spoken
from tests.support.looks import colors


def row(title, group="Actions", **more) -> Row:
    return Row(Item(f"id:{title}", group, title, print, **more), group)


ROWS = (row("New chat", keys="Ctrl+N"), row("Quit"), row("Dark", "Settings", checked=True))


@pytest.fixture
def shown(theme, qtbot):
    made = PaletteList(theme)
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.set_rows(ROWS)
    made.show()
    return made


def title(shown) -> str:
    return shown.current().item.title


def test_heads_are_passed_over_and_ends_are_joined(shown):
    assert title(shown) == "New chat"
    seen = []
    for _ in range(4):
        shown.move_by(1)
        seen.append(title(shown))
    assert seen == ["Quit", "Dark", "New chat", "Quit"]
    shown.move_by(-8)
    assert title(shown) == "New chat"
    shown.move_by(8)
    assert title(shown) == "Dark"


def test_a_switch_that_was_flipped_stays_chosen(shown):
    shown.set_rows(ROWS, keep="id:Dark")
    assert title(shown) == "Dark"
    shown.set_rows(ROWS, keep="gone")
    assert title(shown) == "New chat"


def test_a_click_chooses_and_heads_do_nothing(shown, qtbot):
    told = []
    shown.chosen.connect(told.append)
    for number in range(3):
        area = shown.visualRect(shown.model().index(number, 0))
        qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert [each.item.title for each in told] == ["New chat", "Quit"]


def test_nothing_can_be_run_when_nothing_was_found(shown):
    shown.set_rows(())
    shown.move_by(1)
    assert shown.current() is None
    assert shown.wanted_height() == 0


def test_the_height_is_that_of_nine_rows_at_most(shown, theme):
    assert shown.wanted_height() == 3 * ROW + 2 * HEAD
    shown.set_rows(tuple(row(str(number)) for number in range(30)))
    assert shown.wanted_height() == 9 * ROW + HEAD
    theme.set_scale(1.5)
    assert shown.wanted_height() == (9 * ROW + HEAD) * 1.5


def test_what_is_read_aloud():
    item = Item(
        "x", "Settings", "Dark\u202e theme", print, detail="In use", keys="F2", checked=True
    )
    assert spoken(item) == "Dark theme, In use, on, F2"


def test_letters_that_fit_are_marked(theme, qtbot, shown):
    accent = theme.hex("accent-text").lower()
    item = Item("x", "Actions", "WWWWW", print)
    shown.set_rows((row("first"), Row(item, "Actions")))
    area = shown.visualRect(shown.model().index(2, 0))
    assert accent not in colors_in(shown, area)
    shown.set_rows((row("first"), Row(item, "Actions", positions=(0, 1, 2))))
    assert accent in colors_in(shown, area)


def colors_in(shown, area) -> set[str]:
    image = shown.viewport().grab(area).toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_a_switch_is_painted_as_it_is(theme, shown):
    on = colors(shown)
    shown.set_rows((*ROWS[:2], row("Dark", "Settings", checked=False)))
    assert theme.hex("accent").lower() in on
    assert theme.hex("accent").lower() not in colors(shown)
