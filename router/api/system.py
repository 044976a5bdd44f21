"""Health, settings, and the description of this interface with its page."""

import contextlib
import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from aiohttp import web

from router import __version__
from router.api.call import Call, Parameter, Route
from router.api.errors import ApiError
from router.config import Settings
from router.errors import MorpheusError
from router.networks import NETWORKS
from router.node_urls import without_key

if TYPE_CHECKING:  # start-up cost only: see router.money
    from router.funds import Funds
    from router.wallet.wallet import Wallet

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
        cookie: the file with the key of this installation.
        funds, wallet: give them, or raise when they are not there.
        description: gives the OpenAPI document.
    """

    def __init__(
        self,
        settings: Settings,
        cookie: Path,
        funds: Callable[[], "Funds"],
        wallet: Callable[[], "Wallet"],
        description: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._settings = settings
        self._cookie = cookie
        self._funds = funds
        self._wallet = wallet
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
                "/auth/cookie/path",
                self.cookie_path,
                "Tell old clients on this computer where the file with the key is. Needs no key.",
                "System",
                open=True,
                answer="CookiePath",
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

    async def cookie_path(self, call: Call) -> web.Response:
        """Serve where the key is; who may not read that file has nothing from it."""
        there = call.request.get_extra_info("peername")
        here = call.request.get_extra_info("sockname")
        if not there or not here or there[0] != here[0]:
            raise ApiError(
                403, "local_only", "Only programs on the node's own computer are told this."
            )
        return call.answer({"path": str(self._cookie)})

    async def config(self, call: Call) -> web.Response:
        """Serve the settings."""
        current = self._settings.current
        network, address = NETWORKS[current.network], ""
        with contextlib.suppress(MorpheusError):  # not there: the rest is told all the same
            address = self._wallet().state.address.lower()
            network = self._funds().connection.network
        config = dataclasses.asdict(current)
        config["inference"]["mirror"] = without_login(config["inference"]["mirror"])
        config["chain"] = {
            name: [without_key(url) for url in urls] for name, urls in config["chain"].items()
        }
        return call.answer(
            {
                "Version": __version__,
                "DerivedConfig": {
                    "WalletAddress": address,
                    "ChainID": network.chain_id,
                    "EthNodeURLs": [
                        without_key(url) for url in current.chain.nodes_of(network.name)
                    ]
                    or list(network.nodes),
                    "DataFolder": str(self._settings.path.parent),
                },
                # Where the command line of the original looks for the contract.
                "Config": {
                    **config,
                    "Marketplace": {"DiamondContractAddress": network.diamond.lower()},
                },
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
