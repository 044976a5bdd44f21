"""A model hub on this computer that behaves as a test wants, well or badly."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiohttp import web

from router.inference.catalog import CatalogModel
from tests.support import gguf_file

FILE = "little-talker-q4_k_m.gguf"
MODEL = CatalogModel(
    id="little-talker",
    name="Little Talker",
    parameters=500,
    licence="MIT",
    context_tokens=4096,
    approximate_bytes=1000,
    needs_bytes=1000,
    about="For tests.",
    repository="makers/little-talker-GGUF",
)


class Hub:
    """What the hub has and does.

    Attributes:
        data: the model file.
        moods: how the next requests for the file are treated, one each; "good" when empty.
            Also a number: the line is cut after so many bytes.
        listing: the listing as it is sent; None is a true one.
        statuses: answers with these to the next requests for the listing.
        ranges: the Range header of each request for the file.
        heard: set it when something came, so that the line can be cut after that.
        held: while set, good answers stop halfway and wait for `go_on`.
    """

    def __init__(self) -> None:
        self.data = gguf_file.gguf({**gguf_file.CHAT, "filler": "x" * 300_000})
        self.moods: list[str | int] = []
        self.listing: Any = None
        self.statuses: list[int] = []
        self.ranges: list[str] = []
        self.heard = asyncio.Event()
        self.held = False
        self.halfway = asyncio.Event()
        self.go_on = asyncio.Event()
        self.url = ""

    @property
    def entry(self) -> dict[str, Any]:
        """The true line of the listing."""
        digest = hashlib.sha256(self.data).hexdigest()
        return {"path": FILE, "lfs": {"oid": digest, "size": len(self.data)}}

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Serve the listing, in pieces as networks do."""
        if self.statuses:
            return web.Response(status=self.statuses.pop(0), headers={"Retry-After": "7"})
        others = [{"path": f"README-{number}.md", "size": 1} for number in range(500)]
        listing = [*others, self.entry] if self.listing is None else self.listing
        text = listing if isinstance(listing, bytes) else json.dumps(listing).encode()
        response = web.StreamResponse()
        await response.prepare(request)
        for start in range(0, len(text), 4096):
            await response.write(text[start : start + 4096])
            await asyncio.sleep(0)
        await response.write_eof()
        return response

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Serve the file as the next mood says."""
        said = request.headers.get("Range", "")
        self.ranges.append(said)
        mood = self.moods.pop(0) if self.moods else "good"
        begin = int(said.removeprefix("bytes=").removesuffix("-") or 0)
        moods: dict[str | int, Callable[[], web.Response]] = {
            "busy": lambda: web.Response(status=429, headers={"Retry-After": "7"}),
            "broken": lambda: web.Response(status=503),
            "gone": lambda: web.Response(status=404),
            "forbidden": lambda: web.Response(status=403),
            "refused": lambda: web.Response(status=410),
            "no such range": lambda: web.Response(status=416),
            "sign-in page": lambda: web.Response(text="<html>", content_type="text/html"),
            "elsewhere": lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
        }
        if mood in moods:
            return moods[mood]()
        if mood == "another part":
            begin += 1
        resumed = bool(said) and mood != "ignores ranges"
        return await self._send(request, begin if resumed else 0, mood, resumed=resumed)

    async def _send(
        self, request: web.Request, begin: int, mood: str | int, *, resumed: bool
    ) -> web.StreamResponse:
        data, total = self.data[begin:], len(self.data)
        response = web.StreamResponse(status=206 if resumed else 200)
        if resumed:
            response.headers["Content-Range"] = f"bytes {begin}-{total - 1}/{total}"
        if mood == "too much":
            data += b"more" * 100_000
            response.enable_chunked_encoding()
        else:
            response.content_length = len(data)
        await response.prepare(request)
        if isinstance(mood, int):
            await response.write(data[:mood])
            if mood:
                await self.heard.wait()  # what was sent is lost when the line is cut too soon
                self.heard.clear()
            assert request.transport is not None
            request.transport.abort()
            return response
        half = len(data) // 2
        await response.write(data[:half])
        if self.held:
            self.halfway.set()
            await self.go_on.wait()
        await response.write(data[half:])
        await response.write_eof()
        return response


@contextlib.asynccontextmanager
async def running_hub() -> AsyncIterator[Hub]:
    """A hub until the block is left."""
    hub = Hub()
    app = web.Application()
    app.router.add_get(f"/api/models/{MODEL.repository}/tree/main", hub.list)
    app.router.add_get(f"/{MODEL.repository}/resolve/main/{FILE}", hub.file)
    app.router.add_get("/elsewhere", hub.file)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hub.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield hub
    finally:
        await runner.cleanup()
