"""What is left out of a conversation that has grown too long."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from router.backends.base import Turn
from router.inference import window

SYSTEM = Turn("system", "be brief")


def talk(questions: int) -> list[Turn]:
    turns = [SYSTEM]
    for number in range(questions):
        turns += [Turn("user", f"question {number}"), Turn("assistant", f"answer {number}")]
    return turns[:-1]


def test_a_question_goes_with_all_that_answers_it() -> None:
    turns = [
        SYSTEM,
        Turn("user", "weather?"),
        Turn("assistant", ""),
        Turn("tool", "sunny"),
        Turn("assistant", "It is sunny."),
        Turn("user", "thanks"),
    ]
    assert window.groups(turns) == [[1, 2, 3, 4], [5]]
    kept = window.without(turns, 1)
    assert (kept.turns, kept.dropped) == ((SYSTEM, turns[-1]), 4)


def test_nothing_is_dropped_while_all_fits() -> None:
    turns = talk(5)
    assert window.groups_to_drop(turns, [10] * len(turns), 100, 25) == 0


def test_what_is_dropped_stays_the_same_for_several_questions() -> None:
    dropped = [
        window.groups_to_drop(turns := talk(count), [10] * len(turns), 400, 100)
        for count in range(10, 60)
    ]
    changes = [now - before for before, now in itertools.pairwise(dropped)]
    assert set(changes) == {0, 5}
    assert changes.count(5) <= len(changes) / 5 + 1


@given(
    st.lists(
        st.tuples(st.sampled_from(["system", "user", "assistant", "tool"]), st.integers(0, 50)),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 300),
    st.integers(1, 100),
)
def test_system_and_newest_group_always_stay(
    shape: list[tuple[str, int]], room: int, step: int
) -> None:
    turns = [Turn(role, str(number)) for number, (role, _) in enumerate(shape)]
    sizes = [size for _, size in shape]
    count = window.groups_to_drop(turns, sizes, room, step)
    kept = window.without(turns, count)
    assert kept.dropped + len(kept.turns) == len(turns)
    for turn in turns:
        if turn.role == "system":
            assert turn in kept.turns
    if window.groups(turns):
        assert all(turns[position] in kept.turns for position in window.groups(turns)[-1])
    left = sum(sizes[int(turn.content)] for turn in kept.turns)
    assert left <= room or count == max(len(window.groups(turns)) - 1, 0)


def test_reserve_for_the_answer() -> None:
    assert window.reserve(8192, None) == 512
    assert window.reserve(1024, None) == 256
    assert window.reserve(8192, 20) == 20
    assert window.reserve(8192, 100_000) == 512
    assert window.least_answer(2048) == 32
    assert window.least_answer(64) == 8
