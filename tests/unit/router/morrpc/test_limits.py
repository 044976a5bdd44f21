"""How long a peer may take."""

import pytest

from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import MIB, PIECES, UNARY, Deadlines, Limits

LIMITS = Limits(first_frame_s=10, gap_s=4, total_s=30)


def test_what_is_agreed_on() -> None:
    assert (PIECES.frame_bytes, PIECES.answer_bytes) == (8 * MIB, 64 * MIB)
    assert UNARY.total_s <= 10


def test_the_first_frame_may_take_longer_than_the_next() -> None:
    deadlines = Deadlines(LIMITS, 100.0)
    assert deadlines.left_s(100.0) == 10
    assert deadlines.left_s(109.0) == 1
    deadlines.heard(109.0)
    assert deadlines.left_s(109.0) == 4


def test_what_is_sent_takes_its_time() -> None:
    slow = Limits(first_frame_s=10, gap_s=4, total_s=30, upload_bytes_a_second=100)
    found = slow.with_upload(2_000)
    assert (found.first_frame_s, found.total_s, found.gap_s) == (30, 50, 4)
    assert found.frame_bytes == slow.frame_bytes


def test_it_ends_altogether() -> None:
    deadlines = Deadlines(LIMITS, 100.0)
    for second in range(101, 130):
        deadlines.heard(float(second))
        deadlines.check(float(second))
    assert deadlines.left_s(129.0) == 1
    with pytest.raises(WireError) as caught:
        deadlines.check(130.0)
    assert caught.value.fault is Fault.TOO_SLOW


def test_silence_is_noticed() -> None:
    deadlines = Deadlines(LIMITS, 0.0)
    deadlines.check(9.9)
    with pytest.raises(WireError):
        deadlines.check(10.0)
    assert deadlines.left_s(99.0) == 0
