"""What a consumer asks, and which answers it believes."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from router.errors import BadRequest, WalletLocked
from router.morrpc.approvals import Approval, Report
from router.morrpc.calls import Call, Chunk, End
from router.morrpc.consumer import MOST_SESSIONS, Consumer, Opened, Peer, SignedReport
from router.morrpc.endings import Kind
from router.morrpc.envelope import write_result
from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import MIB, UNARY, Limits
from router.morrpc.members import Signed
from router.morrpc.messages import (
    CallTool,
    GetTools,
    Pong,
    Prompt,
    ReportAnswer,
    SessionAnswer,
    UploadChunk,
    UploadEnd,
    UploadReceived,
    UploadStart,
    UploadStarted,
)
from router.morrpc.signing import key_of, sign
from router.wallet.account import Account
from tests.support.wire import (
    BID,
    CHAIN,
    CONSUMER,
    HELLO,
    NOW_MS,
    PROVIDER,
    QUESTION,
    SESSION,
    STRANGER,
    Pair,
)

REPORT = Report(SESSION, CHAIN, NOW_MS, 1000, 200, 3, 4)
SIGNERS = [PROVIDER.address]
both = pytest.mark.parametrize("seals", [False, True])


def answered(call: Call[Any], result: Signed, signer: Account = PROVIDER) -> Any:
    """What a call gives when this is the result, signed by whomever."""
    name = str(json.loads(call.outgoing)["id"])
    return call.feed(write_result(name, sign(result, signer)), 0.0)


def fault_of(deed: Callable[[], object]) -> Fault:
    with pytest.raises(WireError) as caught:
        deed()
    return caught.value.fault


def pong(call: Call[Any], version: str = "v7.0.0") -> Pong:
    nonce = bytes.fromhex(json.loads(call.outgoing)["params"]["nonce"][2:])
    return Pong(nonce=nonce, version=version)


def test_a_deployed_provider_is_greeted_and_gets_clear_text() -> None:
    pair = Pair()
    call = pair.consumer.ping(SIGNERS, 0.0)
    greeting = answered(call, pong(call))
    assert (greeting.version, greeting.seals) == ("v7.0.0", False)
    assert b"sky" in pair.consumer.prompt(pair.peer, SESSION, QUESTION, 0.0).outgoing


def test_anybody_may_greet_who_is_proven_later() -> None:
    call = Pair().consumer.ping(None, 0.0)
    assert answered(call, pong(call)).address == PROVIDER.address.lower()


def test_a_provider_like_us_is_asked_in_secret() -> None:
    pair = Pair()
    call = pair.consumer.ping(SIGNERS, 0.0, sealed=True)
    greeting = call.feed(pair.answering(call.outgoing).pong("0.1.0"), 0.0)
    assert greeting is not None
    assert greeting.seals
    peer = Peer(key_of(PROVIDER), greeting.seals)
    asked = [
        pair.consumer.prompt(peer, SESSION, QUESTION, 0.0),
        pair.consumer.get_tools(peer, SESSION, 0.0),
        pair.consumer.call_tool(peer, SESSION, "look_up", '{"q":"sky"}', 0.0),
        pair.consumer.start_upload(peer, SESSION, 9, "audio/sky", 0.0)[1],
        pair.consumer.upload_chunk(peer, SESSION, "stream", 0, b"sky", 0.0),
        pair.consumer.end_upload(peer, SESSION, "stream", '{"Prompt":"sky"}', 0.0),
    ]
    for one in asked:
        assert one.outgoing.count(b'"method":"sealed.request"') == 1
        for word in (b"sky", b"c2t5", b"session", b"look_up", SESSION.encode()):
            assert word not in one.outgoing


def test_a_version_is_inert() -> None:
    call = Pair().consumer.ping(SIGNERS, 0.0)
    greeting = answered(call, pong(call, "v1\n\u202e" + "x" * 9000))
    assert greeting.version.startswith("v1 xxx")
    assert len(greeting.version) <= 60


def test_taking_the_word_out_of_a_pong_is_noticed() -> None:
    pair = Pair()
    call = pair.consumer.ping(SIGNERS, 0.0)
    data = pair.answering(call.outgoing).pong("0.1.0").replace(b" seals/1", b"")
    assert fault_of(lambda: call.feed(data, 0.0)) is Fault.BAD_SIGNATURE


def test_an_old_pong_without_the_word_is_noticed() -> None:
    pair = Pair()
    call = pair.consumer.ping(SIGNERS, 0.0)
    old = pong(pair.consumer.ping(SIGNERS, 0.0))
    assert fault_of(lambda: answered(call, old)) is Fault.WRONG_ANSWER


def test_a_provider_that_stops_sealing_is_noticed() -> None:
    call = Pair().consumer.ping(SIGNERS, 0.0, sealed=True)
    assert fault_of(lambda: answered(call, pong(call))) is Fault.DOWNGRADED


def test_a_pong_of_somebody_else_is_refused() -> None:
    call = Pair().consumer.ping(SIGNERS, 0.0)
    assert fault_of(lambda: answered(call, pong(call), STRANGER)) is Fault.BAD_SIGNATURE


def session_call(pair: Pair) -> Call[Opened]:
    return pair.consumer.request_session(pair.wanted(), 10**18, SIGNERS, 0.0, seals=True)


def answer(approval: Approval, signer: Account = PROVIDER, key: bytes = b"") -> SessionAnswer:
    payload = approval.encode()
    return SessionAnswer(
        key=key or key_of(PROVIDER),
        approval=payload,
        approval_signature=signer.sign_payload(payload),
        user=CONSUMER.address,
        timestamp_ms=NOW_MS,
    )


def test_a_session_is_approved() -> None:
    pair = Pair()
    call = session_call(pair)
    provider = pair.answering(call.outgoing)
    assert provider.check_session_request() == key_of(CONSUMER)
    opened = call.feed(provider.approve(CHAIN), 0.0)
    assert opened is not None
    assert opened.peer == Peer(key_of(PROVIDER), seals=True)
    assert Approval.decode(opened.approval) == pair.wanted()
    assert len(opened.approval_signature) == 65


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"bid_id": SESSION}, Fault.WRONG_APPROVAL),
        ({"chain_id": 1}, Fault.WRONG_APPROVAL),
        ({"user": STRANGER.address.lower()}, Fault.WRONG_APPROVAL),
        ({"timestamp_ms": NOW_MS - 10**7}, Fault.STALE),
    ],
)
def test_an_approval_of_something_else_is_refused(changed: Any, fault: Fault) -> None:
    pair = Pair()
    wrong = answer(replace(pair.wanted(), **changed))
    assert fault_of(lambda: answered(session_call(pair), wrong)) is fault


def test_a_swapped_key_is_refused() -> None:
    """A consumer that took any key would read what a stranger signs with it."""
    pair = Pair()
    swapped = answer(pair.wanted(), key=key_of(STRANGER))
    for signer in (STRANGER, PROVIDER):
        assert fault_of(lambda s=signer: answered(session_call(pair), swapped, s)) is (  # type: ignore[misc]
            Fault.BAD_SIGNATURE
        )


def test_a_key_that_cannot_encrypt_and_an_approval_of_a_stranger_are_refused() -> None:
    pair = Pair()
    short = b"\x02" + key_of(PROVIDER)[1:33]
    compressed = answer(pair.wanted(), key=short)
    assert fault_of(lambda: answered(session_call(pair), compressed)) is Fault.BAD_MESSAGE
    forged = answer(pair.wanted(), STRANGER)
    assert fault_of(lambda: answered(session_call(pair), forged)) is Fault.BAD_SIGNATURE


def report_call(pair: Pair) -> Call[SignedReport]:
    return pair.consumer.report(pair.peer, SESSION, CHAIN, SIGNERS, 0.0)


def test_a_report() -> None:
    pair = Pair()
    call = report_call(pair)
    provider = pair.answering(call.outgoing)
    provider.check(key_of(CONSUMER))
    signed = call.feed(provider.report(REPORT), 0.0)
    assert signed == SignedReport(REPORT, REPORT.encode(), PROVIDER.sign_payload(REPORT.encode()))


@pytest.mark.parametrize(
    ("report", "payload_signer", "signer", "fault"),
    [
        (replace(REPORT, session_id=BID), PROVIDER, PROVIDER, Fault.WRONG_APPROVAL),
        (replace(REPORT, chain_id=1), PROVIDER, PROVIDER, Fault.WRONG_APPROVAL),
        (REPORT, STRANGER, PROVIDER, Fault.BAD_SIGNATURE),
        (REPORT, PROVIDER, STRANGER, Fault.BAD_SIGNATURE),
    ],
)
def test_another_report_is_refused(
    report: Report, payload_signer: Account, signer: Account, fault: Fault
) -> None:
    payload = report.encode()
    result = ReportAnswer(
        report=payload,
        report_signature=payload_signer.sign_payload(payload),
        timestamp_ms=NOW_MS,
    )
    assert fault_of(lambda: answered(report_call(Pair()), result, signer)) is fault


@both
def test_a_file_in_pieces(seals: bool) -> None:
    pair = Pair(seals)
    stream_id, start = pair.consumer.start_upload(pair.peer, SESSION, 5, "audio/wav", 0.0)
    provider = pair.answering()
    asked = provider.feed(start.outgoing, 0.0)
    assert isinstance(asked, UploadStart)
    assert (asked.total_chunks, asked.stream_id) == (1, stream_id)
    provider.check(key_of(CONSUMER))
    assert start.feed(provider.upload_started(), 0.0) is not None

    send = pair.consumer.upload_chunk(pair.peer, SESSION, stream_id, 0, b"RIFF\x00", 0.0)
    provider = pair.answering()
    piece = provider.feed(send.outgoing, 0.0)
    assert isinstance(piece, UploadChunk)
    assert (piece.index, piece.data(), piece.is_last) == (0, b"RIFF\x00", False)
    provider.check(key_of(CONSUMER))
    assert send.feed(provider.upload_received(), 0.0) is not None

    ask = pair.consumer.end_upload(pair.peer, SESSION, stream_id, '{"Format":"json"}', 0.0)
    provider = pair.answering()
    assert isinstance(provider.feed(ask.outgoing, 0.0), UploadEnd)
    provider.check(key_of(CONSUMER))
    events = ask.feed(provider.chunk(b'"some text"'), 0.0)
    assert events == [Chunk("some text", b'"some text"'), End(is_whole=True)]


def test_a_piece_of_a_recording_has_time_to_be_sent() -> None:
    """By its size; what is answered at once has not."""
    pair = Pair()
    _, start = pair.consumer.start_upload(pair.peer, SESSION, MIB, "audio/wav", 0.0)
    assert start.left_s(0.0) == UNARY.first_frame_s
    send = pair.consumer.upload_chunk(pair.peer, SESSION, "stream", 0, bytes(MIB), 0.0)
    more = len(send.outgoing) / UNARY.upload_bytes_a_second
    assert more > 40
    assert send.left_s(0.0) == UNARY.first_frame_s + more


def test_the_answer_to_another_upload_is_refused() -> None:
    pair = Pair()
    stream_id, start = pair.consumer.start_upload(pair.peer, SESSION, 5, "audio/wav", 0.0)
    other = UploadStarted(stream_id="other", status="started", timestamp_ms=NOW_MS)
    assert fault_of(lambda: answered(start, other)) is Fault.WRONG_ANSWER
    send = pair.consumer.upload_chunk(pair.peer, SESSION, stream_id, 0, b"x", 0.0)
    for index, status in ((1, "received"), (0, "refused")):
        wrong = UploadReceived(stream_id=stream_id, index=index, status=status, timestamp_ms=NOW_MS)
        assert fault_of(lambda w=wrong: answered(send, w)) is Fault.WRONG_ANSWER  # type: ignore[misc]


def test_receipts_of_an_upload_that_somebody_else_signed_are_refused() -> None:
    pair = Pair()
    stream_id, start = pair.consumer.start_upload(pair.peer, SESSION, 5, "audio/wav", 0.0)
    send = pair.consumer.upload_chunk(pair.peer, SESSION, stream_id, 0, b"x", 0.0)
    started = UploadStarted(stream_id=stream_id, status="started", timestamp_ms=NOW_MS)
    received = UploadReceived(stream_id=stream_id, index=0, status="received", timestamp_ms=NOW_MS)
    for call, result in ((start, started), (send, received)):
        fault = fault_of(lambda c=call, r=result: answered(c, r, STRANGER))  # type: ignore[misc]
        assert fault is Fault.BAD_SIGNATURE


@both
def test_tools(seals: bool) -> None:
    pair = Pair(seals)
    for conversation, kind in (
        (pair.consumer.get_tools(pair.peer, SESSION, 0.0), GetTools),
        (pair.consumer.call_tool(pair.peer, SESSION, "find", '{"q":"R&D"}', 0.0), CallTool),
    ):
        provider = pair.answering()
        assert isinstance(provider.feed(conversation.outgoing, 0.0), kind)
        provider.check(key_of(CONSUMER))
        events = pair.heard(conversation, provider.chunk(b"[]"))
        assert events == [Chunk([], b"[]"), End(is_whole=True)]


def test_requests_have_their_own_ids() -> None:
    pair = Pair()
    names = {
        json.loads(pair.consumer.prompt(pair.peer, SESSION, QUESTION, 0.0).outgoing)["id"]
        for _ in range(20)
    }
    assert len(names) == 20


@both
def test_what_no_peer_would_take_is_not_sent(seals: bool) -> None:
    pair = Pair(seals, limits=Limits(frame_bytes=2000))
    with pytest.raises(BadRequest, match="too large") as caught:
        pair.consumer.prompt(pair.peer, SESSION, "x" * 2000, 0.0)
    assert caught.value.code == "too_large"


def test_without_a_key_nothing_is_asked() -> None:
    account = Account(b"\x66" * 32)
    consumer = Consumer(account, lambda: NOW_MS)
    account.wipe()
    with pytest.raises(WalletLocked):
        consumer.ping(SIGNERS, 0.0)


def test_only_so_many_sessions_are_remembered() -> None:
    pair = Pair()
    for number in range(MOST_SESSIONS + 5):
        pair.consumer._answers_of(f"0x{number:064x}", Kind.CHAT)
    assert len(pair.consumer._answers) == MOST_SESSIONS
    assert next(iter(pair.consumer._answers)) == (f"0x{5:064x}", False)


def test_tools_answer_while_a_question_is_answered() -> None:
    pair = Pair()
    question, provider = pair.asked()
    tools = pair.consumer.get_tools(pair.peer, SESSION, 0.0)
    other = pair.answering(tools.outgoing)
    other.check(key_of(CONSUMER))
    early = other.chunk(b"[]")
    pair.now_ms += 50
    assert len(pair.heard(question, provider.chunk(HELLO))) == 1
    assert pair.heard(tools, early) == [Chunk([], b"[]"), End(is_whole=True)]


def test_what_was_said_before_is_known_in_the_next_conversation() -> None:
    pair = Pair()
    first, provider = pair.asked()
    piece = provider.chunk(HELLO)
    pair.heard(first, piece)
    second = pair.consumer.prompt(pair.peer, SESSION, QUESTION, 0.0)
    name, other = (json.loads(one.outgoing)["id"].encode() for one in (first, second))
    (failed,) = pair.heard(second, piece.replace(name, other))
    assert failed.error.fault is Fault.REPLAYED  # type: ignore[union-attr]


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_recorded_answer_is_none_of_another_session(is_forgotten: bool) -> None:
    """Nor of the same session, once the wallet was locked and unlocked in between."""
    pair = Pair()
    first, provider = pair.asked()
    recorded = provider.chunk(HELLO) + provider.done()
    assert len(pair.heard(first, recorded)) == 2
    consumer = pair.another_consumer() if is_forgotten else pair.consumer
    session = SESSION if is_forgotten else "0x" + "22" * 32
    second = consumer.prompt(pair.peer, session, QUESTION, 0.0)
    name, other = (json.loads(one.outgoing)["id"].encode() for one in (first, second))
    (failed,) = pair.heard(second, recorded.replace(name, other))
    assert failed.error.fault is Fault.REPLAYED  # type: ignore[union-attr]


def test_a_question_is_sent_as_it_is() -> None:
    pair = Pair()
    asked = pair.answering().feed(
        pair.consumer.prompt(pair.peer, SESSION, QUESTION, 0.0).outgoing, 0.0
    )
    assert isinstance(asked, Prompt)
    assert (asked.message, asked.session_id, asked.timestamp_ms) == (QUESTION, SESSION, NOW_MS)
