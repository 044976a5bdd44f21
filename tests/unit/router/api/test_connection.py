"""router.api.connection: what is not HTTP, too slow, too large or too many."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from router.api.body import Limits
from router.api.connection import bind, url_of
from router.errors import ConfigError
from tests.support.api_client import Api, running_api


def refusal(raw: bytes) -> tuple[int, str]:
    head, _, body = raw.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"HELLO\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 100 + b"\r\n",
    ],
)
async def test_what_is_malformed_is_refused_in_the_common_shape(api: Api, data: bytes) -> None:
    raw = await api.raw(data)
    assert refusal(raw) == (400, "malformed_request")


async def test_a_request_without_host_is_refused(api: Api) -> None:
    raw = await api.raw(b"GET /healthcheck HTTP/1.0\r\n\r\n")
    assert refusal(raw) == (403, "host_not_allowed")


async def test_slow_heads_are_cut(tmp_path: Path) -> None:
    async with running_api(tmp_path, limits=Limits(idle_s=0.2)) as api:
        for data in (b"", b"GET /healthcheck HTTP/1.1\r\nHost: loc"):
            async with asyncio.timeout(30):
                assert await api.raw(data) == b""


async def test_slow_bodies_are_cut(tmp_path: Path) -> None:
    async with running_api(tmp_path, limits=Limits(body_s=0.1, linger_s=0.1)) as api:
        async with asyncio.timeout(30):
            raw = await api.raw(
                f"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                f"Authorization: Bearer {api.key}\r\nContent-Type: application/json\r\n"
                f"Content-Length: 50\r\n\r\n{{".encode()
            )
        assert refusal(raw) == (408, "body_timeout")


async def test_connections_are_bounded(tmp_path: Path) -> None:
    async with running_api(tmp_path, limits=Limits(connections=3)) as api:
        state = api.server.state
        held = [await asyncio.open_connection(state.host, state.port) for _ in range(3)]
        raw = await api.raw(b"GET /healthcheck HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert refusal(raw) == (503, "too_many_connections")
        for _, writer in held:
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(30):
            while (await api.raw(b"GET /healthcheck HTTP/1.0\r\nHost: localhost\r\n\r\n"))[
                9:12
            ] != b"200":
                await asyncio.sleep(0)


def test_addresses_as_people_write_them() -> None:
    assert url_of("127.0.0.1", 80) == "http://127.0.0.1:80"
    assert url_of("::1", 80) == "http://[::1]:80"


def test_no_free_port_is_an_error_that_says_so() -> None:
    with bind("127.0.0.1", 0) as any_port:
        assert any_port.getsockname()[1] > 0
    with socket.create_server(("127.0.0.1", 65535)), pytest.raises(ConfigError) as caught:
        bind("127.0.0.1", 65535)
    assert "in use" in caught.value.message


def test_localhost_is_an_address() -> None:
    with bind("localhost", 0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
