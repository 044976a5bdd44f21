"""A bar of parts: shares, hatches, and what the keyboard tells of them."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.bar import Bar, Key, Part
from tests.support.looks import colors

PARTS = (
    Part(0.5, "accent", "Loaded 4 GB"),
    Part(0.25, "info", "If loaded 2 GB", hatched=True),
    Part(0.0, "danger", "Nothing"),
)


@pytest.fixture
def bar(theme, qtbot):
    made = Bar(theme, "Memory")
    qtbot.addWidget(made)
    made.set_parts(PARTS)
    made.resize(400, made.sizeHint().height())
    made.show()
    return made


def test_parts_without_a_share_are_left_out(bar):
    assert [part.token for part in bar.parts] == ["accent", "info"]


def test_each_place_belongs_to_a_part_or_to_none(bar):
    assert bar.part_at(100) == PARTS[0]
    assert bar.part_at(250) == PARTS[1]
    assert bar.part_at(390) is None


def test_the_arrow_keys_tell_the_parts_one_by_one(bar, qtbot):
    assert bar.accessibleDescription() == "Loaded 4 GB"
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert bar.accessibleDescription() == "If loaded 2 GB"
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert bar.accessibleDescription() == "If loaded 2 GB"
    qtbot.keyClick(bar, Qt.Key.Key_Left)
    assert bar.accessibleDescription() == "Loaded 4 GB"


def test_fewer_parts_leave_the_keyboard_on_one_that_is_there(bar, qtbot):
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    bar.set_parts(PARTS[:1])
    assert bar.accessibleDescription() == "Loaded 4 GB"
    bar.set_parts(())
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert bar.part_at(10) is None


def test_the_last_part_reaches_the_end(bar, theme):
    bar.set_parts((Part(0.5, "accent", "Half"), Part(0.5, "info", "The rest")))
    painted = bar.grab().toImage()
    end = painted.pixelColor(painted.width() - 1, painted.height() // 2)
    assert end.name() == theme.hex("info").lower()


def test_colours_and_the_empty_rest(bar, theme):
    painted = colors(bar)
    assert theme.hex("accent").lower() in painted
    assert theme.hex("bg-active").lower() in painted


def test_hatched_is_striped(theme, qtbot):
    plain, hatched = Key(theme, "info"), Key(theme, "info", hatched=True)
    for key in (plain, hatched):
        qtbot.addWidget(key)
    assert len(colors(hatched)) > len(colors(plain))
