"""The consumer of the relay: `python -m benchmarks.relay_consumer ENDPOINT URL`, on its own core.

Asks through the provider, or the model itself, as many streams at a time as each line on stdin
says; answers with when each piece came and how much of the processor it took. Or begins an answer,
stops it, and answers with how long that took.
"""

import asyncio
import contextlib
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Collection
from typing import Any

from benchmarks.child import say
from benchmarks.relay_model import question
from benchmarks.relay_parties import (
    BID_ID,
    CONSUMER,
    DAY,
    MODEL_ID,
    NETWORK,
    PROVIDER,
    SESSION_IDS,
    stay_on,
)
from router.backends.base import Delta, Request, Turn
from router.backends.openai import OpenAiBackend, open_session
from router.backends.openai_shapes import ChunkReader, chat_body
from router.backends.raw import Asked
from router.consumer.book import Book
from router.consumer.endpoints import Endpoint, dial
from router.consumer.evidence import Call, EvidenceLog
from router.consumer.link import Link, Target
from router.consumer.remote import Lease, RemoteBackend
from router.morrpc.consumer import Peer
from router.morrpc.signing import Signer
from router.tasks import Tasks

ENDLESS = 1_000_000  # pieces, of an answer that is stopped


class Sessions:
    """The open sessions, and the provider's key once it was told."""

    def __init__(self, endpoint: str) -> None:
        self._target = Target(endpoint, PROVIDER.address)
        self._peer: Peer | None = None

    async def lease(
        self, model: str, without: Collection[str] = (), busy: Collection[str] = ()
    ) -> Lease:
        """The session that is named."""
        session_id = model.removeprefix("session:")
        return Lease(
            session_id, BID_ID, MODEL_ID, "A model", self._target, CONSUMER, 10**13, 10**18,
            int(time.time()) + DAY, DAY, peer=self._peer,
        )  # fmt: skip

    async def learned(self, lease: Lease, peer: Peer) -> None:
        """Keep the key."""
        self._peer = peer

    async def answered(self, lease: Lease, call: Call) -> None:
        """Nothing is reported here."""


class Lines:
    """Connects to the provider, and knows which connection is the last."""

    last: asyncio.StreamWriter

    def link(self, signer: Signer) -> Link:
        """Asks over connections that are known here."""
        return Link(signer, NETWORK.chain_id, allow_private=lambda: True, dial=self._dial)

    async def _dial(
        self, endpoint: Endpoint, *, allow_private: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, self.last = await dial(endpoint, allow_private=allow_private)
        return reader, self.last


class Asker:
    """Asks either way; both give the texts of an answer as they come."""

    def __init__(self, remote: RemoteBackend, model: OpenAiBackend, lines: Lines) -> None:
        self._remote = remote
        self._model = model
        self._lines = lines
        self._tasks = Tasks()

    async def relayed(self, number: int, text: str) -> AsyncIterator[str]:
        """Through the provider."""
        request = Request("session:" + SESSION_IDS[number], (Turn("user", text),))
        async for event in self._remote.complete(request):
            if isinstance(event, Delta):
                yield event.text

    async def direct(self, number: int, text: str) -> AsyncIterator[str]:
        """From the model itself."""
        body = chat_body(Request("", (Turn("user", text),)))
        reader = ChunkReader()
        async for value in self._model.ask(Asked("chat", body)):
            if isinstance(value, dict) and isinstance(event := reader.read(value), Delta):
                yield event.text

    async def measure(
        self, way: str, streams: int, chunks: int, pause_ms: float
    ) -> dict[str, float]:
        """So many answers at the same time."""
        used, began = time.process_time(), time.monotonic()
        found = await asyncio.gather(
            *(self._stream(way, number, question(chunks, pause_ms)) for number in range(streams))
        )
        over = time.monotonic()
        if any(len(delays) != chunks for _, delays in found):
            raise RuntimeError("pieces are missing")
        return {
            "first_ms": statistics.median(first for first, _ in found) * 1000,
            "chunk_ms": statistics.median(d for _, delays in found for d in delays) * 1000,
            "per_s": streams * chunks / (over - began),
            "cpu_s": time.process_time() - used,
        }

    async def stop(self, chunks: int, pause_ms: float) -> dict[str, float]:
        """Stop an answer of which so many pieces came, and at once ask again in its session.

        It is over when the line is closed and the first piece of the next answer has come: sooner
        nobody can tell that the provider is free, too.
        """
        came = asyncio.Event()
        heard = self._tasks.spawn("hear", self._hear(question(ENDLESS, pause_ms), chunks, came))
        await came.wait()
        if heard.done():
            heard.result()
            raise RuntimeError("the answer ended by itself")
        line, began = self._lines.last, time.monotonic()
        heard.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await heard
        await line.wait_closed()
        closed = time.monotonic()
        first, _ = await self._stream("relayed", 0, question(1))
        return {"ms": (closed - began + first) * 1000}

    async def _hear(self, text: str, chunks: int, came: asyncio.Event) -> None:
        """Take an answer through the provider; `came` is when so many pieces did, or it ended."""
        count = 0
        try:
            async for _ in self.relayed(0, text):
                count += 1
                if count == chunks:
                    came.set()
        finally:
            came.set()

    async def _stream(self, way: str, number: int, text: str) -> tuple[float, list[float]]:
        """Seconds to the first piece, and how old each was when it came."""
        pieces = self.relayed(number, text) if way == "relayed" else self.direct(number, text)
        began, first, delays = time.monotonic(), 0.0, []
        async for piece in pieces:
            now = time.monotonic()
            first = first or now - began
            delays.append(now - float(piece))
        return first, delays


async def main(endpoint: str, url: str) -> None:
    """Answer until stdin ends."""
    stay_on(1)
    book = Book(None, NETWORK.chain_id)
    await book.open()
    async with open_session() as http:
        lines = Lines()
        remote = RemoteBackend(Sessions(endpoint), EvidenceLog(book), lines.link)
        asker = Asker(remote, OpenAiBackend(http, url, "fake"), lines)
        while line := await asyncio.to_thread(sys.stdin.readline):
            command: dict[str, Any] = json.loads(line)
            do = command.pop("do")
            say(await (asker.stop(**command) if do == "stop" else asker.measure(do, **command)))
    await book.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
