"""A provider on the demo chain, asked over real sockets: sessions, answers, reports, restarts."""

import asyncio
import base64
import json
import logging
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak

from router.chain.artifacts import artifacts
from router.chain.codec import Interface
from router.consumer.remote import UNKNOWN_PAUSE_S, UNKNOWN_TRIES
from router.errors import ChainUnavailable, ConfigError, ContextTooLong
from router.morrpc.consumer import UPLOAD_CHUNK_BYTES, Peer
from router.morrpc.endings import Kind
from router.morrpc.errors import ModelRefusal, Refusal, RemoteRefusal
from router.provider import checks, service
from router.provider.answers import read_payload
from router.provider.checks import SESSION_RIGHTS
from router.provider.door import Rates
from router.provider.ledger import KEPT_S, Served
from router.provider.provider import CHAIN_EVERY_S, Provider
from router.provider.refused import Refused
from tests.support.edges import T
from tests.support.model_server import model_server
from tests.support.serving import (
    CONFIG,
    SECONDS,
    Clock,
    Stage,
    opened_session,
    restarted,
    run,
)
from tests.support.stake_model import MOR
from tests.support.waiting import until
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "snapshot") as made:
        for name in ("user", "other"):
            await made.give(name, 10_000 * MOR)
        yield made


async def refused(stage: Stage, session: str, name: str = "user") -> RemoteRefusal:
    error = (await stage.asker(name).ask(session)).error
    assert isinstance(error, RemoteRefusal)
    return error


# From the first word to the report


@pytest.mark.parametrize("seals", [False, True])
async def test_a_session_from_asking_to_closing(stage: Stage, seals: bool) -> None:
    asker = stage.asker()
    peer = await asker.ping()
    assert peer.seals
    session = await stage.session()
    stage.backend.says("Good", " day", " to you")
    answered = await asker.ask(session, peer=replace(peer, seals=seals))
    assert (answered.text, answered.is_whole) == ("Good day to you", True)
    assert {value["object"] for value in answered.values} == {"chat.completion.chunk"}
    assert answered.values[-1]["usage_from_provider"]["completion_tokens"] == 3
    report = (await asker.report(session)).report
    assert (report.input_tokens, report.output_tokens) == (2, 3)
    assert report.tps_scaled_1000 == 3000
    signed = await asker.report(session)
    await stage.here.at(T + 600)
    await stage.here.call("user", "closeSession", signed.payload, signed.signature)
    (closed,) = await stage.here.market.sessions([bytes.fromhex(session[2:])])
    assert closed.closed_at
    assert closed.closeout_type == 0, "no dispute: the provider signed"


async def test_a_whole_answer_and_embeddings(stage: Stage) -> None:
    session = await stage.session()
    stage.backend.says("Good day")
    answered = await stage.asker().ask(session, messages=[{"role": "user", "content": "a"}])
    (value,) = answered.values
    assert value["object"] == "chat.completion"
    assert value["choices"][0]["message"]["content"] == "Good day"
    answered = await stage.asker().ask(
        session, kind=Kind.EMBEDDINGS, type="embeddings", input=["a", "bc"]
    )
    assert [item["embedding"] for item in answered.values[0]["data"]] == [[1.0], [2.0]]


async def test_what_the_model_refuses_is_for_the_asker_alone(stage: Stage) -> None:
    session = await stage.session()
    stage.backend.says(error=ContextTooLong("This is too long."))
    error = (await stage.asker().ask(session)).error
    assert isinstance(error, ModelRefusal)
    assert error.body["providerModelError"]["error"]["code"] == "context_length_exceeded"
    assert stage.provider.state.problems == ()


async def test_a_failure_of_the_provider_is_told_in_the_clear_and_noted(stage: Stage) -> None:
    session = await stage.session()
    stage.backend.says("Half", unfinished=True)
    answered = await stage.asker().ask(session)
    assert answered.text == "Half"
    assert answered.error.text.startswith("failed to prompt")
    (problem,) = stage.provider.state.problems
    assert problem.session_id == session


async def test_questions_of_one_session_are_answered_one_by_one(stage: Stage) -> None:
    session, other = await stage.session(), await stage.session("other", opened=T + 70)
    held = asyncio.Event()
    for _ in range(3):
        stage.backend.says("a", hold=held)
    asked = [
        asyncio.get_running_loop().create_task(stage.asker(name).ask(which))
        for name, which in (("user", session), ("user", session), ("other", other))
    ]
    await until(lambda: sorted(turn.wanted for turn in stage.turns.values()) == [1, 2])
    await until(lambda: len(stage.provider.state.running) == 2)
    assert {r.session_id for r in stage.provider.state.running} == {session, other}
    held.set()
    assert [(await one).is_whole for one in asked] == [True] * 3
    assert stage.backend.most_at_once == 2


