"""Health, settings, and the description of this interface with its page."""

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from aiohttp import web

from router import __version__
from router.api.call import Call, Parameter, Route
from router.api.errors import ApiError
from router.config import Settings
from router.node_urls import without_key

_STATIC = Path(__file__).parent / "static"
_PAGE = {
    "index.html": "text/html",
    "docs.css": "text/css",
    "docs.js": "text/javascript",
}
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class System:
    """What programs ask about the node itself.

    Args:
        description: gives the OpenAPI document.
    """

    def __init__(self, settings: Settings, description: Callable[[], Mapping[str, Any]]) -> None:
        self._settings = settings
        self._description = description
        self._started = time.monotonic()

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            Route(
                "GET",
                "/healthcheck",
                self.health,
                "Tell that the node runs. Needs no key.",
                "System",
                open=True,
                answer="Health",
            ),
            Route(
                "GET",
                "/config",
                self.config,
                "Show the settings in force, without secrets.",
                "System",
                scope="admin",
                answer="Config",
            ),
            Route(
                "GET",
                "/openapi.json",
                self.openapi,
                "Describe this interface (OpenAPI 3.1).",
                "System",
                answer="Document",
            ),
            Route(
                "GET",
                "/swagger/doc.json",
                self.openapi,
                "The same description, where the original router has it.",
                "System",
                answer="Document",
            ),
            Route(
                "GET",
                "/swagger/{file}",
                self.page,
                "A page that shows this description: /swagger/index.html.",
                "System",
                answer="Page",
                media="text/html",
                refusals=(404,),
                parameters=(Parameter("file", "path", "index.html, docs.css or docs.js."),),
            ),
        )

    async def health(self, call: Call) -> web.Response:
        """Serve the health check."""
        return call.answer(
            {
                "status": "healthy",
                "version": __version__,
                "uptime": duration(time.monotonic() - self._started),
            }
        )

    async def config(self, call: Call) -> web.Response:
        """Serve the settings."""
        config = dataclasses.asdict(self._settings.current)
        config["inference"]["mirror"] = without_login(config["inference"]["mirror"])
        config["chain"] = {
            name: [without_key(url) for url in urls] for name, urls in config["chain"].items()
        }
        return call.answer(
            {
                "Version": __version__,
                "DerivedConfig": {"DataFolder": str(self._settings.path.parent)},
                "Config": config,
            }
        )

    async def openapi(self, call: Call) -> web.Response:
        """Serve the description."""
        return call.answer(self._description())

    async def page(self, call: Call) -> web.Response:
        """Serve a file of the page."""
        name = call.request.match_info["file"]
        if name not in _PAGE:
            raise ApiError(404, "unknown_url", "There is no such page. See /swagger/index.html.")
        return web.Response(
            body=(_STATIC / name).read_bytes(),  # a few kB, from the app itself
            content_type=_PAGE[name],
            charset="utf-8",
            headers=_PAGE_HEADERS,
        )


def duration(seconds: float) -> str:
    """A time span as the original router writes it: 1h2m3s."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}h{minutes}m{whole % 60}s"
    return f"{minutes}m{whole % 60}s" if minutes else f"{whole}s"


def without_login(url: str) -> str:
    """An address without the user and password that it may hold."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
