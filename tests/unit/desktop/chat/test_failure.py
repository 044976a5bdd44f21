"""The note under an answer that failed."""

from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.chat.failure import LONGEST, Failure
from morpheus_desktop.theme import Theme


def test_try_again(qtbot: QtBot, theme: Theme) -> None:
    note = Failure(theme, "The model stopped.", 600, failed=True)
    qtbot.addWidget(note)
    note.resize(600, note.content_height)
    with qtbot.waitSignal(note.chosen) as told:
        note.findChildren(PaintedButton)[0].click()
    assert told.args == ["retry"]
    assert note.accessibleName() == "The model stopped."


def test_a_long_reason_wraps_and_ends(qtbot: QtBot, theme: Theme) -> None:
    note = Failure(theme, "word \u202e" * 1_000, 300, failed=False)
    qtbot.addWidget(note)
    assert note.content_height > 100
    narrow = note.content_height
    note.set_width(900)
    assert note.content_height < narrow
    assert len(note.accessibleName()) < 12 * LONGEST
    assert "\u202e" not in note.accessibleName()


def test_failed_and_cut_off_look_different(qtbot: QtBot, theme: Theme) -> None:
    pictures = []
    for failed in (True, False):
        note = Failure(theme, "Why.", 300, failed=failed)
        qtbot.addWidget(note)
        note.resize(300, note.content_height)
        pictures.append(note.grab().toImage())
    assert pictures[0] != pictures[1]


def test_several_choices_stand_below_the_words(qtbot: QtBot, theme: Theme) -> None:
    choices = ("retry", "other_provider", "local")
    note = Failure(theme, "Why. " * 40, 600, failed=True, choices=choices)
    qtbot.addWidget(note)
    note.resize(600, note.content_height)
    note.show()
    buttons = note.findChildren(PaintedButton)
    assert [each.text() for each in buttons] == ["Try again", "Other provider", "Local model"]
    assert len({each.y() for each in buttons}) == 1
    told: list[str] = []
    note.chosen.connect(told.append)
    for each in buttons:
        each.click()
    assert told == list(choices)
    high = note.content_height
    note.set_width(200)
    note.resize(200, note.content_height)
    assert note.content_height > high
    assert all(note.rect().contains(each.geometry()) for each in buttons)
