"""router.answer: an answer takes in what the model says and always has an end."""

import pytest

from router.answer import Answer, AnswerDelta, AnswerFrom, AnswerReading, AnswerRerouted
from router.backends.base import (
    AnsweredBy,
    Called,
    Delta,
    Finished,
    Rerouted,
    Started,
    ToolCall,
)
from router.errors import BackendError, ProviderError, WalletLocked
from router.store.chats import ChatStore
from router.store.db import Database
from tests.support.messages import message_maker


class Clock:
    """Seconds that a test counts."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answer(clock: Clock) -> Answer:
    answer = Answer("0x1", ChatStore(Database(None)), clock=clock)
    answer.start(message_maker()("assistant", state="writing", id=7, parent_id=6))
    return answer


def test_before_it_starts() -> None:
    answer = Answer("0x1", ChatStore(Database(None)))
    assert (answer.phase, answer.message_id, answer.has_started) == ("waiting", 0, False)
    with pytest.raises(AssertionError):
        _ = answer.message


def test_life_of_an_answer(answer: Answer, clock: Clock) -> None:
    assert (answer.phase, answer.message_id, answer.question_id) == ("reading", 7, 6)
    assert answer.take(Started(12, 4096, 2)) == AnswerReading("0x1", 7, 12, 4096, 2)
    clock.now = 101.5
    assert answer.take(Delta("Hel")) == AnswerDelta("0x1", 7, "Hel", "")
    assert (answer.phase, answer.stats.first_token_s) == ("writing", 1.5)
    answer.take(Delta("lo"))
    assert answer.unsaved
    assert answer.take(Finished("length", 12, 2, 1.4, 3.0)) is None
    message = answer.message
    assert (message.content, message.state, message.error) == ("Hello", "done", "")
    assert message.stats is not None
    assert (message.stats.first_token_s, message.stats.total_s) == (1.4, 3.0)
    assert (message.stats.finish, message.stats.dropped_turns) == ("length", 2)


def test_reasoning_is_split_off_and_timed(answer: Answer, clock: Clock) -> None:
    answer.take(Delta("<think>so"))
    clock.now += 2
    answer.take(Delta(" that</think>"))
    answer.take(Delta("Yes"))
    assert (answer.text, answer.reasoning) == ("Yes", "so that")
    assert (answer.stats.reasoning_s, answer.stats.reasoning_tokens) == (2.0, 2)
    assert answer.stats.answer_tokens == 3


def test_end_gives_out_what_was_held_back(answer: Answer, clock: Clock) -> None:
    answer.take(Delta("<thi"))
    clock.now += 5
    rest = answer.end("cut_off", BackendError("It broke."))
    assert rest == AnswerDelta("0x1", 7, "<thi", "")
    assert answer.text == "<thi"
    assert (answer.message.state, answer.stats.total_s) == ("cut_off", 5.0)
    assert answer.message.error.startswith("It broke.")


def test_first_reason_to_stop_counts(answer: Answer) -> None:
    error = BackendError("The app ended.")
    answer.stop("cut_off", error)
    answer.stop()
    assert answer.wanted == ("cut_off", error)


def test_calls_of_functions_are_not_text(answer: Answer) -> None:
    assert answer.take(Called((ToolCall("1", "look", "{}"),))) is None
    assert answer.text == ""


async def test_whoever_waits_is_let_go(answer: Answer) -> None:
    answer.close()
    await answer.started()
    await answer.ended()
    assert answer.phase == "ended"


def test_many_pieces_are_joined_once(answer: Answer) -> None:
    for _ in range(1_000):
        answer.take(Delta("x"))
    assert answer.text == "x" * 1_000
    first = answer.text
    assert answer.text is first


REMOTE = AnsweredBy("remote", "Llama", "0xA1", "0x51", price_per_second=7, is_direct=True)


def test_who_answers_is_told_and_kept(answer: Answer, clock: Clock) -> None:
    told = answer.take(REMOTE)
    assert isinstance(told, AnswerFrom)
    assert (told.message.model, told.message.origin) == ("Llama", "remote")
    assert answer.unsaved
    clock.now += 2.25
    answer.take(Finished("stop", 12, 2, 1.0, 2.25, claimed=True))
    stats = answer.message.stats
    assert stats is not None
    assert (stats.provider, stats.session_id) == ("0xA1", "0x51")
    assert (stats.cost, stats.is_direct, stats.claimed) == (21, True, True)


def test_an_answer_that_is_cut_off_costs_its_time(answer: Answer, clock: Clock) -> None:
    answer.take(REMOTE)
    clock.now += 1
    answer.end("cut_off", BackendError("It broke."))
    assert answer.stats.cost == 7


def test_local_answers_cost_nothing(answer: Answer, clock: Clock) -> None:
    clock.now += 9
    answer.end("stopped")
    assert (answer.stats.cost, answer.message.origin) == (0, "local")


def test_only_who_answers_is_paid_for_its_time(answer: Answer, clock: Clock) -> None:
    """What the one took that failed before the first word is no part of this answer's cost."""
    answer.take(REMOTE)
    clock.now += 50
    answer.take(Rerouted("Llama at 0xA1", "Mistral", "It was silent.", 50.0))
    answer.take(AnsweredBy("local", "Mistral"))
    clock.now += 3
    answer.end("done")
    message = answer.message
    assert (message.model, message.origin) == ("Mistral", "local")
    assert message.stats is not None
    assert (message.stats.cost, message.stats.provider) == (0, "")


def test_notice_says_who_failed_and_that_the_limit_held(answer: Answer) -> None:
    first = Rerouted("A", "B", "It closed the connection.", 1.25, "0x52", 10**18, 2 * 10**18)
    told = answer.take(first)
    assert told == AnswerRerouted(
        "0x1",
        7,
        first,
        "A failed after 1.2 s: It closed the connection. B answers instead. "
        "1 MOR went into a new session; your limit of 2 MOR held.",
    )
    answer.take(Rerouted("B", "Mistral", "It was silent.", 3.0))
    lines = answer.stats.rerouted.splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("Mistral answers instead. No MOR was staked for this.")


def test_what_can_be_done_after_a_failure_is_kept(answer: Answer) -> None:
    choices = ("retry", "other_provider", "local")
    answer.end("cut_off", ProviderError("It closed the connection.", choices=choices))
    assert answer.stats.choices == choices
    answer.end("failed", WalletLocked("The wallet is locked."))
    assert answer.stats.choices == ("unlock", "local")
    answer.end("failed", BackendError("The model stopped."))
    assert answer.stats.choices == ()
