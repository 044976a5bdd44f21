"""A model that does not think: says when each piece of its answer was made, as fast as it is told.

`python -m benchmarks.relay_model` tells where it listens. It speaks as little HTTP as a client
needs, so that it costs next to nothing itself.
"""

import asyncio
import json
import sys
import time
from typing import Any

from benchmarks.child import say

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def question(chunks: int, pause_ms: float = 0.0) -> str:
    """What to ask for an answer of so many pieces."""
    return json.dumps({"chunks": chunks, "pause_ms": pause_ms})


async def main() -> None:
    """Serve until stdin ends."""
    server = await asyncio.start_server(_connected, "127.0.0.1", 0)
    say({"port": server.sockets[0].getsockname()[1]})
    await asyncio.to_thread(sys.stdin.read)


async def _connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            await _answer(await _read(reader), writer)
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def _read(reader: asyncio.StreamReader) -> dict[str, Any]:
    """The last question of a request."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    body = json.loads(await reader.readexactly(size))
    asked: dict[str, Any] = json.loads(body["messages"][-1]["content"])
    return asked


async def _answer(asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    due = time.monotonic()
    for _ in range(asked["chunks"]):
        if asked["pause_ms"]:
            due += asked["pause_ms"] / 1000
            await asyncio.sleep(due - time.monotonic())
        _write(writer, _event({"content": f"{time.monotonic():.6f} "}))
        await writer.drain()
        await asyncio.sleep(0)  # a buffer with room never waits
    _write(writer, _event({}, "stop") + b"data: [DONE]\n\n")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def _event(delta: dict[str, str], reason: str | None = None) -> bytes:
    """As servers like OpenAI's write it."""
    value = {
        "id": "chatcmpl-0123456789abcdef0123456789abcdef",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": "a-model-that-does-not-think",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
    }
    return b"data: %s\n\n" % json.dumps(value).encode()


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


if __name__ == "__main__":
    asyncio.run(main())