async def test_a_consumer_that_leaves_ends_the_work_at_once(stage: Stage) -> None:
    session = await stage.session()
    stage.backend.says("a", silent=True)
    asker = stage.asker()
    peer = Peer(stage.key, seals=False)
    message = json.dumps({"messages": [{"role": "user", "content": "a"}], "stream": True})
    conversation = asker.consumer.prompt(peer, session, message, time.monotonic())
    async with stage.connection() as (reader, writer):
        writer.write(conversation.outgoing)
        await reader.read(100)
    while not stage.backend.stopped:
        await asyncio.sleep(0.01)
    while stage.provider.state.running:
        await asyncio.sleep(0.01)
    served = (await asker.report(session)).report
    assert served.output_tokens >= 1, "what was answered counts"


# Who may ask, and for what


async def test_only_bids_of_ours_that_are_live(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RemoteRefusal, match="none with this id"):
        await stage.asker().request(b"\x01" * 32)
    foreign = await stage.here.offer("other")
    with pytest.raises(RemoteRefusal, match="another provider's"):
        await stage.asker().request(foreign)
    await stage.here.call("provider", "deleteModelBid", stage.bid)
    assert (await stage.asker().request()).approval, "the contract looks at the bid itself"
    monkeypatch.setattr(checks, "BID_FRESH_S", 0.0)
    with pytest.raises(RemoteRefusal, match="taken back"):
        await stage.asker().request()


async def test_a_model_without_configuration_is_not_approved(stage: Stage) -> None:
    await stage.provider.stop()
    stage.serve(modelId="0x" + "12" * 32)
    await restarted(stage)
    with pytest.raises(RemoteRefusal) as caught:
        await stage.asker().request()
    assert caught.value.refusal is Refusal.MODEL_MISSING
    assert stage.model_id in stage.provider.state.problems[-1].text


async def test_a_question_that_waited_until_the_end_is_not_answered(stage: Stage) -> None:
    session, held = await stage.session(), asyncio.Event()
    stage.backend.says("Good", " day", hold=held)
    stage.clock.now = T + 60 + SECONDS - 10
    loop = asyncio.get_running_loop()
    first = loop.create_task(stage.asker().ask(session))
    await until(lambda: stage.backend.requests)
    second = loop.create_task(stage.asker().ask(session))
    await until(lambda: [turn.wanted for turn in stage.turns.values()] == [2])
    stage.clock.now = T + 60 + SECONDS + 2
    held.set()
    assert (await first).is_whole
    assert (await second).error.refusal is Refusal.SESSION_EXPIRED
    assert len(stage.backend.requests) == 1


async def test_a_delegate_speaks_for_its_user_until_it_is_one_no_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Interface(artifacts()["DelegateRegistry"].abi)
    delegate = stage.asker("delegate")
    user = stage.here.account("user").address

    async def allow(allowed: bool) -> None:
        data = registry["delegateContract"].encode(
            delegate.account.address, stage.here.network.diamond, SESSION_RIGHTS, allowed
        )
        to = stage.here.deployment.registry
        assert (await stage.here.past_the_app("user", to, data)).ok

    with pytest.raises(RemoteRefusal, match="not of the user"):
        await delegate.request_for(user)
    session = await stage.session()
    await allow(True)
    assert (await delegate.request_for(user)).approval
    assert (await delegate.ask(session)).is_whole
    monkeypatch.setattr(stage.provider._checks, "_delegates", {})
    await allow(False)
    assert (await delegate.ask(session)).error.refusal is Refusal.USER_UNKNOWN
    with pytest.raises(RemoteRefusal, match="not of the user"):
        await delegate.request_for(user)
    await stage.asker().request()
    assert (await stage.asker().ask(session)).is_whole


async def test_strangers_cannot_use_up_the_nodes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await stage.session()
    rates = Rates(4, 8, lambda: 0.0)
    monkeypatch.setattr(stage.provider._checks, "_strangers", rates)
    first, second = [(await stage.asker().ask("0x" + n * 32)).error.text for n in ("12", "13")]
    assert "none with this id" in first
    assert "too many ask" in second
    assert rates.take("somebody else"), "one visitor does not use up what others may ask"
    await stage.provider.look()
    assert (await stage.asker().ask(session)).is_whole, "sessions that are known go on"


