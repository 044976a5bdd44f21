"""What came before is not taken again."""

import pytest

from router.morrpc.errors import Fault, WireError
from router.morrpc.freshness import Answers, Requests
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
