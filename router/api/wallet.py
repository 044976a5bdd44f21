"""/wallet* and /config/ethNode: the account of this node and the nodes it asks.

A wallet that is set over HTTP is sealed with the passphrase the node was started with. Without
one it is refused, except on the demo network, whose wallet is gone at the end anyway.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web

from router.api.call import Call, Route
from router.api.chain_params import any_case
from router.chain.nodes import Nodes
from router.config import Settings, nodes_setting
from router.errors import BadRequest, ConfigError
from router.networks import DEMO, NETWORKS, Network
from router.node_urls import host_of, is_node_url
from router.wallet import derive, mnemonic
from router.wallet.checks import private_key
from router.wallet.node_keys import NodeKeys
from router.wallet.wallet import Wallet

TAG = "Wallet"
MOST_NODES = 20
TRY_S = 2.0


class WalletRoutes:
    """Shows, sets and removes the wallet; sets the nodes.

    Args:
        wallet: gives the wallet, or raises when it is not there.
        passphrase: what a new wallet is sealed with; empty when the node was given none.
        keys: has the keys in the addresses of nodes.
    """

    def __init__(
        self, wallet: Callable[[], Wallet], settings: Settings, passphrase: str, keys: NodeKeys
    ) -> None:
        self._wallet = wallet
        self._settings = settings
        self._passphrase = passphrase
        self._keys = keys

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            _route("GET", "/wallet", self.show, "Address of the wallet.", "WalletAddress"),
            _route(
                "POST",
                "/wallet/privateKey",
                self.set_key,
                "Set a private key.",
                "WalletAddress",
                "PrivateKey",
            ),
            _route(
                "POST",
                "/wallet/mnemonic",
                self.set_phrase,
                "Set a recovery phrase.",
                "WalletAddress",
                "Mnemonic",
            ),
            _route(
                "DELETE", "/wallet", self.remove, "Remove the wallet from this computer.", "Status"
            ),
            _route(
                "POST",
                "/config/ethNode",
                self.set_nodes,
                "Set the nodes to ask.",
                "Status",
                "NodeUrls",
            ),
            _route(
                "DELETE",
                "/config/ethNode",
                self.reset_nodes,
                "Ask the usual nodes again.",
                "Status",
            ),
        )

    async def show(self, call: Call) -> web.Response:
        """Serve the address."""
        return call.answer({"address": self._needed_wallet().state.address.lower()})

    async def set_key(self, call: Call) -> web.Response:
        """Make the wallet of a private key."""
        text = any_case(await call.fields(), "privateKey").needed_text("privateKey")
        if self._is_play:
            self._wallet().borrow(private_key(text))
        else:
            await self._wallet().import_key(text, self._needed_passphrase())
        return await self.show(call)

    async def set_phrase(self, call: Call) -> web.Response:
        """Make the wallet of a recovery phrase."""
        fields = await call.fields()
        phrase = fields.needed_text("mnemonic")
        path = fields.text("derivationPath") or "0"
        # The original takes the number of the account where a path could stand.
        path = derive.STANDARD.format(index=path) if path.isdigit() else path
        with _named_as(phrase="mnemonic", path="derivationPath"):
            if self._is_play:
                self._wallet().borrow(
                    await asyncio.to_thread(lambda: derive.derive(mnemonic.seed(phrase), path))
                )
            else:
                await self._wallet().create(phrase, self._needed_passphrase(), path=path)
        return await self.show(call)

    async def remove(self, call: Call) -> web.Response:
        """Remove the wallet."""
        if self._is_play:
            self._wallet().give_back()
        else:
            passphrase = self._needed_passphrase()
            await self._needed_wallet().erase(passphrase, "erase")
        return call.answer({"status": "ok"})

    async def set_nodes(self, call: Call) -> web.Response:
        """Use these nodes from now on, if all of them are on the right chain."""
        network = self._real_network()
        urls = (await call.fields()).raw("urls")
        if not isinstance(urls, list) or not 0 < len(urls) <= MOST_NODES:
            raise BadRequest(f"urls is a list of 1 to {MOST_NODES} addresses.", param="urls")
        if not all(isinstance(url, str) and is_node_url(url) for url in urls):
            raise BadRequest(
                "A node's address is https:// or http:// and a host.",
                param="urls",
                hint="The nodes are unchanged.",
            )
        self._keys.ask_again()
        nodes = Nodes(network.chain_id, urls, address_of=self._keys.real, try_s=TRY_S)
        try:
            states = await asyncio.gather(*(nodes.check(url) for url in urls))
        finally:
            await nodes.close()
        for state in states:
            if state.problem:
                raise BadRequest(
                    f"The node {host_of(state.url)} cannot be used: {state.problem}.", param="urls"
                )
        written = await self._keys.keep(*urls)
        try:
            return self._set_nodes(call, network, written)
        except ConfigError:
            await self._keys.forget(*written)
            raise

    async def reset_nodes(self, call: Call) -> web.Response:
        """Go back to the nodes that the app brings."""
        return self._set_nodes(call, self._real_network(), ())

    def _set_nodes(self, call: Call, network: Network, urls: tuple[str, ...]) -> web.Response:
        """Save the nodes of a network, also when another one was chosen meanwhile."""
        self._settings.change({nodes_setting(network.name): urls})
        return call.answer({"status": "ok"})

    def _real_network(self) -> Network:
        """The network that nodes can be set for.

        Raises:
            BadRequest: it is the demo network.
        """
        network = NETWORKS[self._settings.current.network]
        if network.name == DEMO:
            raise BadRequest("The demo network has its own node.")
        return network

    def _needed_wallet(self) -> Wallet:
        wallet = self._wallet()
        if not wallet.state.address:
            raise BadRequest(
                "There is no wallet.", code="no_wallet", hint="Set one with POST /wallet/mnemonic."
            )
        return wallet

    @property
    def _is_play(self) -> bool:
        """Whether a wallet is for play and only in memory, as there is nothing to seal it with."""
        return not self._passphrase and self._settings.current.network == DEMO

    def _needed_passphrase(self) -> str:
        if self._passphrase:
            return self._passphrase
        raise BadRequest(
            "This node was started without a passphrase, so it cannot keep a wallet.",
            code="no_passphrase",
            hint="Start it with --passphrase-file FILE or MORPHEUS_PASSPHRASE.",
        )


def _route(
    method: str, path: str, handler: Any, summary: str, answer: str, body: str = ""
) -> Route:
    is_read = method == "GET"
    return Route(
        method,
        path,
        handler,
        summary,
        TAG,
        scope="wallet" if is_read else "admin",
        body=body,
        answer=answer,
        refusals=(400, 503) if is_read else (400, 408, 409, 413, 415, 423, 503),
    )


@contextlib.contextmanager
def _named_as(**names: str) -> Iterator[None]:
    """Refuse with the names that fields have here."""
    try:
        yield
    except BadRequest as error:
        error.param = names.get(error.param or "", error.param)
        raise
