"""A provider that serves over real sockets, on a chain of its own, and consumers that ask it."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from router.chain.marketplace import DIAMOND
from router.config import ProviderConfig
from router.morrpc.calls import Call, Chunk, End, Event, Failed
from router.morrpc.consumer import UPLOAD_CHUNK_BYTES, Consumer, Opened, Peer, SignedReport
from router.morrpc.endings import Kind
from router.morrpc.envelope import write_request
from router.morrpc.limits import INCOMING, Limits
from router.morrpc.messages import Prompt
from router.morrpc.signing import sign
from router.paths import Paths
from router.provider.provider import Provider
from router.wallet.account import Account
from tests.support.edges import T, stake
from tests.support.scripted_backend import ScriptedBackend
from tests.support.world import World

CONFIG = ProviderConfig(enabled=True, listen="127.0.0.1:0", requests_a_minute=100_000)
MESSAGES = [{"role": "user", "content": "Good day"}]
QUESTION = json.dumps({"messages": MESSAGES, "stream": True})
SECONDS = 3600
_MOMENTS = itertools.count()


class Clock:
    """Seconds since 1970, standing still."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass
class Answered:
    """What came of a question."""

    values: list[Any] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Of a chat."""
        deltas = [v["choices"][0]["delta"] for v in self.values if v.get("choices")]
        return "".join(delta.get("content") or "" for delta in deltas)

    @property
    def is_whole(self) -> bool:
        return self.events[-1] == End(is_whole=True)

    @property
    def error(self) -> Any:
        """Why it failed."""
        last = self.events[-1]
        assert isinstance(last, Failed), self.events
        return last.error


class Asker:
    """A consumer with a key, and connections to a provider."""

    def __init__(self, stage: "Stage", account: Account) -> None:
        self.stage = stage
        self.account = account
        self.consumer = Consumer(account, self._now_ms)

    def _now_ms(self) -> int:
        """No two requests are of the same moment."""
        return int(self.stage.clock.now * 1000) + next(_MOMENTS)

    @property
    def signers(self) -> tuple[str, ...]:
        return (self.stage.here.account("provider").address,)

    async def ping(self) -> Peer:
        """Greet the provider; a peer that is talked to as it likes it best."""
        greeting = await self.call(self.consumer.ping(self.signers, time.monotonic()))
        return Peer(self.stage.key, greeting.seals)

    async def request(self, bid: bytes | None = None) -> Opened:
        """Ask for the approval of a session."""
        bid_id = "0x" + (bid or self.stage.bid).hex()
        wanted = self.consumer.wanted_approval(bid_id, self.stage.here.network.chain_id)
        asked = self.consumer.request_session(
            wanted, 10**18, self.signers, time.monotonic(), seals=True
        )
        return await self.call(asked)

    async def ask(
        self,
        session: str,
        *,
        peer: Peer | None = None,
        kind: Kind = Kind.CHAT,
        **body: Any,
    ) -> Answered:
        """Ask the model; in clear text when no peer is given."""
        message = json.dumps(body or {"messages": MESSAGES, "stream": True})
        conversation = self.consumer.prompt(
            peer or Peer(self.stage.key, seals=False), session, message, time.monotonic(), kind
        )
        return await self.hear(conversation)

    async def hear(self, conversation: Any) -> Answered:
        """All that comes in answer to a question."""
        answered = Answered()
        async with self.stage.connection() as (reader, writer):
            writer.write(conversation.outgoing)
            while not conversation.done:
                data = await reader.read(65536)
                now_s = time.monotonic()
                events = conversation.feed(data, now_s) if data else conversation.end()
                answered.events += events
                answered.values += [event.value for event in events if isinstance(event, Chunk)]
        return answered

    async def report(self, session: str) -> SignedReport:
        """Ask for the report."""
        peer = Peer(self.stage.key, seals=False)
        chain_id = self.stage.here.network.chain_id
        return await self.call(
            self.consumer.report(peer, session, chain_id, self.signers, time.monotonic())
        )

    async def request_for(self, user: str) -> Opened:
        """Ask for the approval of somebody else's session, with one's own key."""
        wanted = replace(
            self.consumer.wanted_approval(
                "0x" + self.stage.bid.hex(), self.stage.here.network.chain_id
            ),
            user=user.lower(),
        )
        asked = self.consumer.request_session(
            wanted, 10**18, self.signers, time.monotonic(), seals=True
        )
        opened: Opened = await self.call(asked)
        return opened

    async def transcribe(self, session: str, sound: bytes, peer: Peer | None = None) -> Answered:
        """Send a recording and ask for its text."""
        peer = peer or Peer(self.stage.key, seals=False)
        stream_id, call = self.consumer.start_upload(
            peer, session, len(sound), "audio/wav", time.monotonic()
        )
        await self.call(call)
        for index in range(-(-len(sound) // UPLOAD_CHUNK_BYTES)):
            data = sound[index * UPLOAD_CHUNK_BYTES :][:UPLOAD_CHUNK_BYTES]
            await self.call(
                self.consumer.upload_chunk(peer, session, stream_id, index, data, time.monotonic())
            )
        params = json.dumps({"Language": "en", "type": "audio_transcription", "FilePath": "/x"})
        return await self.hear(
            self.consumer.end_upload(peer, session, stream_id, params, time.monotonic())
        )

    async def call(self, call: Call[Any]) -> Any:
        """The one answer to a request."""
        async with self.stage.connection() as (reader, writer):
            writer.write(call.outgoing)
            while data := await reader.read(65536):
                if (answer := call.feed(data, time.monotonic())) is not None:
                    return answer
        return call.end()


@dataclass
class Stage:
    """A provider with a chain, a bid, and what it works with."""

    here: World
    bid: bytes
    model_id: str
    paths: Paths
    backend: ScriptedBackend
    clock: Clock
    provider: Provider
    address: tuple[str, int] = ("", 0)

    @property
    def turns(self) -> dict[str, Any]:
        """The sessions of which something is answered or waits."""
        answer: Any = self.provider._listener._answer
        turns: dict[str, Any] = answer.__self__._turns
        return turns

    @property
    def key(self) -> bytes:
        """The provider's, 65 bytes."""
        return b"\x04" + self.here.account("provider").public_key

    def asker(self, name: str = "user") -> Asker:
        return Asker(self, self.here.account(name))

    def serve(self, **entry: Any) -> None:
        """Write models-config.json with the one model."""
        write_models(self.paths, {"modelId": self.model_id, "apiType": "local", **entry})

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A bare connection to the provider."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def raw(self, data: bytes) -> bytes:
        """What the provider says to some bytes until it closes."""
        async with self.connection() as (reader, writer):
            writer.write(data)
            with contextlib.suppress(ConnectionError):
                return await reader.read(-1)
        return b""

    async def session(self, user: str = "user", *, opened: int = T + 60) -> str:
        """Ask the provider for a session and open it on the chain; its id."""
        answer = await self.asker(user).request()
        await self.here.at(opened)
        receipt = await self.here.call(
            user,
            "openSession",
            self.here.account(user).address,
            stake(SECONDS / 3600, opened),
            False,
            answer.approval,
            answer.approval_signature,
        )
        return opened_session(receipt)


