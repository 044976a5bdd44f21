"""router.consumer.endpoints: only the internet is dialled, and only as it was checked."""

import asyncio
import socket
from collections.abc import Sequence

import pytest

from router.consumer.endpoints import Endpoint, checked_endpoint, dial, resolve
from router.errors import ProviderError

HOSTILE = (
    "",
    ":",
    ":3333",
    "example.org",
    "example.org:",
    "example.org:0",
    "example.org:03333",
    "example.org:65536",
    "example.org:3333/path",
    "example.org:3333?x",
    "http://example.org:3333",
    "user@example.org:3333",
    "user:pass@example.org:3333",
    "example.org :3333",
    " example.org:3333",
    "example.org:3333\n",
    "example.org:+3333",
    "example.org:٣٣٣٣",
    "exаmple.org:3333",  # a Cyrillic letter
    "例え.jp:3333",
    "ⓛocalhost:3333",
    "a..b:3333",
    "-a.org:3333",
    "example.org.:3333",
    "a" * 64 + ".org:3333",
    "x" * 10_000,
    "x." * 5_000 + "org:3333",
    "::1:3333",
    "[::1:3333",
    "::1]:3333",
    "[example.org]:3333",
    "[fe80::1%eth0]:3333",
    "[::1]x:3333",
    "%00.org:3333",
)
NOT_OUTSIDE = (
    "localhost:8545",
    "LOCALHOST:3333",
    "a.localhost:3333",
    "printer.local:3333",
    "host:3333",
    "vault.internal:3333",
    "127.0.0.1:3333",
    "127.8.8.8:3333",
    "10.0.0.1:3333",
    "172.16.5.5:3333",
    "192.168.1.1:3333",
    "100.64.0.1:3333",
    "192.0.2.1:3333",
    "[::1]:3333",
    "[fc00::1]:3333",
    "[fd12:3456::1]:3333",
    "[::ffff:127.0.0.1]:3333",
    "[::ffff:10.0.0.1]:3333",
    "[::127.0.0.1]:3333",
    "[64:ff9b::7f00:1]:3333",
    "[2002:7f00:1::]:3333",
)
NEVER = (
    "0.0.0.0:3333",
    "[::]:3333",
    "169.254.169.254:80",
    "[fe80::1]:3333",
    "[::ffff:169.254.169.254]:80",
    "224.0.0.1:3333",
    "[ff02::1]:3333",
    "255.255.255.255:3333",
    "127.1:3333",
    "2130706433:3333",
    "0x7f000001:3333",
    "0177.0.0.1:3333",
    "1.2.3.0x4:3333",
    "1.2.3.4.5:3333",
    "example.org:22",
    "example.org:25",
    "example.org:6379",
    "8.8.8.8:53",
)


@pytest.mark.parametrize("text", HOSTILE + NOT_OUTSIDE + NEVER)
def test_what_is_not_of_the_internet_is_refused(text: str) -> None:
    with pytest.raises(ProviderError) as caught:
        checked_endpoint(text)
    assert caught.value.code == "bad_endpoint"
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("text", HOSTILE + NEVER)
def test_some_are_refused_whatever_is_allowed(text: str) -> None:
    with pytest.raises(ProviderError):
        checked_endpoint(text, allow_private=True)


@pytest.mark.parametrize("text", NOT_OUTSIDE)
def test_private_ones_are_taken_when_allowed(text: str) -> None:
    found = checked_endpoint(text, allow_private=True)
    assert found.port in (3333, 8545)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("Example.ORG:3333", "example.org", 3333),
        ("8.8.8.8:3333", "8.8.8.8", 3333),
        ("[2606:4700::1111]:443", "2606:4700::1111", 443),
        ("a-b.c_d.example:65535", "a-b.c_d.example", 65535),
        ("xn--bcher-kva.example:80", "xn--bcher-kva.example", 80),
    ],
)
def test_real_ones_pass(text: str, host: str, port: int) -> None:
    found = checked_endpoint(text)
    assert found == Endpoint(host, port)
    assert str(found).lower() == text.lower()


class Names:
    """A name service that says what it is told, and counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["fe80::1%2"], ["::ffff:127.0.0.1"]],
)
async def test_name_that_leads_inside_is_refused(addresses: list[str]) -> None:
    with pytest.raises(ProviderError) as caught:
        await resolve(Endpoint("rebound.example", 3333), lookup=Names(addresses))
    assert caught.value.code == "bad_endpoint"


async def test_name_without_address_is_unreachable() -> None:
    async def none(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "unknown")

    for lookup in (none, Names([])):
        with pytest.raises(ProviderError) as caught:
            await resolve(Endpoint("nowhere.example", 3333), lookup=lookup)
        assert caught.value.code == "provider_unreachable"


async def test_all_good_addresses_are_given_once() -> None:
    found = await resolve(
        Endpoint("good.example", 3333), lookup=Names(["8.8.8.8", "8.8.8.8", "2606:4700::1111"])
    )
    assert [str(address) for address in found] == ["8.8.8.8", "2606:4700::1111"]


async def test_dials_what_was_checked_and_looks_up_once() -> None:
    """A name that leads elsewhere at a second look is not looked up a second time."""
    seen = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        names = Names(["127.0.0.1"], ["127.0.0.2"])
        _, writer = await dial(Endpoint("own.example", port), allow_private=True, lookup=names)
        await seen.wait()
        writer.close()
        assert names.asked == 1


async def test_second_address_is_tried() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        names = Names(["127.9.9.9", "127.0.0.1"])
        _, writer = await dial(Endpoint("two.example", port), allow_private=True, lookup=names)
        writer.close()


async def test_an_address_that_swallows_everything_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    connect = asyncio.open_connection

    async def swallowed(host: str, port: int) -> object:
        if host == "127.9.9.9":
            await asyncio.Event().wait()
        return await connect(host, port)

    monkeypatch.setattr(asyncio, "open_connection", swallowed)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        names = Names(["127.9.9.9", "127.0.0.1"])
        _, writer = await dial(Endpoint("two.example", port), allow_private=True, lookup=names)
        writer.close()


async def test_private_address_is_not_even_connected_to() -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ProviderError):
            await dial(Endpoint("rebound.example", port), lookup=Names(["127.0.0.1"]))
        with pytest.raises(ProviderError):
            await dial(Endpoint("127.0.0.1", port))
        await dial_and_close(port)
        assert connections == 1


async def dial_and_close(port: int) -> None:
    reader, writer = await dial(Endpoint("127.0.0.1", port), allow_private=True)
    assert await reader.read() == b""
    writer.close()


async def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ProviderError) as caught:
        await dial(Endpoint("127.0.0.1", port), allow_private=True)
    assert caught.value.code == "provider_unreachable"


async def test_name_service_that_does_not_answer() -> None:
    async def silent(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(ProviderError) as caught:
        await dial(Endpoint("slow.example", 3333), limit_s=0.01, lookup=silent)
    assert caught.value.code == "provider_unreachable"
    assert "0.01 s" in caught.value.message