async def test_a_delegate_that_is_known_is_no_stranger_a_minute_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_delegated(*arguments: Any) -> bool:
        return True

    clock = Clock(0.0)
    checked = stage.provider._checks
    monkeypatch.setattr(checked._market, "value", is_delegated)
    monkeypatch.setattr(checked, "_clock", clock)
    monkeypatch.setattr(checked, "_strangers", Rates(4, 4, lambda: 0.0))
    for _ in range(10):
        clock.now += checks.DELEGATE_FRESH_S
        assert await checked.speaks_for("0xdelegate", "0xuser", "office")
    clock.now += checks.BELIEVED_S + 1
    with pytest.raises(Refused, match="too many ask"):
        await checked.speaks_for("0xdelegate", "0xuser", "office")


def test_our_consumer_asks_again_until_ours_have_looked_for_new_sessions() -> None:
    assert (UNKNOWN_TRIES - 1) * UNKNOWN_PAUSE_S >= CHAIN_EVERY_S


async def test_a_question_at_which_the_app_fails_is_refused_and_says_nothing_in_the_log(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(text: str, recording: Any = None) -> Any:
        raise TypeError(f"no value: {text}")

    session = await stage.session()
    monkeypatch.setattr(service, "read_payload", fail)
    error = await refused(stage, session)
    assert error.text == service.FAILED
    (record,) = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert "TypeError in test_provider.py" in record.getMessage()
    assert "Good day" not in caplog.text
    assert "mistake in the app" in stage.provider.state.problems[-1].text


async def test_questions_are_read_and_counted_beside_the_loop(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of parts take a tenth of a second."""
    threads = set()

    class Watched(service.Exchange):
        def __init__(self, asked: Any) -> None:
            threads.add(threading.get_ident())
            super().__init__(asked)

    def watched(text: str, recording: Any = None) -> Any:
        threads.add(threading.get_ident())
        return read_payload(text, recording)

    session = await stage.session()
    monkeypatch.setattr(service, "Exchange", Watched)
    monkeypatch.setattr(service, "read_payload", watched)
    assert (await stage.asker().ask(session)).is_whole
    assert threads
    assert threading.get_ident() not in threads


async def test_users_who_never_came_back_are_forgotten_while_it_runs(stage: Stage) -> None:
    await stage.asker().request()
    address = stage.here.account("user").address
    assert await stage.provider._ledger.key_of(address)
    await stage.provider._tidy()
    assert await stage.provider._ledger.key_of(address)
    stage.clock.now += KEPT_S + 1
    await stage.provider._tidy()
    assert await stage.provider._ledger.key_of(address) is None


async def test_approving_needs_no_node(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_node(*arguments: Any) -> None:
        raise ChainUnavailable("None.")

    monkeypatch.setattr(stage.provider._checks._market, "bids", no_node)
    assert (await stage.asker().request()).approval
    with pytest.raises(RemoteRefusal, match="try again"):
        await stage.asker().request(b"\x01" * 32)
    assert "No node" in stage.provider.state.problems[-1].text


# Which sessions are served


async def test_a_session_that_is_over_by_our_clock(stage: Stage) -> None:
    session = await stage.session()
    stage.clock.now = T + 60 + SECONDS + 2
    error = await refused(stage, session)
    assert error.refusal is Refusal.SESSION_EXPIRED
    assert stage.backend.requests == []
    assert (await stage.asker().report(session)).report.session_id == session, "reports go on"


async def test_a_session_that_was_closed(stage: Stage) -> None:
    session = await stage.session()
    assert (await stage.asker().ask(session)).is_whole
    await stage.here.close(bytes.fromhex(session[2:]), T + 400)
    await stage.provider.look()
    assert (await refused(stage, session)).text == "session is closed"
    assert stage.provider.state.sessions == ()


async def test_a_session_with_another_provider(stage: Stage) -> None:
    bid = await stage.here.offer("other")
    approval, signature = stage.here.approval(bid, "user", (T + 60) * 1000, signer="other")
    await stage.here.at(T + 60)
    receipt = await stage.here.call(
        "user", "openSession", stage.here.account("user").address, MOR * 40, False, approval,
        signature,
    )  # fmt: skip

    await stage.asker().request()
    error = await refused(stage, opened_session(receipt))
    assert "another provider's" in error.text


async def test_a_session_that_does_not_exist(stage: Stage) -> None:
    await stage.asker().request()
    assert (await refused(stage, "0x" + "12" * 32)).refusal is Refusal.SESSION_UNKNOWN


async def test_sessions_are_seen_without_being_used(stage: Stage) -> None:
    session = await stage.session()
    assert stage.provider.state.sessions == ()
    await stage.provider.look()
    (seen,) = stage.provider.state.sessions
    assert (seen.id, seen.user) == (session, stage.here.account("user").address)


async def test_a_session_goes_on_while_no_node_answers(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:

    session = await stage.session()
    assert (await stage.asker().ask(session)).is_whole

    async def no_node(*arguments: Any) -> None:
        raise ChainUnavailable("None.")

    monkeypatch.setattr(checks, "SESSION_FRESH_S", 0.0)
    monkeypatch.setattr(stage.provider._checks._market, "sessions", no_node)
    assert (await stage.asker().ask(session)).is_whole
    monkeypatch.setattr(checks, "BELIEVED_S", 0.0)
    assert "try again" in (await refused(stage, session)).text


async def test_a_restart_forgets_nothing(stage: Stage) -> None:
    session = await stage.session()
    stage.backend.says("Good", " day")
    assert (await stage.asker().ask(session)).is_whole
    await restarted(stage)
    assert replace(stage.provider.state.served, ttft_ms=0) == Served(1, 2000, 0, 2, 2)
    assert (await stage.asker().ask(session)).is_whole
    report = (await stage.asker().report(session)).report
    assert report.output_tokens > 2


# Other servers


async def test_a_server_like_openais_and_its_configuration_changing(stage: Stage) -> None:
    session = await stage.session()
    async with model_server() as server:
        stage.serve(apiType="openai", apiUrl=server.url, modelName="llama", apiKey="sk-secret")
        await stage.provider._look_at_models()
        assert [model.name for model in stage.provider.state.models] == ["llama"]
        assert "sk-secret" not in repr(stage.provider.state)
        server.says("Good", " day")
        answered = await stage.asker().ask(session)
        assert (answered.text, answered.is_whole) == ("Good day", True)
        stage.serve(apiType="openai", apiUrl=server.url, capacityPolicy="new")
        await stage.provider._look_at_models()
        assert stage.provider.state.models == ()
        assert "capacityPolicy" in str(stage.provider.state.models_problem)
        stage.serve(apiType="openai", apiUrl=server.url, modelName="llama", apiKey="sk-secret")
        await stage.provider._look_at_models()
        assert stage.provider.state.models_problem is None
        stage.paths.served_models.write_text("{", "utf-8")
        await stage.provider._look_at_models()
        assert stage.provider.state.models_problem is not None
        server.says("Still")
        assert (await stage.asker().ask(session)).text == "Still"
        server.replies(b'{"error":{"message":"no"}}', status=400)
        assert isinstance((await stage.asker().ask(session)).error, ModelRefusal)


async def test_speech(stage: Stage) -> None:
    session = await stage.session()
    async with model_server() as server:
        stage.serve(apiType="openai", apiUrl=server.url, modelName="voice")
        await stage.provider._look_at_models()
        server.replies(b"\0\xff" * 9000, content_type="audio/mpeg")
        answered = await stage.asker().ask(
            session, kind=Kind.SPEECH, type="audio_speech", input="Good day", voice="a"
        )
        assert answered.is_whole
        assert b"".join(map(base64.b64decode, answered.values)) == b"\0\xff" * 9000
        assert server.requests[0].body == {"input": "Good day", "voice": "a", "model": "voice"}


async def test_a_recording_is_sent_in_pieces_and_heard(stage: Stage) -> None:
    session = await stage.session()
    sound = keccak(b"sound") * (UPLOAD_CHUNK_BYTES // 32 + 100)
    async with model_server() as server:
        stage.serve(apiType="openai", apiUrl=server.url, modelName="ear")
        await stage.provider._look_at_models()
        server.replies(b'{"text":"two words"}')
        answered = await stage.asker().transcribe(session, sound)
        assert answered.values == [{"text": "two words"}]
        assert server.requests[0].files["file"] == ("audio.wav", "audio/wav", sound)
    while stage.provider._door.inside:
        await asyncio.sleep(0.01)
    assert list(stage.paths.uploads.iterdir()) == []


async def test_a_start_that_fails_can_be_stopped_and_tried_again(stage: Stage) -> None:

    host, port = stage.address
    taken = replace(CONFIG, listen=f"{host}:{port}")
    account = stage.here.account("provider")
    second = Provider(taken, stage.paths, stage.here.market, account, stage.backend, is_kept=False)
    with pytest.raises(ConfigError, match="cannot listen"):
        await second.start()
    await second.stop()
    await stage.provider.stop()
    stage.provider = second
    await run(stage)
    assert stage.address == (host, port)
    assert (await stage.asker().ping()).seals
