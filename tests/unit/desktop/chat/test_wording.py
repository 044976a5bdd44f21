"""The words below an answer."""

import pytest

from morpheus_desktop.chat import wording
from router.store.records import Message, Stats
from tests.support.messages import MakeMessage

NBSP = "\u00a0"


def test_facts(stats: Stats) -> None:
    assert wording.facts(stats) == [
        f"52.3{NBSP}tok/s",
        f"0.18{NBSP}s to first token",
        "341 tokens",
    ]
    assert len(wording.facts(stats, 1_790_000_000.0)) == 4
    assert wording.facts(None) == []
    assert wording.facts(Stats(prompt_tokens=5)) == []


def test_one_token_has_no_speed() -> None:
    stats = Stats(answer_tokens=1, first_token_s=0.05, total_s=0.05)
    assert wording.facts(stats) == [f"50{NBSP}ms to first token", "1 token"]


@pytest.mark.parametrize(
    ("state", "finish", "words"),
    [
        ("done", "stop", ""),
        ("done", "length", "Reached its longest length"),
        ("stopped", "stop", "Stopped by you"),
        ("cut_off", "stop", "Cut off"),
        ("failed", "stop", ""),
    ],
)
def test_ending(make_message: MakeMessage, state: str, finish: str, words: str) -> None:
    message: Message = make_message(state=state, stats=Stats(finish=finish))
    assert wording.ending(message)[0] == words


def test_thought(make_message: MakeMessage, stats: Stats) -> None:
    full = make_message(content="x", reasoning="y", stats=stats)
    assert wording.thought(full) == (
        f"Thought for 3.4{NBSP}s",
        "186 tokens, not sent back as context",
    )
    assert wording.thought(make_message(content="x")) == ("Thought", "not sent back as context")
    stopped = make_message(reasoning="y", state="stopped")
    assert wording.thought(stopped) == ("Stopped while thinking", "")


def test_dropped() -> None:
    assert wording.dropped(1).startswith("The oldest message no longer")
    assert wording.dropped(1_204).startswith("The 1,204 oldest messages no longer")
