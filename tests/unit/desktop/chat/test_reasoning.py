"""What a model thought, folded."""

import math

import pytest
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.reasoning import Reasoning
from morpheus_desktop.theme import Theme


@pytest.fixture
def reasoning(qtbot: QtBot, theme: Theme) -> Reasoning:
    made = Reasoning(theme, 600)
    qtbot.addWidget(made)
    made.show()
    return made


def test_folded_it_is_one_line(reasoning: Reasoning) -> None:
    reasoning.append("thought " * 400)
    reasoning.set_done("Thought for 3.4 s", "186 tokens")
    assert reasoning.content_height == 32
    assert reasoning.width() < 600
    assert not reasoning.unfolded


def test_unfolded_it_shows_the_text(qtbot: QtBot, reasoning: Reasoning) -> None:
    reasoning.append("thought " * 400)
    with qtbot.waitSignal(reasoning.height_changed):
        reasoning.unfold(shown=True)
    assert reasoning.show_range(0, 2_000, math.inf)
    unfolded = reasoning.content_height
    assert unfolded > 150
    reasoning.append("more " * 400)
    reasoning.show_range(0, 2_000, math.inf)
    assert reasoning.content_height > unfolded
    reasoning.set_width(300)
    assert reasoning.content_height > 1.5 * unfolded
    with qtbot.waitSignal(reasoning.height_changed):
        reasoning.unfold(shown=False)
    assert reasoning.content_height == 32


def test_thinking_counts_the_seconds(reasoning: Reasoning, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("morpheus_desktop.chat.reasoning.perf_counter", lambda: now[0])
    reasoning.set_thinking()
    now[0] = 112.2
    reasoning.set_thinking()
    assert reasoning._head.accessibleName() == "Thinking… 12 s"
    assert reasoning._turn.isActive()
    assert reasoning.live_title()[0] == "Thought for 12.2\u00a0s"
    reasoning.set_done("Thought for 12.2 s", "not sent back as context")
    assert not reasoning._turn.isActive()
    assert reasoning._head.accessibleName() == "Thought for 12.2 s not sent back as context"
    assert not reasoning.grab().isNull()
