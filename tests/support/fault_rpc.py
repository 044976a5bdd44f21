"""A node that misbehaves on demand, in front of one that does not.

Each fault is a reply for some methods; without one, questions are passed on. Everything that was
asked is noted, so that tests can see who was asked what and how often.

    python -m tests.support.fault_rpc UPSTREAM WHAT

is such a node in a process of its own, whose memory is not the test's: asked for code, it answers
too much (see HUGE).
"""

import asyncio
import gzip
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

Json = Any
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Asked:
    """One question, and the way to the node behind."""

    body: dict[str, Json]
    request: web.Request
    ended: asyncio.Event
    forward: Callable[[], Awaitable[dict[str, Json]]]


Reply = Callable[[Asked], Awaitable[web.StreamResponse]]


class FaultRpc:
    """The node. `url` is where it listens, `asked` the methods it was asked for, in order."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.url = ""
        self.asked: list[str] = []
        self._replies: dict[str, Reply] = {}
        self._ended = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    def on(self, method: str, reply: Reply) -> None:
        """Answer a method like this from now on; "*" is all that have no reply of their own."""
        self._replies[method] = reply

    def well(self) -> None:
        """Behave again."""
        self._replies.clear()

    async def start(self) -> None:
        self._session = aiohttp.ClientSession()
        app = web.Application(client_max_size=16 << 20)
        app.router.add_post("/", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        self._ended.set()
        assert self._runner is not None
        assert self._session is not None
        await self._runner.cleanup()
        await self._session.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.asked.append(body["method"])
        reply = self._replies.get(body["method"]) or self._replies.get("*")

        async def forward() -> dict[str, Json]:
            assert self._session is not None
            async with self._session.post(self.upstream, json=body) as answer:
                found: dict[str, Json] = json.loads(await answer.read())
                return found

        if reply is None:
            return web.json_response(await forward())
        return await reply(Asked(body, request, self._ended, forward))


@asynccontextmanager
async def fault_rpc(upstream: str) -> AsyncIterator[FaultRpc]:
    made = FaultRpc(upstream)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


# Faults


async def hang(asked: Asked) -> web.StreamResponse:
    """Take the question and never answer."""
    await asked.ended.wait()
    return web.Response()


async def cut(asked: Asked) -> web.StreamResponse:
    """Break the connection without passing the question on."""
    assert asked.request.transport is not None
    asked.request.transport.abort()
    return web.Response()


async def cut_after_forward(asked: Asked) -> web.StreamResponse:
    """Pass the question on, and break the connection instead of answering."""
    await asked.forward()
    return await cut(asked)


def status(code: int, text: str = "", **headers: str) -> Reply:
    """Answer with a status of HTTP."""

    async def reply(asked: Asked) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=code, text=text, headers=named)

    return reply


def raw(data: bytes, **headers: str) -> Reply:
    """Answer with these bytes, whatever was asked."""

    async def reply(asked: Asked) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=data, headers={"Content-Type": "application/json"} | named)

    return reply


def error(code: Json, message: str) -> Reply:
    """Answer with an error of JSON-RPC."""

    async def reply(asked: Asked) -> web.StreamResponse:
        body = {"jsonrpc": "2.0", "id": asked.body["id"]}
        return web.json_response(body | {"error": {"code": code, "message": message}})

    return reply


def result(value: Json) -> Reply:
    """Answer with a value of its own."""

    async def reply(asked: Asked) -> web.StreamResponse:
        return web.json_response({"jsonrpc": "2.0", "id": asked.body["id"], "result": value})

    return reply


def changed(change: Callable[[Json], Json]) -> Reply:
    """Answer what the node behind answers, but changed."""

    async def reply(asked: Asked) -> web.StreamResponse:
        answer = await asked.forward()
        if "result" in answer:
            answer["result"] = change(answer["result"])
        return web.json_response(answer)

    return reply


async def wrong_id(asked: Asked) -> web.StreamResponse:
    """Answer as if something else had been asked."""
    answer = await asked.forward()
    return web.json_response(answer | {"id": asked.body["id"] + 1})


async def endless(asked: Asked) -> web.StreamResponse:
    """Answer a gigabyte, a piece at a time, as long as somebody listens."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(asked.request)
    piece = b'{"result": "' + b"0" * (1 << 20)
    for _ in range(1024):
        try:
            await response.write(piece)
        except ConnectionError:
            break
    return response


def gzip_bomb(megabytes: int) -> Reply:
    """Answer little that unpacks to much."""
    packed = gzip.compress(b" " * (megabytes << 20))
    return raw(packed, Content_Encoding="gzip")


def once(reply: Reply) -> Reply:
    """Misbehave the first time only."""
    done = False

    async def first(asked: Asked) -> web.StreamResponse:
        nonlocal done
        if done:
            return web.json_response(await asked.forward())
        done = True
        return await reply(asked)

    return first


# In a process of its own


# Made when they are wanted: a bomb takes its size to make.
HUGE: dict[str, Callable[[], Reply]] = {
    "a gigabyte": lambda: endless,
    "gzip bomb": lambda: gzip_bomb(256),
}


@asynccontextmanager
async def huge_rpc(upstream: str, what: str) -> AsyncIterator[str]:
    """Address of a node of its own process that answers too much when it is asked for code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.fault_rpc", upstream, what,
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip()
    finally:
        await process.communicate(b"")  # closes its standard input


async def _serve(upstream: str, what: str) -> None:
    """Until standard input is closed."""
    async with fault_rpc(upstream) as node:
        node.on("eth_getCode", HUGE[what]())
        sys.stdout.write(node.url + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
