"""The keys in the addresses of nodes: in the keychain of the system where there is a safe one.

The settings then say https://host/{key:0123456789ab}, and the keychain has the whole address. It
is given for no other host than that. Without a keychain the settings have the whole address, as
on a server. The keychain is looked at when a node is asked, never at the start of the app, and
its library is imported by then only.
"""

import asyncio
import logging
import secrets as random
from typing import TYPE_CHECKING

from router.config import Config, Settings
from router.errors import WalletError
from router.loading import load
from router.networks import NETWORKS
from router.node_urls import has_key, host_of, key_name, same_host, with_key_kept
from router.tasks import Tasks

if TYPE_CHECKING:  # start-up cost only: see the module docstring
    from router.wallet.secret_store import Keychain

log = logging.getLogger(__name__)


class NodeKeys:
    """Keeps the keys of the nodes in the settings; what leaves the settings leaves the keychain.

    Args:
        keychain: that of the system if None.
    """

    def __init__(self, settings: Settings, keychain: "Keychain | None" = None) -> None:
        self._keychain = keychain
        self._known: dict[str, str] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._tasks = Tasks()
        self._listed = _listed(settings.current)
        self._stop_listening = settings.changed.subscribe(self._settings_changed)

    async def close(self) -> None:
        """Stop listening and end what runs."""
        self._stop_listening()
        await self._tasks.close()

    async def keep(self, *urls: str) -> tuple[str, ...]:
        """Addresses as they are to be written: without their keys, if the keychain took them.

        Whoever does not write them into the settings then calls `forget`.
        """
        written = list(urls)
        secret = [number for number, url in enumerate(urls) if has_key(url)]
        if not secret:
            return urls
        keychain = await self._opened()
        found = await keychain.availability()
        if not found.usable:
            log.info("keys of nodes stay in the settings: %s", found.reason)
            return urls
        try:
            for number in secret:
                name = random.token_hex(6)
                await keychain.set(_entry(name), urls[number])
                if await keychain.get(_entry(name)) != urls[number]:
                    await keychain.delete(_entry(name))
                    continue
                written[number] = with_key_kept(urls[number], name)
                self._known[written[number]] = urls[number]
        except WalletError as error:
            log.info("keys of nodes stay in the settings: %s", error.message)
        return tuple(written)

    async def real(self, url: str) -> str | None:
        """The address to ask for one of the settings; None if its key is not to be had now."""
        if not key_name(url):
            return url
        if url not in self._known:
            if url not in self._reading:
                self._reading[url] = self._tasks.spawn("read the key of a node", self._read(url))
            # It goes on when whoever asked gives up: a desktop may be asking its user.
            await asyncio.wait({self._reading[url]})
        return self._known.get(url)

    def ask_again(self) -> None:
        """Look again for what was not to be had; until then nobody is asked for it twice."""
        self._reading = {url: task for url, task in self._reading.items() if not task.done()}

    async def forget(self, *urls: str) -> None:
        """Take the keys of addresses out of the keychain. If it does not answer, they stay there."""
        for url in urls:
            self._known.pop(url, None)
            self._reading.pop(url, None)
            if name := key_name(url):
                try:
                    await (await self._opened()).delete(_entry(name))
                except WalletError as error:
                    log.warning("the key of %s stays in the keychain: %s", host_of(url), error)

    async def _read(self, url: str) -> None:
        try:
            found = await (await self._opened()).get(_entry(key_name(url)))
        except WalletError as error:
            log.info("the key of %s was not read: %s", host_of(url), error.message)
            return
        if found is not None and same_host(found, url):
            self._known[url] = found

    async def _opened(self) -> "Keychain":
        module = await asyncio.to_thread(load, "router.wallet.secret_store")
        if self._keychain is None:
            self._keychain = module.Keychain()
        return self._keychain

    def _settings_changed(self, config: Config) -> None:
        before, self._listed = self._listed, _listed(config)
        if gone := before - self._listed:
            self._tasks.spawn("forget the keys of nodes", self.forget(*sorted(gone)))


def _listed(config: Config) -> frozenset[str]:
    """The addresses of all networks whose keys the keychain has."""
    nodes = (url for network in NETWORKS for url in config.chain.nodes_of(network))
    return frozenset(filter(key_name, nodes))


def _entry(name: str) -> str:
    return f"node-{name}"
