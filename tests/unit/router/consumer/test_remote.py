"""router.consumer.remote: models of the network answer through open sessions."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.backends.base import AnsweredBy, Delta, Event, Finished, Request, Started, Turn
from router.consumer.remote import GIVEN_S, UNKNOWN_TRIES
from router.errors import BadRequest, Busy, ProviderError
from router.morrpc.consumer import Peer
from router.morrpc.endings import Kind
from router.morrpc.messages import Prompt, SessionRequest, UploadEnd
from router.morrpc.signing import key_of
from router.tasks import Tasks
from tests.support.lying_provider import (
    Exchange,
    closes,
    hangs,
    refuses,
    says,
    then,
)
from tests.support.open_sessions import MODEL, USER, RemoteDesk

ASK = Request(MODEL, (Turn("user", "Hello"),))


@pytest.fixture
async def desk() -> AsyncIterator[RemoteDesk]:
    desk = RemoteDesk()
    yield desk
    await desk.close()


async def events_of(desk: RemoteDesk, request: Request = ASK) -> list[Event]:
    return [event async for event in desk.remote.complete(request)]


async def _all(events: AsyncIterator[Event]) -> None:
    async for _ in events:
        pass


async def code_of(call: Any) -> str:
    with pytest.raises(ProviderError) as caught:
        await call
    return str(caught.value.code)


async def test_an_answer(desk: RemoteDesk) -> None:
    provider = await desk.provider("a")
    by, started, *texts, finished = await events_of(desk)
    assert by == AnsweredBy("remote", "Llama", provider.account.address, f"0x{1:064x}", 10**12)
    assert started == Started(0, 0)
    assert texts == [Delta("Hel"), Delta("lo")]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.answer_tokens, finished.claimed) == ("stop", 2, False)
    sent = json.loads(provider.asked(Prompt)[0].message)
    assert sent["messages"] == [{"role": "user", "content": "Hello"}]
    assert (sent["model"], sent["stream"]) == ("", True)
    found = desk.evidence.of(provider.account.address, MODEL)
    assert (found.calls, found.failures, found.empty) == (1, 0, 0)
    assert found.first_token_ms is not None
    assert desk.sessions.answers == [(f"0x{1:064x}", 2)]


async def test_session_by_its_id(desk: RemoteDesk) -> None:
    await desk.provider("a")
    second = await desk.provider("b")
    asked = Request(f"session:0x{2:064x}", ASK.turns)
    await events_of(desk, asked)
    assert len(second.asked(Prompt)) == 1


async def test_two_sessions_answer_two_questions_at_once(desk: RemoteDesk) -> None:
    first, second = [await desk.provider(name, hangs) for name in ("a", "b")]
    async with contextlib.AsyncExitStack() as stack:
        for asked in (1, 2):
            events = desk.remote.complete(ASK)
            await stack.enter_async_context(contextlib.aclosing(events))
            by = await anext(events)
            assert isinstance(by, AnsweredBy)
            assert by.session_id == f"0x{asked:064x}"
            tasks = Tasks()
            stack.push_async_callback(tasks.close)
            tasks.spawn("ask", _all(events))
        while not (first.asked(Prompt) and second.asked(Prompt)):
            await asyncio.sleep(0)


async def test_who_chooses_at_once_chooses_another(desk: RemoteDesk) -> None:
    """Before anybody asks; who then never does holds it for seconds only."""
    for name in ("a", "b"):
        await desk.provider(name)
    leases = await asyncio.gather(*(desk.remote.lease(MODEL) for _ in range(3)))
    assert {lease.session_id for lease in leases} == {f"0x{n:064x}" for n in (1, 2)}
    later = desk.remote._clock() + GIVEN_S
    desk.remote._clock = lambda: later
    assert (await desk.remote.lease(MODEL)).session_id == f"0x{1:064x}"


async def test_no_session(desk: RemoteDesk) -> None:
    with pytest.raises(ProviderError) as caught:
        await events_of(desk)
    assert (caught.value.code, caught.value.choices) == ("no_session", ("open", "local"))


async def test_numbers_of_a_provider_are_claims(desk: RemoteDesk) -> None:
    await desk.provider(
        "a",
        says("x", usage={"prompt_tokens": 3, "completion_tokens": 99}),
        says("x", usage={"prompt_tokens": -3, "completion_tokens": 2**63}),
    )
    for wanted in ((3, 99, True), (0, 1, False)):
        finished = (await events_of(desk))[-1]
        assert isinstance(finished, Finished)
        assert (finished.prompt_tokens, finished.answer_tokens, finished.claimed) == wanted


async def test_answer_without_a_word(desk: RemoteDesk) -> None:
    provider = await desk.provider("a", says())
    events = await events_of(desk)
    assert [type(event) for event in events] == [AnsweredBy, Started, Finished]
    assert desk.evidence.of(provider.account.address, MODEL).empty == 1


async def test_provider_that_lost_its_notes_is_told_again_once(desk: RemoteDesk) -> None:
    provider = await desk.provider("a")
    provider.knows = False
    assert isinstance((await events_of(desk))[-1], Finished)
    (request,) = provider.asked(SessionRequest)
    assert request.spend == desk.sessions.stake
    assert desk.sessions.learned_peers == [Peer(key_of(provider.account), seals=True)]
    await events_of(desk)
    assert len(provider.asked(SessionRequest)) == 1


async def test_provider_with_another_key_of_ours_is_told_again_once(desk: RemoteDesk) -> None:
    """A delegate asked it meanwhile, or a stranger left a key there."""
    provider = await desk.provider("a", refuses("invalid signature"))
    assert isinstance((await events_of(desk))[-1], Finished)
    assert len(provider.asked(SessionRequest)) == 1


async def test_what_was_sealed_is_not_met_again_in_clear_text(desk: RemoteDesk) -> None:
    """Somebody on the way says that the key is lost, and that nothing is sealed any more."""
    provider = await desk.provider("a", is_open=False)
    desk.sessions.add(provider, peer=Peer(key_of(provider.account), seals=True))
    provider.knows, provider.seals = False, False
    assert await code_of(events_of(desk)) == "provider_downgraded"
    assert provider.asked(SessionRequest) == []
    assert len(provider.asked(Prompt)) == 1
    assert desk.sessions.learned_peers == []


@pytest.mark.parametrize("words", ["user not found", "invalid signature"])
async def test_provider_that_never_knows_is_not_told_for_ever(desk: RemoteDesk, words: str) -> None:
    provider = await desk.provider("a", *[refuses(words)] * 9)
    assert await code_of(events_of(desk)) == "provider_refused"
    assert len(provider.asked(SessionRequest)) == 1
    assert len(provider.asked(Prompt)) == 2


async def test_our_own_lost_notes(desk: RemoteDesk) -> None:
    provider = await desk.provider("a", is_open=False)
    desk.sessions.add(provider, peer=None)
    assert isinstance((await events_of(desk))[-1], Finished)
    assert len(provider.asked(SessionRequest)) == 1


async def test_session_that_is_not_known_yet_is_tried_again(desk: RemoteDesk) -> None:
    await desk.provider("a", *[refuses("session cannot be loaded: not found")] * 2)
    assert isinstance((await events_of(desk))[-1], Finished)
    assert desk.pauses == [2.0, 2.0]


async def test_session_that_is_never_known(desk: RemoteDesk) -> None:
    await desk.provider("a", *[refuses("session cannot be loaded: not found")] * 9)
    assert await code_of(events_of(desk)) == "provider_refused"
    assert len(desk.pauses) == UNKNOWN_TRIES - 1


async def test_refusal_in_the_middle_is_not_asked_again(desk: RemoteDesk) -> None:
    provider = await desk.provider("a", then("x", lie=refuses("user not found")))
    assert await code_of(events_of(desk)) == "provider_refused"
    assert len(provider.asked(Prompt)) == 1


async def test_one_question_at_a_time(desk: RemoteDesk) -> None:
    most = now = 0
    go = asyncio.Event()

    async def slow(exchange: Exchange) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await go.wait()
        now -= 1
        await says("x")(exchange)

    await desk.provider("a", *[slow] * 3)
    tasks = Tasks()
    answers = [tasks.spawn(f"ask {number}", events_of(desk)) for number in range(3)]
    while not now:
        await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*answers)
    assert most == 1


async def test_waiting_has_an_end() -> None:
    desk = RemoteDesk(wait_s=0.01)
    await desk.provider("a", hangs)
    first = desk.remote.complete(ASK)
    await anext(first)
    reading = Tasks().spawn("first", anext(first))  # type: ignore[arg-type]
    while not desk.providers[0].requests:
        await asyncio.sleep(0)
    with pytest.raises(Busy):
        await events_of(desk)
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
    await first.aclose()
    await desk.close()


async def test_failure_is_noted_and_a_stop_is_not(desk: RemoteDesk) -> None:
    provider = await desk.provider("a", closes, then("x", lie=hangs))
    assert await code_of(events_of(desk)) == "provider_cut_off"
    found = desk.evidence.of(provider.account.address, MODEL)
    assert (found.calls, found.failures) == (1, 1)
    assert "closed the connection" in found.last_failure
    assert desk.sessions.answers == []
    answer = desk.remote.complete(ASK)
    async for event in answer:
        if isinstance(event, Delta):
            break
    await answer.aclose()
    async with asyncio.timeout(30):
        await provider.all_closed()
    assert desk.evidence.of(provider.account.address, MODEL).calls == 1


async def test_error_of_the_model_is_no_failure_of_the_provider(desk: RemoteDesk) -> None:
    async def refuse(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.model_error({"error": {"message": "too long"}}))

    provider = await desk.provider("a", refuse)
    assert await code_of(events_of(desk)) == "model_refused"
    assert desk.evidence.of(provider.account.address, MODEL).failures == 0


async def test_unknown_form_is_a_failure_of_the_provider(desk: RemoteDesk) -> None:
    async def strange(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.chunk(b'{"videoRawContent": "data:,"}'))

    provider = await desk.provider("a", strange)
    assert await code_of(events_of(desk)) == "provider_bad_message"
    assert desk.evidence.of(provider.account.address, MODEL).failures == 1


async def test_plain_text_is_not_sent(desk: RemoteDesk) -> None:
    provider = await desk.provider("a")
    with pytest.raises(BadRequest):
        await events_of(desk, Request(MODEL, prompt="Once"))
    assert provider.connections == 0


async def test_locked_wallet(desk: RemoteDesk) -> None:
    lost = type(USER)(bytes(range(1, 33)))
    provider = await desk.provider("a", is_open=False)
    desk.sessions.add(provider, signer=lost)
    lost.wipe()
    assert await code_of(events_of(desk)) == "wallet_locked"


async def test_raw_bodies_and_objects_pass_untouched(desk: RemoteDesk) -> None:
    provider = await desk.provider("a", says("x", x_extra={"kept": 1}))
    body = {"messages": [{"role": "user", "content": "é\u2028", "x": [1]}], "x_own": {"a": 0}}
    values = [value async for value in desk.remote.complete_raw(MODEL, body)]
    assert json.loads(provider.asked(Prompt)[0].message) == body
    assert values[-1]["x_extra"] == {"kept": 1}
    found = desk.evidence.of(provider.account.address, MODEL)
    assert (found.calls, found.empty) == (1, 0)


async def test_raw_answer_that_is_cut_off(desk: RemoteDesk) -> None:
    await desk.provider("a", then("x", lie=closes))
    values = desk.remote.complete_raw(MODEL, {"messages": []})
    await anext(values)
    assert await code_of(anext(values)) == "provider_cut_off"


async def test_raw_form_that_is_not_known_here_passes(desk: RemoteDesk) -> None:
    async def film(exchange: Exchange) -> None:
        await exchange.send(exchange.answering.chunk(b'{"videoRawContent": "data:,x"}'))

    await desk.provider("a", film)
    values = [value async for value in desk.remote.complete_raw(MODEL, {})]
    assert values == [{"videoRawContent": "data:,x"}]


def gives(*payloads: Any) -> Any:
    async def script(exchange: Exchange) -> None:
        for payload in payloads:
            await exchange.send(exchange.answering.chunk(json.dumps(payload).encode()))

    return script


async def test_vectors(desk: RemoteDesk) -> None:
    rows = [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1, 0.5]}]
    provider = await desk.provider("a", gives({"data": rows, "usage": {"prompt_tokens": 4}}))
    assert await desk.remote.embed(MODEL, ["a", "b"]) == ([[1.0, 0.5], [2.0]], 4)
    sent = json.loads(provider.asked(Prompt)[0].message)
    assert (sent["type"], sent["input"]) == ("embeddings", ["a", "b"])


@pytest.mark.parametrize(
    "data",
    [
        [{"embedding": [1]}, {"embedding": [1]}],
        [{"embedding": []}],
        [{"embedding": ["1"]}],
        [{"embedding": "AAAA"}],
        [{"index": 5, "embedding": [1]}],
        ["x"],
    ],
)
async def test_vectors_that_are_none(desk: RemoteDesk, data: Any) -> None:
    await desk.provider("a", gives({"data": data}))
    assert await code_of(desk.remote.embed(MODEL, ["a"])) == "provider_bad_message"


async def test_speech(desk: RemoteDesk) -> None:
    provider = await desk.provider("a", gives("AAEC", "Aw==", None), gives(7, None))
    sound = [piece async for piece in desk.remote.speak(MODEL, {"input": "Hi", "voice": "v"})]
    assert sound == [b"\x00\x01\x02", b"\x03"]
    sent = json.loads(provider.asked(Prompt)[0].message)
    assert sent == {"input": "Hi", "voice": "v", "type": "audio_speech"}
    assert await code_of(anext(desk.remote.speak(MODEL, {}))) == "provider_bad_message"


async def test_transcription(desk: RemoteDesk) -> None:
    provider = await desk.provider("a", gives("Hello there"), gives({"text": "Hi"}))
    texts = desk.remote.transcribe(MODEL, b"RIFF", "audio/wav", {"language": "en"})
    assert [value async for value in texts] == ["Hello there"]
    (end,) = provider.asked(UploadEnd)
    assert json.loads(end.params) == {"language": "en", "type": "audio_transcription"}
    by_address = desk.remote.complete_raw(
        MODEL, {"S3PresignedURL": "https://example.org/a"}, Kind.TRANSCRIPTION
    )
    assert [value async for value in by_address] == [{"text": "Hi"}]
