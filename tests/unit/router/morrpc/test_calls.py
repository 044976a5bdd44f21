"""What a consumer makes of what comes back: good pieces, an end, or what went wrong."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import WalletLocked
from router.morrpc.calls import Chunk, Conversation, End, Event, Failed
from router.morrpc.consumer import Consumer
from router.morrpc.endings import Kind
from router.morrpc.envelope import UNSIGNED, ErrorBody, write_error, write_result
from router.morrpc.errors import Fault, ModelRefusal, RemoteRefusal, WireError
from router.morrpc.limits import PIECES, Limits
from router.morrpc.messages import Frame
from router.morrpc.provider import Answering
from router.morrpc.sealing import seal
from router.morrpc.signing import key_of, sign
from router.wallet.account import Account
from tests.support.wire import (
    CONSUMER,
    HELLO,
    NOW_MS,
    PROVIDER,
    QUESTION,
    SESSION,
    STRANGER,
    Pair,
)

CHUNK = Chunk(json.loads(HELLO), HELLO)
WHOLE = End(is_whole=True)
both = pytest.mark.parametrize("seals", [False, True])


def fault_of(events: list[Event]) -> Fault:
    (failed,) = events
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, WireError)
    return failed.error.fault


def id_of(conversation: Conversation) -> str:
    return str(json.loads(conversation.outgoing)["id"])


def frame(conversation: Conversation, signer: Account = PROVIDER, **changed: object) -> bytes:
    """One piece in clear mode, as a provider would write it, or not."""
    box = seal(HELLO, key_of(CONSUMER)).hex()
    piece = sign(replace(Frame(message=box, timestamp_ms=NOW_MS), **changed), signer)  # type: ignore[arg-type]
    return write_result(id_of(conversation), piece)


@both
def test_an_answer_in_pieces(seals: bool) -> None:
    pair = Pair(seals)
    conversation, provider = pair.asked()
    assert pair.heard(conversation, provider.chunk(HELLO)) == [CHUNK]
    assert not conversation.done
    assert pair.heard(conversation, provider.chunk(HELLO), provider.done()) == [CHUNK, WHOLE]
    assert conversation.done
    assert pair.heard(conversation, b"more") == []
    assert conversation.end() == []
    assert conversation.expire(1e9) == []


@both
@given(at=st.lists(st.integers(0, 3000), max_size=6))
def test_any_cut_gives_the_same_events(seals: bool, at: list[int]) -> None:
    pair = Pair(seals)
    conversation, provider = pair.asked()
    data = provider.chunk(HELLO) + provider.chunk(HELLO) + provider.done() + b"never read"
    marks = sorted({0, len(data), *at})
    events: list[Event] = []
    for start, end in pairwise(marks):
        events += pair.heard(conversation, data[start:end])
    assert events == [CHUNK, CHUNK, WHOLE]


@both
@given(at=st.integers(0), noise=st.binary(min_size=1, max_size=8))
def test_a_damaged_answer_raises_nothing_and_gives_nothing_else(
    seals: bool, at: int, noise: bytes
) -> None:
    pair = Pair(seals)
    conversation, provider = pair.asked()
    data = provider.chunk(HELLO)
    at %= len(data)
    for event in pair.heard(conversation, data[:at] + noise + data[at + len(noise) :]):
        assert event == CHUNK or isinstance(event, Failed)


def test_pieces_before_a_bad_one_are_kept() -> None:
    pair = Pair()
    conversation, provider = pair.asked()
    events = pair.heard(conversation, provider.chunk(HELLO), b"garbage")
    assert events[0] == CHUNK
    assert fault_of(events[1:]) is Fault.NOT_A_FRAME
    assert conversation.done


@both
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_connection_that_is_closed_early_is_no_whole_answer(seals: bool, count: int) -> None:
    pair = Pair(seals)
    conversation, provider = pair.asked()
    for _ in range(count):
        pair.heard(conversation, provider.chunk(HELLO))
    events = conversation.end()
    if count:
        assert events == [End(is_whole=False)]
    else:
        assert fault_of(events) is Fault.CUT_OFF


def test_a_connection_closed_within_a_piece() -> None:
    pair = Pair()
    conversation, provider = pair.asked()
    pair.heard(conversation, provider.chunk(HELLO), provider.done()[:-1])
    assert fault_of(conversation.end()) is Fault.CUT_OFF


def test_closing_after_the_last_word_is_an_end() -> None:
    pair = Pair()
    conversation, provider = pair.asked()
    last = HELLO.replace(b'"index":0', b'"index":0,"finish_reason":"stop"')
    pair.heard(conversation, provider.chunk(last))
    assert not conversation.done
    assert conversation.end() == [WHOLE]


def test_an_answer_in_one_piece_ends_with_it() -> None:
    pair = Pair()
    conversation, provider = pair.asked()
    full = b'{"object":"chat.completion","choices":[{"message":{}}]}'
    (chunk, end) = pair.heard(conversation, provider.chunk(full))
    assert isinstance(chunk, Chunk)
    assert (chunk.raw, end) == (full, WHOLE)


def test_speech_ends_with_null() -> None:
    pair = Pair()
    conversation, provider = pair.asked(Kind.SPEECH)
    events = pair.heard(conversation, provider.chunk(b'"AAAA"'), provider.chunk(b"null"))
    assert events == [Chunk("AAAA", b'"AAAA"'), WHOLE]


def test_what_another_key_signed_is_refused() -> None:
    pair = Pair()
    conversation, _ = pair.asked()
    forged = frame(conversation, STRANGER)
    assert fault_of(pair.heard(conversation, forged)) is Fault.BAD_SIGNATURE


def test_what_was_changed_on_the_way_is_refused() -> None:
    pair = Pair()
    conversation, provider = pair.asked()
    data = provider.chunk(HELLO).replace(b'"timestamp":17', b'"timestamp":18')
    assert fault_of(pair.heard(conversation, data)) is Fault.BAD_SIGNATURE


@both
def test_the_answer_to_another_request_is_refused(seals: bool) -> None:
    pair = Pair(seals)
    _, other = pair.asked()
    pair.now_ms += 1
    conversation, _ = pair.asked()
    assert fault_of(pair.heard(conversation, other.chunk(HELLO))) is Fault.WRONG_ANSWER


@both
def test_a_piece_that_comes_twice_is_refused_and_not_shown_again(seals: bool) -> None:
    pair = Pair(seals)
    conversation, provider = pair.asked()
    piece = provider.chunk(HELLO)
    first, *rest = pair.heard(conversation, piece, piece)
    assert first == CHUNK
    assert fault_of(rest) is Fault.REPLAYED


@both
def test_a_piece_of_an_earlier_answer_is_refused(seals: bool) -> None:
    """Its id is not signed: anybody can change it."""
    pair = Pair(seals)
    earlier, provider = pair.asked()
    old = provider.chunk(HELLO)
    assert pair.heard(earlier, old, provider.done())[-1] == WHOLE
    pair.now_ms += 1000
    conversation, provider = pair.asked()
    renamed = old.replace(id_of(earlier).encode(), id_of(conversation).encode())
    assert fault_of(pair.heard(conversation, renamed)) is Fault.REPLAYED


def test_a_sealed_answer_takes_nothing_that_was_held_back_from_an_earlier_one() -> None:
    pair = Pair(seals=True)
    earlier, provider = pair.asked()
    held_back = provider.chunk(HELLO)
    pair.now_ms += 1
    conversation, _ = pair.asked()
    renamed = held_back.replace(id_of(earlier).encode(), id_of(conversation).encode())
    assert fault_of(pair.heard(conversation, renamed)) is Fault.WRONG_ANSWER


def test_pieces_out_of_order_are_refused_in_a_sealed_answer_even_within_a_millisecond() -> None:
    pair = Pair(seals=True)
    conversation, provider = pair.asked()
    _, second = provider.chunk(HELLO), provider.chunk(HELLO)
    assert fault_of(pair.heard(conversation, second)) is Fault.WRONG_ANSWER


def test_a_piece_from_long_before_the_question_is_refused() -> None:
    pair = Pair()
    conversation, _ = pair.asked()
    old = frame(conversation, timestamp_ms=NOW_MS - 300_001)
    assert fault_of(pair.heard(conversation, old)) is Fault.STALE


@pytest.mark.parametrize("at_ms", [2**64 - 1, NOW_MS + 300_001])
def test_a_piece_from_far_ahead_is_refused_and_those_after_it_are_not(at_ms: int) -> None:
    pair = Pair()
    conversation, _ = pair.asked()
    ahead = frame(conversation, timestamp_ms=at_ms)
    assert fault_of(pair.heard(conversation, ahead)) is Fault.STALE
    pair.now_ms += 1
    conversation, provider = pair.asked()
    assert pair.heard(conversation, provider.chunk(HELLO)) == [CHUNK]


def test_a_long_answer_goes_on_though_it_began_long_ago() -> None:
    pair = Pair(limits=replace(PIECES, skew_s=5))
    conversation, _ = pair.asked()
    pair.now_s += 60
    late = frame(conversation, timestamp_ms=NOW_MS + 65_000)
    assert pair.heard(conversation, late) == [CHUNK]
    ahead = frame(conversation, timestamp_ms=NOW_MS + 65_001)
    assert fault_of(pair.heard(conversation, ahead)) is Fault.STALE


@pytest.mark.parametrize("message", ["zz", "0x", "00", "ab" * 200])
def test_what_does_not_decrypt_is_refused(message: str) -> None:
    pair = Pair()
    conversation, _ = pair.asked()
    assert fault_of(pair.heard(conversation, frame(conversation, message=message))) is (
        Fault.UNREADABLE
    )


def test_hex_in_any_case_with_or_without_a_prefix_is_read() -> None:
    pair = Pair()
    conversation, _ = pair.asked()
    message = "0X" + seal(HELLO, key_of(CONSUMER)).hex().upper()
    assert pair.heard(conversation, frame(conversation, message=message)) == [CHUNK]


@pytest.mark.parametrize("payload", [b"", b"{", b"[" * 99, b'{"a":1,"a":1}', b"NaN", b"\xff"])
def test_a_signed_piece_can_still_be_garbage(payload: bytes) -> None:
    pair = Pair()
    conversation, provider = pair.asked()
    assert fault_of(pair.heard(conversation, provider.chunk(payload))) in (
        Fault.NOT_A_FRAME,
        Fault.TOO_DEEP,
    )


def test_more_than_is_accepted_is_refused() -> None:
    pair = Pair(limits=Limits(answer_bytes=4000))
    conversation, provider = pair.asked()
    events: list[Event] = []
    while not conversation.done:
        events += pair.heard(conversation, provider.chunk(HELLO))
    assert events[0] == CHUNK
    assert fault_of(events[-1:]) is Fault.TOO_LARGE


@both
def test_the_models_own_error(seals: bool) -> None:
    pair = Pair(seals)
    conversation, provider = pair.asked()
    (failed,) = pair.heard(conversation, provider.model_error({"error": {"message": "too long"}}))
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ModelRefusal)
    assert failed.error.body == {"providerModelError": {"error": {"message": "too long"}}}
    assert conversation.done


def test_a_models_error_that_another_key_signed_is_refused() -> None:
    pair = Pair()
    conversation, _ = pair.asked()
    error = sign(ErrorBody(seal(b"{}", key_of(CONSUMER)).hex(), NOW_MS), STRANGER)
    events = pair.heard(conversation, write_error(id_of(conversation), error))
    assert fault_of(events) is Fault.BAD_SIGNATURE


@both
def test_an_unsigned_refusal_ends_it(seals: bool) -> None:
    pair = Pair(seals)
    conversation, provider = pair.asked()
    chunk, failed = pair.heard(
        conversation, provider.chunk(HELLO), provider.refuse("session expired")
    )
    assert chunk == CHUNK
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, RemoteRefusal)


def test_a_byte_now_and_then_is_silence() -> None:
    pair = Pair(limits=replace(PIECES, first_frame_s=10, gap_s=10))
    conversation, provider = pair.asked()
    piece, more = provider.chunk(HELLO), provider.chunk(HELLO)
    assert conversation.feed(piece, 9.0) == [CHUNK]
    for second, byte in enumerate(more[:9]):
        assert conversation.feed(bytes([byte]), 10.0 + second) == []
    assert conversation.left_s(18.0) == 1.0
    assert fault_of(conversation.feed(more[9:], 19.0)) is Fault.TOO_SLOW


def test_nobody_waits_for_ever_for_the_first_piece() -> None:
    pair = Pair()
    conversation, _ = pair.asked()
    assert conversation.left_s(0.0) == PIECES.first_frame_s
    assert conversation.expire(PIECES.first_frame_s - 1) == []
    assert fault_of(conversation.expire(PIECES.first_frame_s)) is Fault.TOO_SLOW
    assert conversation.done


def test_a_wallet_that_is_locked_meanwhile_ends_it() -> None:
    account = Account(b"\x55" * 32)
    pair = Pair()
    conversation = Consumer(account, lambda: NOW_MS).prompt(pair.peer, SESSION, QUESTION, 0.0)
    provider = Answering(PROVIDER, pair.requests, lambda: NOW_MS, 0.0)
    provider.feed(conversation.outgoing, 0.0)
    provider.check(key_of(account))
    account.wipe()
    (failed,) = conversation.feed(provider.chunk(HELLO), 0.0)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, WalletLocked)


def test_a_call_has_one_answer_and_a_limit() -> None:
    pair = Pair()
    call = pair.consumer.ping([PROVIDER.address], 0.0)
    answer = pair.answering(call.outgoing).pong("1")
    assert call.feed(answer[:50], 0.0) is None
    assert call.left_s(1.0) == 9.0
    greeting = call.feed(answer[50:] + b"garbage", 1.0)
    assert greeting is not None
    assert greeting.version == "1 seals/1"
    with pytest.raises(WireError) as caught:
        call.end()
    assert caught.value.fault is Fault.CUT_OFF
    for late in (lambda: call.check(10.0), lambda: call.feed(b"", 10.0)):
        with pytest.raises(WireError) as caught:
            late()
        assert caught.value.fault is Fault.TOO_SLOW


def test_a_call_can_be_refused() -> None:
    call = Pair().consumer.ping([PROVIDER.address], 0.0)
    name = str(json.loads(call.outgoing)["id"])
    with pytest.raises(RemoteRefusal, match="busy"):
        call.feed(write_error(name, ErrorBody("busy", 1, UNSIGNED)), 0.0)
