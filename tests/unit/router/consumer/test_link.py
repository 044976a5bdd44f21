"""router.consumer.link: one connection for each question, checked, limited, and closed at once."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from router.consumer.link import Link, Target
from router.errors import ProviderError
from router.morrpc.consumer import Peer
from router.morrpc.endings import Kind
from router.morrpc.errors import Fault, ModelRefusal, RemoteRefusal, WireError
from router.morrpc.limits import PIECES, UNARY, Limits
from router.morrpc.messages import Prompt, SessionRequest, UploadChunk, UploadEnd, UploadStart
from router.morrpc.signing import key_of
from router.tasks import Tasks
from tests.support.lying_provider import (
    BID,
    CHAIN_ID,
    Exchange,
    LyingProvider,
    account,
    approval,
    closes,
    hangs,
    honest_report,
    piece,
    refuses,
    resets,
    says,
    sends,
    then,
)

SESSION = "0x" + "51" * 32
HASTY = replace(PIECES, first_frame_s=0.1)
NO_GAPS = replace(PIECES, gap_s=0.1)
ASK = json.dumps({"messages": [{"role": "user", "content": "Hello"}], "stream": True})

provider_account, user, stranger = account("provider"), account("user"), account("stranger")


@pytest.fixture
async def provider() -> AsyncIterator[LyingProvider]:
    provider = LyingProvider(provider_account)
    await provider.start(user)
    yield provider
    await provider.stop()


@pytest.fixture
def target(provider: LyingProvider) -> Target:
    return Target(provider.endpoint, provider_account.address)


@pytest.fixture
def link() -> Link:
    return link_with(PIECES)


def link_with(limits: Limits) -> Link:
    return Link(user, CHAIN_ID, allow_private=lambda: True, limits=limits)


PEER = Peer(key_of(provider_account), seals=False)


async def texts(link: Link, target: Target, peer: Peer = PEER) -> list[str]:
    async with contextlib.aclosing(link.prompt(target, peer, SESSION, ASK)) as pieces:
        return [chunk.value["choices"][0]["delta"]["content"] async for chunk in pieces]


async def fault_of(call: Any) -> Fault:
    with pytest.raises(WireError) as caught:
        await call
    return caught.value.fault


async def test_ping(link: Link, target: Target, provider: LyingProvider) -> None:
    greeting = await link.ping(target)
    assert greeting.seals
    assert greeting.version.startswith("v7.0.0")
    await provider.all_closed()
    assert provider.connections == 1


async def test_pong_of_another_is_not_believed(
    link: Link, target: Target, provider: LyingProvider
) -> None:
    provider.account = stranger
    assert await fault_of(link.ping(target)) is Fault.BAD_SIGNATURE


async def test_answered_by_nobody(link: Link, target: Target, provider: LyingProvider) -> None:
    provider.version = None
    assert await fault_of(link.ping(target)) is Fault.CUT_OFF


async def test_session_is_requested(link: Link, target: Target, provider: LyingProvider) -> None:
    opened = await link.request_session(target, BID, 10**18)
    assert opened.peer == Peer(key_of(provider_account), seals=True)
    (request,) = provider.asked(SessionRequest)
    assert (request.spend, request.bid_id) == (10**18, BID)
    assert request.user == user.address.lower()


@pytest.mark.parametrize(
    ("lie", "fault"),
    [
        ({"signer": stranger}, Fault.BAD_SIGNATURE),
        ({"key": key_of(stranger)}, Fault.BAD_SIGNATURE),
        ({"bid_id": "0x" + "ff" * 32}, Fault.WRONG_APPROVAL),
        ({"chain_id": 8453}, Fault.WRONG_APPROVAL),
        ({"user": stranger.address.lower()}, Fault.WRONG_APPROVAL),
        ({"timestamp_ms": 1_000}, Fault.STALE),
    ],
)
async def test_wrong_approval_costs_no_gas(
    link: Link, target: Target, provider: LyingProvider, lie: dict[str, Any], fault: Fault
) -> None:
    provider.approves = lambda request, who: approval(request, who, **lie)
    assert await fault_of(link.request_session(target, BID, 1)) is fault


@pytest.mark.parametrize("proven", [True, False])
async def test_others_sign_only_when_the_chain_says_so(
    target: Target, provider: LyingProvider, proven: bool
) -> None:
    asked = []

    async def may_sign(who: str, for_whom: str) -> bool:
        asked.append((who, for_whom))
        return proven

    link = Link(user, CHAIN_ID, may_sign=may_sign, allow_private=lambda: True)
    provider.account = stranger
    peer = Peer(key_of(stranger), seals=False)
    if proven:
        assert (await link.request_session(target, BID, 1)).peer.public_key == key_of(stranger)
        assert (await link.report(target, peer, SESSION)).report.session_id == SESSION
    else:
        assert await fault_of(link.request_session(target, BID, 1)) is Fault.BAD_SIGNATURE
        assert await fault_of(link.report(target, peer, SESSION)) is Fault.BAD_SIGNATURE
        assert provider.asked(SessionRequest) == []
    assert set(asked) == {(stranger.address.lower(), provider_account.address)}


async def test_proof_for_another_key_than_the_greeting_s(
    target: Target, provider: LyingProvider
) -> None:
    """Who greets is proven; then somebody else answers."""

    async def may_sign(who: str, for_whom: str) -> bool:
        return who == account("delegate").address.lower()

    provider.approves = lambda request, who: approval(request, who, signer=stranger)
    link = Link(user, CHAIN_ID, may_sign=may_sign, allow_private=lambda: True)
    assert await fault_of(link.request_session(target, BID, 1)) is Fault.BAD_SIGNATURE


async def test_report(link: Link, target: Target, provider: LyingProvider) -> None:
    signed = await link.report(target, PEER, SESSION)
    assert (signed.report.tps_scaled_1000, signed.report.session_id) == (5000, SESSION)


@pytest.mark.parametrize("lie", [{"session_id": BID}, {"chain_id": 1}])
async def test_report_of_something_else(
    link: Link, target: Target, provider: LyingProvider, lie: dict[str, Any]
) -> None:
    provider.reports = lambda request, who: replace(honest_report(request, who), **lie)
    assert await fault_of(link.report(target, PEER, SESSION)) is Fault.WRONG_APPROVAL


async def test_answer_in_pieces(link: Link, target: Target, provider: LyingProvider) -> None:
    assert await texts(link, target) == ["Hel", "lo", ""]
    await provider.all_closed()
    assert provider.connections == 1
    assert json.loads(provider.asked(Prompt)[0].message) == json.loads(ASK)


async def test_asked_again_at_once_is_no_replay(target: Target, provider: LyingProvider) -> None:
    now_ms = time.time_ns() // 10**6
    link = Link(user, CHAIN_ID, allow_private=lambda: True, now_ms=lambda: now_ms)
    for _ in range(3):
        await texts(link, target)
    stamps = [request.timestamp_ms for request in provider.asked(Prompt)]
    assert stamps == sorted(set(stamps))


async def test_sealed_question(link: Link, target: Target, provider: LyingProvider) -> None:
    sealed = Peer(key_of(provider_account), seals=True)
    provider.scripts.append(says("sealed"))
    assert await texts(link, target, sealed) == ["sealed", ""]


@pytest.mark.parametrize(
    ("lie", "fault"),
    [
        (closes, Fault.CUT_OFF),
        (resets, Fault.CUT_OFF),
        (hangs, Fault.TOO_SLOW),
        (sends(b"[1"), Fault.NOT_A_FRAME),
        (sends(b'{"id"'), Fault.CUT_OFF),
    ],
)
@pytest.mark.parametrize("began", [False, True])
async def test_answer_that_is_not_whole(
    target: Target, provider: LyingProvider, lie: Any, fault: Fault, began: bool
) -> None:
    provider.scripts.append(then("some", lie=lie) if began else lie)
    hasty = NO_GAPS if began else HASTY
    link = link_with(hasty if fault is Fault.TOO_SLOW else PIECES)
    pieces = link.prompt(target, PEER, SESSION, ASK)
    if began:
        assert (await anext(pieces)).value["choices"][0]["delta"]["content"] == "some"
    assert await fault_of(anext(pieces)) is fault
    await provider.all_closed()


async def test_refusal_that_nobody_signed(
    link: Link, target: Target, provider: LyingProvider
) -> None:
    provider.scripts.append(refuses("no capacity"))
    with pytest.raises(RemoteRefusal):
        await texts(link, target)


async def test_error_of_the_model(link: Link, target: Target, provider: LyingProvider) -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.model_error({"error": {"message": "too long"}}))

    provider.scripts.append(refuse)
    with pytest.raises(ModelRefusal, match="too long"):
        await texts(link, target)


async def cancelled_at(provider: LyingProvider, task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(30):
        await provider.all_closed()


async def test_cancelled_while_nothing_comes(
    link: Link, target: Target, provider: LyingProvider
) -> None:
    asked = asyncio.Event()

    async def silent(exchange: Exchange) -> None:
        asked.set()
        await exchange.hang()

    provider.scripts.append(silent)
    task = Tasks().spawn("ask", texts(link, target))
    await asked.wait()
    await cancelled_at(provider, task)


async def test_cancelled_while_dialling(target: Target) -> None:
    dialled = asyncio.Event()

    async def never(*_: Any, **__: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        dialled.set()
        await asyncio.Event().wait()
        raise AssertionError

    slow = Link(user, CHAIN_ID, dial=never, allow_private=lambda: True)
    task = Tasks().spawn("ask", texts(slow, target))
    await dialled.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_closed_in_the_middle(link: Link, target: Target, provider: LyingProvider) -> None:
    provider.scripts.append(then("some", lie=hangs))
    pieces = link.prompt(target, PEER, SESSION, ASK)
    await anext(pieces)
    await pieces.aclose()
    async with asyncio.timeout(30):
        await provider.all_closed()


async def test_peer_that_does_not_read() -> None:
    """A question that cannot be got rid of is given up in time too."""

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await gone.wait()
        writer.close()

    gone = asyncio.Event()
    server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        long = json.dumps({"messages": [{"role": "user", "content": "x" * 7_000_000}]})
        target = Target(f"127.0.0.1:{port}", provider_account.address)
        with pytest.raises(WireError) as caught:
            await anext(link_with(HASTY).prompt(target, PEER, SESSION, long))
        assert caught.value.fault is Fault.TOO_SLOW
        gone.set()


async def test_private_address_is_never_sent_anything(target: Target) -> None:
    careful = Link(user, CHAIN_ID)
    calls: list[Callable[[], Any]] = [
        lambda: careful.ping(target),
        lambda: careful.report(target, PEER, SESSION),
        lambda: texts(careful, target),
    ]
    for call in calls:
        with pytest.raises(ProviderError) as caught:
            await call()
        assert caught.value.code == "bad_endpoint"


async def test_recording_goes_up_in_chunks(
    link: Link, target: Target, provider: LyingProvider
) -> None:
    async def text(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.chunk(b'"Hello there"'))

    provider.scripts.append(text)
    audio = bytes(range(256)) * 4097  # over 1 MiB
    pieces = [
        chunk.value
        async for chunk in link.transcribe(target, PEER, SESSION, audio, "audio/wav", "{}")
    ]
    assert pieces == ["Hello there"]
    (start,) = provider.asked(UploadStart)
    assert (start.total_chunks, start.file_size) == (2, len(audio))
    assert [chunk.index for chunk in provider.asked(UploadChunk)] == [0, 1]
    (end,) = provider.asked(UploadEnd)
    assert end.stream_id == start.stream_id


async def test_embeddings_and_speech(link: Link, target: Target, provider: LyingProvider) -> None:
    async def vectors(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.chunk(b'{"data":[{"embedding":[1]}]}'))

    async def sound(exchange: Exchange) -> None:
        for part in (b'"AAEC"', b"null"):
            await exchange.send(exchange.answering.chunk(part))

    for script, kind, wanted in (
        (vectors, Kind.EMBEDDINGS, [{"data": [{"embedding": [1]}]}]),
        (sound, Kind.SPEECH, ["AAEC"]),
    ):
        provider.scripts.append(script)
        pieces = link.prompt(target, PEER, SESSION, "{}", kind)
        assert [chunk.value async for chunk in pieces] == wanted


async def test_long_message_is_read_on_a_thread(
    link: Link, target: Target, provider: LyingProvider
) -> None:
    provider.scripts.append(says("x" * 1_000_000))
    patient = Link(user, CHAIN_ID, allow_private=lambda: True)
    assert [len(text) for text in await texts(patient, target)] == [1_000_000, 0]


async def test_small_messages_leave_others_their_turn(
    link: Link, target: Target, provider: LyingProvider
) -> None:
    """Each is verified and decrypted, some half a millisecond: a burst of them takes many turns."""

    async def burst(exchange: Exchange) -> None:
        pieces = [exchange.answering.chunk(piece(str(number))) for number in range(100)]
        await exchange.send(b"".join(pieces))
        await exchange.finish()

    turn, seen = 0, Counter[int]()

    async def others() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    provider.scripts.append(burst)
    tasks = Tasks()
    tasks.spawn("others", others())
    async for _ in link.prompt(target, PEER, SESSION, ASK):
        seen[turn] += 1
    await tasks.close()
    assert seen.total() == 101
    assert max(seen.values()) < 12


async def test_silent_ping_ends(target: Target, provider: LyingProvider) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    quick = replace(UNARY, first_frame_s=0.05)
    async with server:
        port = server.sockets[0].getsockname()[1]
        impatient = Link(user, CHAIN_ID, allow_private=lambda: True, unary=quick)
        silent_one = replace(target, endpoint=f"127.0.0.1:{port}")
        assert await fault_of(impatient.ping(silent_one)) is Fault.TOO_SLOW
