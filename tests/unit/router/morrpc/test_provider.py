"""What a provider reads, refuses and says."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.morrpc.confidential import seal_request
from router.morrpc.consumer import Consumer
from router.morrpc.envelope import write_request
from router.morrpc.errors import Fault, WireError
from router.morrpc.freshness import Requests
from router.morrpc.limits import PIECES, Limits
from router.morrpc.messages import Ping, Prompt, SessionRequest
from router.morrpc.provider import Answering
from router.morrpc.signing import key_of, sign
from tests.support.wire import (
    BID,
    CONSUMER,
    HELLO,
    NOW_MS,
    PROVIDER,
    QUESTION,
    SESSION,
    STRANGER,
    Pair,
)

PING = write_request("0", sign(Ping(nonce=b"\x01" * 8), CONSUMER))
PROMPT = sign(Prompt(session_id=SESSION, message=QUESTION, timestamp_ms=NOW_MS), CONSUMER)


def fault_of(deed: Callable[[], object]) -> Fault:
    with pytest.raises(WireError) as caught:
        deed()
    return caught.value.fault


def said(data: bytes) -> Any:
    frame = json.loads(data)
    assert frame["result"] is None
    return frame["error"]


def test_a_ping_is_answered_in_any_state() -> None:
    provider = Pair().answering(PING)
    pong = json.loads(provider.pong("0.1.0"))
    assert pong["id"] == "0"
    assert pong["result"]["nonce"] == "0x" + "01" * 8
    assert pong["result"]["version"] == "0.1.0 seals/1"


def test_one_request_is_read_and_what_comes_after_is_ignored() -> None:
    provider = Pair().answering()
    assert provider.feed(PING[:10], 0.0) is None
    assert isinstance(provider.feed(PING[10:] + b"garbage", 0.0), Ping)
    assert not provider.was_sealed


@pytest.mark.parametrize(
    "data",
    [
        b"null",
        b"garbage",
        b"[" * 100_000,
        b'{"id":1,"method":"network.ping","params":{}}',
        b'{"id":"1","params":{}}',
        b"{}",
    ],
)
def test_what_is_no_request_gets_no_answer(data: bytes) -> None:
    provider = Pair().answering()
    with pytest.raises(WireError) as caught:
        provider.feed(data, 0.0)
    assert provider.refuse(caught.value) == b""


@pytest.mark.parametrize(
    ("method", "params", "fault", "text"),
    [
        ("session.foo", {}, Fault.UNKNOWN_METHOD, "unknown method: unknown method: session.foo"),
        (
            "<x>" * 99,
            {},
            Fault.UNKNOWN_METHOD,
            "unknown method: unknown method: " + "<x>" * 21 + "<",
        ),
        ("session.prompt", None, Fault.BAD_MESSAGE, "request validation failed"),
        ("session.prompt", {"sessionid": 1}, Fault.BAD_MESSAGE, "request validation failed"),
        ("sealed.request", {}, Fault.BAD_MESSAGE, "request validation failed"),
        ("sealed.request", {"box": "04"}, Fault.UNREADABLE, "failed to unmarshal request"),
    ],
)
def test_other_requests_are_refused_in_known_words(
    method: str, params: Any, fault: Fault, text: str
) -> None:
    provider = Pair().answering()
    data = json.dumps({"id": "1", "method": method, "params": params}).encode()
    with pytest.raises(WireError) as caught:
        provider.feed(data, 0.0)
    assert caught.value.fault is fault
    error = said(provider.refuse(caught.value))
    assert (error["message"], error["code"]) == (text, 400)
    assert error["data"] == {"timestamp": NOW_MS, "signature": "0x00"}


def test_a_refusal_in_clear_text_does_not_say_what_was_sealed() -> None:
    inner = b'{"id":"1","method":"secret.method","params":{}}'
    provider = Pair().answering()
    with pytest.raises(WireError) as caught:
        provider.feed(seal_request("1", inner, key_of(PROVIDER))[0], 0.0)
    assert caught.value.fault is Fault.UNKNOWN_METHOD
    assert b"secret" not in provider.refuse(caught.value)


@given(st.integers(0), st.binary(min_size=1, max_size=8), st.booleans())
def test_a_damaged_request_raises_the_one_error(at: int, noise: bytes, seals: bool) -> None:
    pair = Pair(seals)
    data = pair.consumer.prompt(pair.peer, SESSION, QUESTION, 0.0).outgoing
    at %= len(data)
    provider = pair.answering()
    with suppress(WireError):
        if provider.feed(data[:at] + noise + data[at + len(noise) :], 0.0) is not None:
            provider.check(key_of(CONSUMER))


def test_a_ping_of_megabytes_is_neither_signed_nor_sent_back() -> None:
    longest = Pair().answering(write_request("0", sign(Ping(nonce=b"\x01" * 64), CONSUMER)))
    assert b"01" * 64 in longest.pong("0.1.0")
    provider = Pair().answering()
    data = write_request("0", sign(Ping(nonce=b"\x01" * 65), CONSUMER))
    assert fault_of(lambda: provider.feed(data, 0.0)) is Fault.BAD_MESSAGE
    assert provider.refuse(WireError(Fault.BAD_MESSAGE)) == b""


def test_who_asks_for_sessions_does_not_fill_the_memory_of_questions() -> None:
    pair = Pair(requests=Requests(300, most=1))
    data = [write_request("1", sign(session_request(spend=n), CONSUMER)) for n in (1, 2)]
    pair.answering(data[0]).check_session_request()
    assert fault_of(pair.answering(data[1]).check_session_request) is Fault.TOO_LARGE
    pair.answering(write_request("1", PROMPT)).check(key_of(CONSUMER))
    other = sign(replace(PROMPT, session_id="0x" + "12" * 32), CONSUMER)
    pair.answering(write_request("1", other)).check(key_of(CONSUMER))


@pytest.mark.parametrize(
    "method", ["network.ping", "session.prompt.stream.start", "session.prompt.stream.chunk"]
)
def test_where_an_error_would_end_a_deployed_consumer_nothing_is_said(method: str) -> None:
    provider = Pair().answering()
    data = json.dumps({"id": "1", "method": method, "params": {}}).encode()
    with pytest.raises(WireError) as caught:
        provider.feed(data, 0.0)
    assert provider.refuse(caught.value) == b""
    assert provider.refuse("no capacity") == b""


def test_a_request_is_of_the_sessions_user() -> None:
    pair = Pair()
    data = write_request("1", PROMPT)
    assert fault_of(lambda: pair.answering(data).check(key_of(STRANGER))) is Fault.BAD_SIGNATURE
    pair.answering(data).check(key_of(CONSUMER))


@pytest.mark.parametrize("off_ms", [-300_001, 300_001])
def test_an_old_request_is_refused(off_ms: int) -> None:
    pair = Pair()
    pair.now_ms += off_ms
    late = pair.answering(write_request("1", PROMPT))
    with pytest.raises(WireError) as caught:
        late.check(key_of(CONSUMER))
    assert caught.value.fault is Fault.STALE
    assert "clock" in said(late.refuse(caught.value))["message"]


def test_a_request_is_served_once() -> None:
    """Its id and the last byte of its signature can be changed by anybody."""
    pair = Pair()
    pair.answering(write_request("1", PROMPT)).check(key_of(CONSUMER))
    again = PROMPT.with_signature(PROMPT.signature[:64] + b"\x1b")
    replayed = pair.answering(write_request("2", again))
    assert fault_of(lambda: replayed.check(key_of(CONSUMER))) is Fault.REPLAYED


def test_a_sealed_request_is_served_once_too() -> None:
    pair = Pair(seals=True)
    conversation, provider = pair.asked()
    assert provider.was_sealed
    again = pair.answering(conversation.outgoing)
    assert fault_of(lambda: again.check(key_of(CONSUMER))) is Fault.REPLAYED


def test_what_was_not_signed_well_is_not_remembered() -> None:
    pair = Pair()
    forged = pair.answering(write_request("1", sign(PROMPT, STRANGER)))
    assert fault_of(lambda: forged.check(key_of(CONSUMER))) is Fault.BAD_SIGNATURE
    pair.answering(write_request("1", PROMPT)).check(key_of(CONSUMER))


def session_request(**changed: Any) -> SessionRequest:
    request = SessionRequest(
        user=CONSUMER.address, key=key_of(CONSUMER), spend=1, timestamp_ms=NOW_MS, bid_id=BID
    )
    return replace(request, **changed)


def test_a_key_is_bound_to_its_user() -> None:
    """Otherwise a stranger would take over the sessions of whom he names."""
    stolen = sign(session_request(key=key_of(STRANGER)), STRANGER)
    provider = Pair().answering(write_request("1", stolen))
    with pytest.raises(WireError) as caught:
        provider.check_session_request()
    assert caught.value.fault is Fault.BAD_SIGNATURE
    assert said(provider.refuse(caught.value))["message"] == "invalid signature"


def test_a_key_nobody_can_encrypt_for_is_refused() -> None:
    short = b"\x02" + key_of(CONSUMER)[1:33]
    provider = Pair().answering(write_request("1", sign(session_request(key=short), CONSUMER)))
    assert fault_of(provider.check_session_request) is Fault.BAD_MESSAGE


def test_a_session_request_somebody_else_signed_is_refused() -> None:
    provider = Pair().answering(write_request("1", sign(session_request(), STRANGER)))
    assert fault_of(provider.check_session_request) is Fault.BAD_SIGNATURE


def test_times_within_an_answer_never_go_back() -> None:
    pair = Pair()
    conversation, provider = pair.asked()
    pair.heard(conversation, provider.chunk(HELLO))
    pair.now_ms -= 5000
    assert len(pair.heard(conversation, provider.chunk(HELLO), provider.done())) == 2


def test_an_answer_is_written_without_a_prefix_and_nobody_reads_it() -> None:
    _, provider = Pair().asked()
    written = provider.chunk(HELLO)
    assert json.loads(written)["result"]["message"].startswith("04")
    assert b"Hello" not in written
    assert b"secret" not in provider.model_error("secret")


def test_who_says_nothing_is_dropped() -> None:
    provider = Answering(
        PROVIDER, Requests(300), lambda: NOW_MS, 0.0, limits=Limits(first_frame_s=5)
    )
    assert provider.left_s(1.0) == 4
    assert provider.feed(PING[:5], 4.0) is None
    assert fault_of(lambda: provider.feed(PING[5:], 5.0)) is Fault.TOO_SLOW


def test_a_frame_over_the_limit_is_refused() -> None:
    provider = Answering(
        PROVIDER, Requests(300), lambda: NOW_MS, 0.0, limits=replace(PIECES, frame_bytes=100)
    )
    assert fault_of(lambda: provider.feed(b'{"id":"' + b"1" * 200, 0.0)) is Fault.TOO_LARGE


def test_both_sides_can_be_one_account() -> None:
    """Who tries his own provider signs and reads with one key."""
    pair = Pair()
    consumer = Consumer(PROVIDER, lambda: NOW_MS)
    conversation = consumer.prompt(pair.peer, SESSION, QUESTION, 0.0)
    provider = pair.answering(conversation.outgoing)
    provider.check(key_of(PROVIDER))
    assert len(conversation.feed(provider.chunk(HELLO) + provider.done(), 0.0)) == 2
