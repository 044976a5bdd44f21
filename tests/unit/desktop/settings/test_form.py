"""Rows of settings: found by their words, whole at every width, with what is wrong below them."""

import pytest
from PySide6.QtWidgets import QWidget

from morpheus_desktop.settings.form import Section
from morpheus_desktop.widgets.basic import button
from tests.support.looks import clipped


@pytest.fixture
def section(theme, qtbot):
    made = Section(theme, "Local models")
    loading, files = made.card("Loading", "For all models."), made.card("Files")
    made.threads = loading.row(
        "cpu", "Threads", "One core stays free.", button(theme, "Automatic"), setting="threads"
    )
    made.idle = loading.row("hourglass", "Unload when idle", "Gives the memory back.")
    made.folder = files.row("folder", "Downloaded models", "/data/modèles")
    made.resize(700, 500)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def shown(section) -> list[str]:
    rows = (section.threads, section.idle, section.folder)
    return [row._title.text() for row in rows if row.isVisible()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Threads", "Unload when idle", "Downloaded models"]),
        ("memory", ["Unload when idle"]),
        ("CORE free", ["Threads"]),
        ("loading", ["Threads", "Unload when idle"]),
        ("local models files", ["Downloaded models"]),
        ("modeles", ["Downloaded models"]),
        ("nothing like it", []),
    ],
)
def test_rows_are_found_by_all_their_words(section, words, found):
    assert section.keep_matching(words) is bool(found)
    assert shown(section) == found


def test_only_the_first_row_of_a_card_has_no_line(section):
    assert [row.lined for row in (section.threads, section.idle)] == [False, True]
    section.keep_matching("memory")
    assert not section.idle.lined


def test_a_row_says_what_is_wrong_and_takes_it_back(section):
    section.show_problem("threads", "Too many.")
    section.show_problem("unknown", "Elsewhere.")
    assert section.threads.said == "Too many."
    section.idle.say("Careful.", "warn")
    section.clear_problems()
    assert section.threads.said == ""
    assert section.idle.said == "Careful."


def test_what_is_below_a_row_stands_between_its_words_and_what_is_wrong(section, qtbot):
    below = QWidget()
    below.setMinimumHeight(30)
    section.threads.add_below(below)
    section.threads.say("Too many.")
    qtbot.waitUntil(lambda: below.y() > 0 and section.threads._below.y() > below.y())


def test_a_row_that_is_removed_is_gone(section, qtbot):
    card = section.threads.parentWidget().parentWidget()
    card.remove(section.threads)
    assert not section.idle.lined
    assert section.keep_matching("threads") is False


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("width", [900, 420])
def test_a_row_turns_where_it_is_narrow(section, theme, qtbot, width, scale):
    wide = button(theme, "A control with many words in it")
    row = section.card().row("cpu", "Title", "Some words about it, not too few of them.", wide)
    theme.set_scale(scale)
    section.resize(round(width * scale), 900)
    qtbot.waitUntil(lambda: wide.isVisible() and clipped(section) == [])
    below = wide.geometry().top() >= row._title.geometry().bottom()
    assert below is (width == 420)
    assert wide.geometry().right() <= row.width()


def test_it_is_not_wider_than_is_good_to_read(section, qtbot):
    section.resize(2000, 500)
    card = section.threads.parentWidget()
    qtbot.waitUntil(lambda: card.width() == 760)