def opened_session(receipt: Any) -> str:
    """The id in the log of an opening."""
    event = DIAMOND.events["SessionOpened"]
    log = next(log for log in receipt.logs if log.topics[0] == event.topic)
    return "0x" + bytes(event.decode(log.topics, log.data)["sessionId"]).hex()


def prompt_of(stage: Stage, session: str, signer: str = "user", **changes: Any) -> bytes:
    """A signed question as it is on the wire."""
    prompt = Prompt(session_id=session, message=QUESTION, timestamp_ms=int(stage.clock.now * 1000))
    return write_request("1", sign(replace(prompt, **changes), stage.here.account(signer)))


def words(answer: bytes) -> str:
    """The text of a refusal."""
    return str(json.loads(answer)["error"]["message"])


def write_models(paths: Paths, *entries: dict[str, Any]) -> None:
    """Write models-config.json."""
    paths.served_models.write_text(json.dumps({"models": entries}), "utf-8")


@contextlib.asynccontextmanager
async def serving(
    here: World,
    bid: bytes,
    folder: Path,
    *,
    config: ProviderConfig = CONFIG,
    limits: Limits = INCOMING,
    stall_s: float = 30.0,
    **entry: Any,
) -> AsyncIterator[Stage]:
    """A running provider for the bid, with a scripted local model."""
    paths = Paths(folder / "data")
    paths.prepare()
    (found,) = await here.market.bids([bid])
    clock, backend = Clock(T + 30), ScriptedBackend()
    account = here.account("provider")
    provider = Provider(
        config, paths, here.market, account, backend, limits=limits, stall_s=stall_s, now=clock
    )
    stage = Stage(here, bid, found.model_id, paths, backend, clock, provider)
    stage.serve(**entry)
    await run(stage)
    try:
        yield stage
    finally:
        await stage.provider.stop()


async def run(stage: Stage) -> None:
    """Start the stage's provider and wait until it looked at the chain."""
    stage.address = await stage.provider.start()
    await stage.provider.look()


async def restarted(stage: Stage, config: ProviderConfig = CONFIG) -> None:
    """Another provider over the same folder, as after a restart of the app."""
    await stage.provider.stop()
    account = stage.here.account("provider")
    stage.provider = Provider(
        replace(config), stage.paths, stage.here.market, account, stage.backend, now=stage.clock
    )
    await run(stage)
