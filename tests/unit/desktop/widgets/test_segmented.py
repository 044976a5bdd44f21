"""Choices beside each other: one is chosen."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.basic import ThemedButton
from morpheus_desktop.widgets.segmented import Segmented


@pytest.fixture
def segments(theme, qtbot):
    made = Segmented(theme, "Theme", [("light", "Light"), ("dark", "Dark"), ("system", "System")])
    qtbot.addWidget(made)
    made.choose("light")
    with qtbot.waitExposed(made):
        made.show()
    return made


def buttons(segments):
    return segments.findChildren(ThemedButton)


def test_one_is_chosen_by_a_click(segments, qtbot):
    with qtbot.waitSignal(segments.chosen) as told:
        qtbot.mouseClick(buttons(segments)[1], Qt.MouseButton.LeftButton)
    assert told.args == ["dark"]
    assert segments.current == "dark"
    assert [each.isChecked() for each in buttons(segments)] == [False, True, False]


def test_what_is_shown_is_told_to_nobody(segments, qtbot):
    with qtbot.assertNotEmitted(segments.chosen):
        segments.choose("system")
    assert segments.current == "system"


def test_each_is_named_with_what_it_sets(segments):
    assert [each.accessibleName() for each in buttons(segments)] == [
        "Theme: Light",
        "Theme: Dark",
        "Theme: System",
    ]


def test_an_unknown_choice_is_a_mistake(segments):
    with pytest.raises(KeyError):
        segments.choose("sepia")
