"""What strangers can pretend to a provider over real sockets: nothing that it believes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from router.morrpc.consumer import Consumer, Peer
from router.morrpc.envelope import write_request
from router.morrpc.errors import Refusal, RemoteRefusal
from router.morrpc.messages import GetTools, SessionRequest, UploadStart
from router.morrpc.signing import key_of, sign
from tests.support.edges import T
from tests.support.serving import Stage, prompt_of, restarted, words
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "snapshot") as made:
        for name in ("user", "thief"):
            await made.give(name, 10_000 * MOR)
        yield made


async def test_a_question_is_answered_once(stage: Stage) -> None:
    session = await stage.session()
    question = prompt_of(stage, session)
    assert b'"result"' in await stage.raw(question)
    assert words(await stage.raw(question)) == "request came before"
    signature = json.loads(question)["params"]["signature"]
    flipped = question.replace(
        signature.encode(), (signature[:-2] + ("01" if signature[-2:] == "00" else "00")).encode()
    )
    assert words(await stage.raw(flipped)) == "request came before", "v is not part of it"
    await restarted(stage)
    assert words(await stage.raw(question)) == "request came before"
    assert len(stage.backend.requests) == 1


async def test_twenty_of_the_same_question_at_once_are_one(stage: Stage) -> None:
    session = await stage.session()
    question = prompt_of(stage, session)
    answers = await asyncio.gather(*(stage.raw(question) for _ in range(20)))
    assert sum(b"request came before" in answer for answer in answers) == 19, "one asks a node"
    assert len(stage.backend.requests) == 1


async def test_a_question_of_another_time(stage: Stage) -> None:
    session = await stage.session()
    for off_s in (-301, 301, -86400, 10**9):
        at_ms = int((stage.clock.now + off_s) * 1000)
        answer = words(await stage.raw(prompt_of(stage, session, timestamp_ms=at_ms)))
        assert answer == "request is too old, or a clock is wrong"
    assert stage.backend.requests == []


async def test_the_key_of_a_user_cannot_be_replaced(stage: Stage) -> None:
    """The original lets anybody take over the open sessions of somebody else."""
    session = await stage.session()
    thief, victim = stage.here.account("thief"), stage.here.account("user").address
    request = SessionRequest(
        user=victim.lower(),
        key=key_of(thief),
        spend=1,
        timestamp_ms=int(stage.clock.now * 1000),
        bid_id="0x" + stage.bid.hex(),
    )
    answer = await stage.raw(write_request("1", sign(request, thief)))
    assert "not of the user" in words(answer)
    assert words(await stage.raw(prompt_of(stage, session, "thief"))) == "invalid signature"
    assert (await stage.asker().ask(session)).is_whole


async def test_a_key_of_ones_own_does_not_open_anothers_session(stage: Stage) -> None:
    session = await stage.session()
    await stage.asker("thief").request()
    error = (await stage.asker("thief").ask(session)).error
    assert isinstance(error, RemoteRefusal)
    assert error.refusal is Refusal.BAD_SIGNATURE
    with pytest.raises(RemoteRefusal):
        await stage.asker("thief").report(session)


async def test_somebody_who_never_asked_for_a_session(stage: Stage) -> None:
    opened = await stage.here.open(stage.bid, 40 * MOR, T + 60, user="thief")
    error = (await stage.asker("thief").ask("0x" + opened.hex())).error
    assert error.refusal is Refusal.USER_UNKNOWN
    await stage.asker("thief").request()
    assert (await stage.asker("thief").ask("0x" + opened.hex())).is_whole


async def test_a_key_that_is_none(stage: Stage) -> None:
    user = stage.here.account("user")
    for key in (b"\x04" + b"\x01" * 64, user.public_key, b"\x02" + user.public_key[:32], b""):
        request = SessionRequest(
            user=user.address.lower(),
            key=key,
            timestamp_ms=int(stage.clock.now * 1000),
            bid_id="0x" + stage.bid.hex(),
        )
        assert words(await stage.raw(write_request("1", sign(request, user))))


async def test_agents_are_not_offered(stage: Stage) -> None:
    asked = GetTools(session_id="0x" + "11" * 32, timestamp_ms=1)
    answer = await stage.raw(write_request("1", sign(asked, stage.here.account("user"))))
    assert words(answer) == "agents are not offered by this provider"
    assert "unknown method" in words(await stage.raw(b'{"id":"1","method":"a.b","params":{}}'))


async def test_a_question_that_is_none(stage: Stage) -> None:
    session = await stage.session()
    for message in ("null", "[]", "{}", '{"messages":null}', "[" * 50_000):
        answer = await stage.raw(prompt_of(stage, session, message=message))
        assert json.loads(answer)["error"]["code"] == 400
    assert (await stage.asker().ask(session)).is_whole


async def test_a_path_from_the_network_is_not_opened(stage: Stage, tmp_path: Path) -> None:
    """The original reads any file that a consumer names, posts it, and deletes it."""
    session = await stage.session()
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    message = json.dumps({"type": "audio_transcription", "FilePath": str(secret)})
    answer = await stage.raw(prompt_of(stage, session, message=message))
    assert "session.prompt.stream" in words(answer)
    assert secret.exists()


async def test_an_upload_belongs_to_its_session(stage: Stage) -> None:
    """Refusals of uploads are said by closing: an error would end the process of old peers."""
    session = await stage.session()
    start = UploadStart(
        session_id=session,
        stream_id="../../escape",
        total_chunks=1,
        file_size=10**12,
        content_type="audio/wav",
        timestamp_ms=int(stage.clock.now * 1000),
    )
    user = stage.here.account("user")
    assert await stage.raw(write_request("1", sign(start, user))) == b""
    small = replace(start, file_size=4)
    assert b"started" in await stage.raw(write_request("1", sign(small, user)))
    consumer = Consumer(user, lambda: int(stage.clock.now * 1000))
    peer = Peer(stage.key, seals=True)
    piece = consumer.upload_chunk(peer, session, "other", 0, b"RIFF", time.monotonic())
    assert await stage.raw(piece.outgoing) == b""
    piece = consumer.upload_chunk(peer, session, "../../escape", 0, b"RIFF", time.monotonic())
    assert b"received" in await stage.raw(piece.outgoing)
    (file,) = stage.paths.uploads.iterdir()
    assert file.name.isalnum()
