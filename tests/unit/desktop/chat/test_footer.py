"""The line below an answer."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.chat.footer import Footer
from morpheus_desktop.theme import Theme


@pytest.fixture
def footer(qtbot: QtBot, theme: Theme) -> Footer:
    made = Footer(theme)
    qtbot.addWidget(made)
    made.resize(600, 32)
    made.show()
    return made


def buttons(footer: Footer) -> dict[str, PaintedButton]:
    return {
        child.accessibleName(): child
        for child in footer.findChildren(PaintedButton)
        if child.isVisible()
    }


def test_actions_are_made_when_asked_for(qtbot: QtBot, footer: Footer) -> None:
    assert not footer.findChildren(PaintedButton)
    footer.show_actions(shown=True)
    found = buttons(footer)
    assert list(found) == ["Copy", "Try again", "Branch into a new chat", "More"]
    for name, signal in (
        ("Copy", footer.copy_clicked),
        ("Try again", footer.regenerate_clicked),
        ("Branch into a new chat", footer.branch_clicked),
    ):
        with qtbot.waitSignal(signal):
            found[name].click()
    with qtbot.waitSignal(footer.more_clicked) as where:
        found["More"].click()
    assert isinstance(where.args[0], QPoint)
    footer.show_actions(shown=False)
    assert not buttons(footer)


def test_versions(qtbot: QtBot, footer: Footer) -> None:
    footer.set_versions(1, 1)
    assert not buttons(footer)
    footer.set_versions(1, 3)
    found = buttons(footer)
    assert not found["Previous version"].isEnabled()
    with qtbot.waitSignal(footer.version_clicked) as step:
        found["Next version"].click()
    assert step.args == [1]
    footer.set_versions(3, 3)
    assert not found["Next version"].isEnabled()
    with qtbot.waitSignal(footer.version_clicked) as step:
        found["Previous version"].click()
    assert step.args == [-1]


def test_words_are_accessible_and_painted(footer: Footer) -> None:
    empty = footer.grab().toImage()
    footer.set_facts(["61.3 tok/s", "58 tokens"], lead="Stopped by you")
    assert footer.accessibleName() == "Stopped by you, 61.3 tok/s, 58 tokens"
    assert footer.grab().toImage() != empty


def test_where_there_is_little_room_the_cost_stays_longest(footer: Footer, theme: Theme) -> None:
    facts = ["61.3 tok/s", "0.84 s to first token", "58 tokens", "≈ 1 MOR of time", "19:44"]
    footer.set_facts(facts, lead="Cut off")
    metrics = QFontMetrics(theme.font("caption"))

    def words(room: int) -> list[str]:
        return [word for word, _token in footer._words(metrics, room)]

    assert words(2_000) == ["Cut off", *facts]
    whole = metrics.horizontalAdvance("".join(["Cut off", *facts])) + 5 * 19
    assert words(whole - 8) == ["Cut off", *facts[:-1]]
    assert words(170) == ["Cut off", "≈ 1 MOR of time"]
    assert words(10) == ["Cut off"]


def test_the_spinner_turns_only_while_writing_and_visible(footer: Footer) -> None:
    footer.set_facts([], lead="Writing", writing=True)
    assert footer._turn.isActive()
    footer.hide()
    assert not footer._turn.isActive()
    footer.show()
    assert footer._turn.isActive()
    footer.set_facts(["58 tokens"])
    assert not footer._turn.isActive()
