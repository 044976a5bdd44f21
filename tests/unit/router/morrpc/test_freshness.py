"""What came before is not taken again."""

import pytest

from router.morrpc.errors import Fault, WireError
from router.morrpc.freshness import MOST_AT_ONCE, Answers, Requests
from router.morrpc.messages import ReportRequest
from router.morrpc.signing import digest_of
from tests.support.wire import NOW_MS, SESSION


def request(timestamp_ms: int = NOW_MS, signature: bytes = b"\x01" * 65) -> ReportRequest:
    return ReportRequest(session_id=SESSION, timestamp_ms=timestamp_ms, signature=signature)


def fault_of(requests: Requests, asked: ReportRequest, now_ms: int = NOW_MS) -> Fault | None:
    try:
        requests.check(digest_of(asked), asked.timestamp_ms, now_ms)
    except WireError as error:
        return error.fault
    return None


def test_a_request_counts_once_whatever_its_signature() -> None:
    requests = Requests(300)
    assert fault_of(requests, request()) is None
    assert fault_of(requests, request(signature=b"\x01" * 64 + b"\x1b")) is Fault.REPLAYED
    assert fault_of(requests, request(NOW_MS + 1)) is None


@pytest.mark.parametrize("off_ms", [300_001, -300_001])
def test_clocks_may_differ_by_minutes_and_not_more(off_ms: int) -> None:
    assert fault_of(Requests(300), request(NOW_MS + off_ms)) is Fault.STALE
    inside = off_ms - 1 if off_ms > 0 else off_ms + 1
    assert fault_of(Requests(300), request(NOW_MS + inside)) is None


def test_a_request_is_remembered_as_long_as_it_would_be_taken() -> None:
    requests = Requests(300)
    ahead = request(NOW_MS + 300_000)
    assert fault_of(requests, ahead) is None
    for now_ms in (NOW_MS + 1, NOW_MS + 599_999, NOW_MS + 600_000):
        assert fault_of(requests, ahead, now_ms) is Fault.REPLAYED
    assert fault_of(requests, ahead, NOW_MS + 600_001) is Fault.STALE


def test_memory_is_bounded_and_comes_back() -> None:
    requests = Requests(300, most=3)
    for number in range(3):
        assert fault_of(requests, request(NOW_MS + number)) is None
    assert fault_of(requests, request(NOW_MS + 9)) is Fault.TOO_LARGE
    later = NOW_MS + 600_001
    assert fault_of(requests, request(later), later) is None
    assert len(requests._seen) == 1


def test_who_fills_a_memory_is_in_nobody_elses_way() -> None:
    """Keys to ask for sessions cost nothing; who paid for one must be heard all the same."""
    requests = Requests(300, most=2)
    for number in range(2):
        requests.check(b"asked %d" % number, NOW_MS, NOW_MS)
        requests.check(b"of a %d" % number, NOW_MS, NOW_MS, "a")
    for full in ("", "a"):
        with pytest.raises(WireError) as caught:
            requests.check(b"new", NOW_MS, NOW_MS, full)
        assert caught.value.fault is Fault.TOO_LARGE
    requests.check(b"new", NOW_MS, NOW_MS, "b")
    later = NOW_MS + 600_001
    requests.check(b"later", later, later, "a")
    assert requests._counts == {"a": 1}


def test_pieces_of_one_moment_are_bounded() -> None:
    """A provider whose clock stands still must not fill the memory of who asks."""
    answers = Answers()
    for number in range(MOST_AT_ONCE):
        answers.check(number.to_bytes(4, "big"), 100)
    with pytest.raises(WireError) as caught:
        answers.check(b"one more", 100)
    assert caught.value.fault is Fault.TOO_LARGE
    answers.check(b"later", 101)
    assert len(answers._at_last) == 1


def test_pieces_neither_come_twice_nor_go_back() -> None:
    answers = Answers()
    answers.check(b"one", 100)
    answers.check(b"two", 100)
    answers.check(b"three", 101)
    for digest, at in ((b"three", 101), (b"one", 100), (b"new", 100)):
        with pytest.raises(WireError) as caught:
            answers.check(digest, at)
        assert caught.value.fault is Fault.REPLAYED
    answers.check(b"four", 101)
    answers.check(b"five", 500)
    assert answers._at_last == {b"five"}
