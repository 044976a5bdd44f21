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


ADDRESS = "0x9E04" + "0" * 32 + "a8F9"


def test_the_cost_of_time() -> None:
    spent = Stats(answer_tokens=58, cost=123_400_000_000_000)
    assert wording.facts(spent) == ["58 tokens", f"≈ 0.0001234{NBSP}MOR of time"]
    assert wording.facts(spent, hidden=True)[-1] == f"≈ ••••{NBSP}MOR of time"
    paid = Stats(answer_tokens=58, cost=10**18, is_direct=True, claimed=True)
    assert wording.facts(paid) == ["58 tokens claimed", f"cost 1{NBSP}MOR"]
    assert wording.facts(Stats(cost=5 * 10**17)) == [f"≈ 0.5{NBSP}MOR of time"]


def test_whose_computer(make_message: MakeMessage) -> None:
    remote = make_message(origin="remote", stats=Stats(provider=ADDRESS))
    assert wording.by(remote) == "0x9E04…a8F9"
    assert wording.spoken_by(remote) == ", address ending a 8 F 9"
    old = make_message(origin="remote")
    assert (wording.by(old), wording.spoken_by(old)) == ("Remote", ", remote")
    local = make_message()
    assert (wording.by(local), wording.spoken_by(local)) == ("Local", "")


def test_asking_again_is_always_a_choice(make_message: MakeMessage) -> None:
    assert wording.choices(make_message()) == ("retry",)
    locked = make_message(stats=Stats(choices=("unlock", "unheard of", "local")))
    assert wording.choices(locked) == ("unlock", "local", "retry")
    cut_off = make_message(stats=Stats(choices=("retry", "other_provider", "local")))
    assert wording.choices(cut_off) == ("retry", "other_provider", "local")


def test_who_failed_before(make_message: MakeMessage) -> None:
    assert wording.rerouted(make_message()) == []
    stats = Stats(rerouted="A failed.\nB failed.")
    assert wording.rerouted(make_message(origin="remote", stats=stats)) == [
        ("Switched provider.", "A failed."),
        ("Switched provider.", "B failed."),
    ]
    assert wording.rerouted(make_message(stats=stats))[-1][0] == "Switched to the local model."


def test_amounts_in_sentences_are_hidden() -> None:
    text = "1,012.5 MOR went into a session; your limit of 15 MOR held after 10 s."
    assert wording.masked(text, hidden=False) == text
    assert wording.masked(text, hidden=True) == (
        "•••• MOR went into a session; your limit of •••• MOR held after 10 s."
    )
