"""router.api.form: forms are read within limits."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from router.api import form as module
from router.api.errors import ApiError
from router.api.form import Form, read_form

BOUNDARY = {"Content-Type": "multipart/form-data; boundary=x"}


@asynccontextmanager
async def reading(found: list[Form | ApiError]) -> AsyncIterator[TestServer]:
    """A server that reads one form from each request."""

    async def handle(request: web.Request) -> web.Response:
        try:
            found.append(await read_form(request))
        except ApiError as error:
            found.append(error)
        return web.Response()

    app = web.Application(client_max_size=1024)
    app.router.add_post("/", handle)
    async with TestServer(app) as server:
        yield server


async def read(data: object, headers: dict[str, str] | None = None) -> Form | ApiError:
    found: list[Form | ApiError] = []
    async with reading(found) as server, aiohttp.ClientSession() as client:
        async with client.post(server.make_url("/"), data=data, headers=headers):
            pass
    return found[0]


def a_form(*names: str, size: int = 5) -> aiohttp.FormData:
    made = aiohttp.FormData(default_to_multipart=True)
    for name in names:
        if name == "file":
            made.add_field(name, io.BytesIO(b"s" * size), filename="a.wav")
        else:
            made.add_field(name, "s" * size)
    return made


async def test_values_and_a_file() -> None:
    found = await read(a_form("model", "file", "model"))
    assert found == Form({"model": "sssss"}, b"sssss", "a.wav")


async def test_all_values_of_a_list_are_kept() -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in (("w[]", "a"), ("w", "b"), ("w[]", "c"), ("w", "d")):
        form.add_field(name, value)
    assert await read(form) == Form({"w": "d"}, lists={"w": ["a", "c"]})
    long = await read(a_form("file", size=100_000))
    assert isinstance(long, Form)
    assert len(long.file or b"") == 100_000


async def test_what_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", 100)
    for data, status in (
        (a_form("file", size=101), 413),
        (a_form("text", size=module.LONGEST_VALUE + 1), 413),
        (a_form(*"abc" * 22), 400),
    ):
        found = await read(data)
        assert isinstance(found, ApiError)
        assert found.status == status


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"", {"Content-Type": "multipart/form-data"}, 400),
        (b"nothing", BOUNDARY, 400),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n',
            BOUNDARY,
            400,
        ),
    ],
)
async def test_what_is_no_form(data: bytes, headers: dict[str, str], status: int) -> None:
    found = await read(data, headers)
    assert isinstance(found, ApiError)
    assert found.status == status


async def test_what_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FORM_S", 0.05)
    over = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc'
        await over.wait()

    found = await read(body(), BOUNDARY)
    over.set()
    assert isinstance(found, ApiError)
    assert found.status == 408
