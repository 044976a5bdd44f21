"""router.api.sse: events arrive one by one, and a client that is gone is noticed."""

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web

from router.api.errors import ApiError
from router.api.sse import EventStream
from tests.support.one_handler import serving


async def test_events_and_the_mark_of_a_complete_answer() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        stream = EventStream(request, {"X-More": "1"}, write_limit_s=60)
        await stream.open()
        await stream.send({"text": "line\nline", "sign": "\u2028"})
        await stream.send({"n": 2})
        await stream.close()
        return stream.response

    async with serving(handler) as server, aiohttp.ClientSession() as client:
        async with client.get(server.url) as answer:
            assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
            assert answer.headers["X-Accel-Buffering"] == "no"
            assert answer.headers["X-More"] == "1"
            body = await answer.text()
    # Whatever a text holds, an event stays one line.
    first, second, last, rest = body.split("\n\n")
    assert json.loads(first.removeprefix("data: ")) == {"text": "line\nline", "sign": "\u2028"}
    assert (second, last, rest) == ('data: {"n":2}', "data: [DONE]", "")


async def test_each_event_is_sent_before_the_next() -> None:
    seen = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        stream = EventStream(request, {}, write_limit_s=60)
        await stream.open()
        await stream.send({"n": 1})
        await seen.wait()
        await stream.close()
        return stream.response

    async with serving(handler) as server, aiohttp.ClientSession() as client:
        async with client.get(server.url) as answer:
            assert await answer.content.readuntil(b"\n\n") == b'data: {"n":1}\n\n'
            seen.set()
            assert await answer.content.read() == b"data: [DONE]\n\n"


async def test_a_failure_is_the_last_event_without_the_mark() -> None:
    failure = ApiError(503, "server_stopping", "It stops.")

    async def handler(request: web.Request) -> web.StreamResponse:
        stream = EventStream(request, {}, write_limit_s=60)
        await stream.open()
        await stream.fail(failure)
        return stream.response

    async with serving(handler) as server, aiohttp.ClientSession() as client:
        async with client.get(server.url) as answer:
            body = await answer.text()
    assert json.loads(body.removeprefix("data: ")) == failure.body
    assert "[DONE]" not in body


async def test_a_client_that_does_not_read_is_given_up() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        stream = EventStream(request, {}, write_limit_s=0.05)
        await stream.open()
        while True:
            await stream.send({"text": "x" * 100_000})

    async with serving(handler) as server:
        _reader, writer = await asyncio.open_connection(server.host, server.port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        error = await server.errors.get()
        writer.close()
    assert isinstance(error, ConnectionResetError)
    assert str(error) == "the client does not read its answer"


async def test_a_client_that_is_gone_ends_the_stream() -> None:
    ended = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        stream = EventStream(request, {}, write_limit_s=60)
        try:
            await stream.open()
            while True:
                await stream.send({"n": 1})
        except (asyncio.CancelledError, ConnectionError):
            ended.set()
            raise

    async with serving(handler) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"data")
        writer.close()
        await ended.wait()


@pytest.mark.parametrize("value", [float("nan"), "\ud800"])
async def test_what_no_client_could_read_is_still_one_event(value: object) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        stream = EventStream(request, {}, write_limit_s=60)
        await stream.open()
        await stream.send({"value": value})
        await stream.close()
        return stream.response

    async with serving(handler) as server, aiohttp.ClientSession() as client:
        async with client.get(server.url) as answer:
            assert len((await answer.read()).split(b"\n\n")) == 3
