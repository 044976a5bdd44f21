"""The memory of pieces over all sessions: as long as they could be sent again, and no longer."""

import pytest

from router.morrpc.errors import Fault, WireError
from router.morrpc.seen import KEPT_S, Seen

KEY, OTHER = b"\x04" + b"a" * 64, b"\x04" + b"b" * 64


def piece(number: int) -> bytes:
    return number.to_bytes(32, "little")


def came_before(seen: Seen, number: int, key: bytes = KEY) -> bool:
    try:
        seen.check(key, piece(number))
    except WireError as error:
        assert error.fault is Fault.REPLAYED  # noqa: PT017
        return True
    return False


def test_a_piece_comes_once_from_each_provider() -> None:
    seen = Seen()
    assert [came_before(seen, number) for number in (1, 2, 1, 2)] == [False, False, True, True]
    assert not came_before(seen, 1, OTHER)


def test_it_is_remembered_as_long_as_it_could_be_taken_for_new() -> None:
    now = 0.0
    seen = Seen(lambda: now)
    assert not came_before(seen, 1)
    now = KEPT_S
    assert not came_before(seen, 2)
    for now in (KEPT_S + 1, 2 * KEPT_S):  # noqa: B007 - the clock
        assert came_before(seen, 1)
        assert came_before(seen, 2)
    now = 3 * KEPT_S
    came_before(seen, 3)
    assert not came_before(seen, 1)


@pytest.mark.parametrize("most", [1, 10])
def test_it_never_holds_more_than_it_may(most: int) -> None:
    seen = Seen(most=most)
    for number in range(5 * most):
        assert not came_before(seen, number)
        assert len(seen._new) + len(seen._old) <= 2 * most
        for recent in range(max(number - most + 1, 0), number + 1):
            assert came_before(seen, recent)
