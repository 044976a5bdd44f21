"""A notice: what happened in bold, what follows, what can be done."""

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.note import Note
from router.errors import ConfigError
from tests.support.looks import colors


@pytest.fixture
def note(theme, qtbot):
    made = Note(theme, "warn", "No connection.", "Local chat works.")
    qtbot.addWidget(made)
    made.show()
    return made


def test_it_is_read_aloud_in_full(note):
    assert note.accessibleName() == "No connection. Local chat works."


@pytest.mark.parametrize("tone", ["warn", "danger", "info", "accent"])
def test_its_ground_is_that_of_its_tone(note, theme, tone):
    note.set(tone, "Something", "else")
    assert theme.hex(f"{tone}-soft").lower() in colors(note)


def test_an_error_says_what_is_safe_and_what_to_do(note, theme):
    note.set_error(ConfigError("The file is wrong.", safe="It was kept.", hint="Correct it."))
    assert note.accessibleName() == "The file is wrong. It was kept. Correct it."
    assert theme.hex("danger-soft").lower() in colors(note)


def test_an_unexpected_error_tells_no_details(note):
    note.set_error(ValueError("secret"))
    assert "secret" not in note.accessibleName()
    assert "Diagnostics" in note.accessibleName()


@pytest.mark.parametrize("below", [False, True])
def test_an_action_stands_beside_or_below(note, theme, qtbot, below):
    retry = button(theme, "Try again")
    note.add_action(retry, below=below)
    note.resize(600, note.heightForWidth(600))
    qtbot.waitUntil(retry.isVisible)
    note.layout().activate()  # what was shown just now has its place only then
    words = note._words.geometry()
    assert (retry.geometry().top() >= words.bottom()) is below


def test_markup_stays_text(note):
    note.set("", "<b>bold</b>")
    assert note._words.text() == "<b>bold</b>"


def test_a_narrow_note_shows_all_lines(theme, qtbot):
    around = QWidget()
    qtbot.addWidget(around)
    column = QVBoxLayout(around)
    note = Note(theme, "warn", "Only send on Base.", "What is sent elsewhere is lost. " * 4)
    note.be_narrow()
    column.addWidget(note)
    column.addStretch()
    around.resize(260, 600)
    with qtbot.waitExposed(around):
        around.show()
    assert note.height() >= note.heightForWidth(note.width())
