"""Inputs: names, numbers, choices, and what a field says is wrong."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.field import Choice, DecimalBox, Field, LineEdit, NumberBox
from tests.support.looks import colors


@pytest.fixture
def shown(qtbot):
    def show(widget):
        qtbot.addWidget(widget)
        widget.show()
        return widget

    return show


def test_a_line_has_room_for_its_icon(theme, shown):
    line = shown(LineEdit(theme, "Search", icon="search"))
    plain = shown(LineEdit(theme, "Search"))
    assert line.accessibleName() == "Search"
    assert line.textMargins().left() == 22
    assert len(colors(line)) > len(colors(plain))
    theme.set_scale(2.0)
    assert line.textMargins().left() == 44


def test_a_number_is_told_when_it_is_done(theme, shown, qtbot):
    box = shown(NumberBox(theme, "Port", 0, 65535))
    told = []
    box.valueChanged.connect(told.append)
    box.selectAll()
    qtbot.keyClicks(box, "8082")
    assert told == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert told == [8082]
    assert box.text() == "8,082"


def test_a_number_cannot_leave_its_range(theme, shown, qtbot):
    box = shown(NumberBox(theme, "Threads", 1, 8))
    for _ in range(20):
        qtbot.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == 8


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_numbers_have_the_figures_of_tables_and_room_for_them(theme, shown, scale):
    theme.set_scale(1.25)
    boxes = [
        shown(NumberBox(theme, "Context", 0, 1_000_000)),
        shown(DecimalBox(theme, "Temperature", 0, 2, step=0.1, decimals=2)),
    ]
    theme.set_scale(scale)
    for box in boxes:
        line = box.lineEdit()
        assert line.font().family() == "JetBrains Mono"
        assert line.font().pixelSize() == round(12 * scale)
        room = line.width() - line.textMargins().left() - line.textMargins().right()
        assert room >= line.fontMetrics().horizontalAdvance(box.text())


def test_a_decimal_has_its_decimals(theme, shown):
    box = shown(DecimalBox(theme, "Temperature", 0, 2, step=0.05, decimals=2))
    box.setValue(0.7)
    box.stepUp()
    assert box.text() == "0.75"


def test_a_choice_tells_only_what_the_user_took(theme, shown, qtbot):
    choice = shown(Choice(theme, "Unload", [("0", "Never"), ("600", "10 minutes")]))
    told = []
    choice.chosen.connect(told.append)
    choice.choose("600")
    assert (choice.current, told) == ("600", [])
    qtbot.keyClick(choice, Qt.Key.Key_Up)
    assert (choice.current, told) == ("0", ["0"])


def test_a_choice_keeps_what_was_chosen_among_others(theme, shown):
    choice = shown(Choice(theme, "Backup", [("a", "A"), ("b", "B")]))
    choice.choose("b")
    choice.set_choices([("x", "X"), ("b", "B")])
    assert choice.current == "b"
    choice.set_choices([("x", "X")])
    assert choice.current == "x"
    choice.set_choices([])
    assert choice.current == ""


def test_all_words_of_a_choice_fit(theme, shown):
    choice = shown(Choice(theme, "Who", [("a", "This computer only"), ("b", "All")]))
    choice.resize(choice.sizeHint())
    room = choice.width() - theme.px(10 + 4 + 28) - 2
    assert room >= choice.fontMetrics().horizontalAdvance("This computer only")


def test_a_field_says_what_is_wrong_and_takes_it_back(theme, shown):
    line = LineEdit(theme, "")
    field = shown(Field(theme, "Port", line, hint="From 1 to 65535."))
    assert line.accessibleName() == "Port"
    assert line.accessibleDescription() == "From 1 to 65535."
    field.set_problem("80000 is too large.")
    assert field.problem == line.accessibleDescription() == "80000 is too large."
    assert theme.hex("danger").lower() in colors(line)
    field.set_problem("")
    assert field.problem == ""
    assert line.accessibleDescription() == "From 1 to 65535."
    assert theme.hex("danger").lower() not in colors(line)
