"""A chain that a whole node takes for a network of its settings, so that its journal is kept, and
the node as a process of its own."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from router.devnet.accounts import ACCOUNTS
from router.devnet.evm import Evm
from router.devnet.rpc import RpcServer
from router.networks import NETWORKS
from tests.support.headless import PROGRAM, Headless, headless
from tests.support.own_chain import NETWORK

PASSPHRASE = "a passphrase nobody else has"
OPTIONS = ("--api", "127.0.0.1:0", "--network", NETWORK)
ENDS_WITHIN_S = 30.0  # when to give up, not how long it may take


@asynccontextmanager
async def chain_for_node(folder: Path) -> AsyncIterator[RpcServer]:
    """The chain; the settings in the folder and a passphrase file name it."""
    balances = {bytes.fromhex(account.address[2:]): account.eth for account in ACCOUNTS}
    server = RpcServer(Evm(NETWORKS[NETWORK].chain_id, balances, time.time))
    await server.start()
    folder.mkdir(parents=True, exist_ok=True)
    set_node(folder, f"http://127.0.0.1:{server.port}")
    try:
        yield server
    finally:
        await server.stop()


def set_node(folder: Path, url: str) -> None:
    """Have the settings in the folder name this node."""
    (folder / "settings.toml").write_text(
        f'network = "{NETWORK}"\n[chain]\narbitrum_sepolia = ["{url}"]\n'
    )


def passphrase_file(folder: Path) -> Path:
    """A file with the passphrase, beside the data folder."""
    file = folder.with_name(f"{folder.name}-passphrase")
    file.write_text(PASSPHRASE + "\n")
    return file


class Client:
    """Asks a node from threads, so that the chain of this process can answer meanwhile."""

    def __init__(self, node: Headless) -> None:
        self.node = node

    async def ready(self) -> "Client":
        await asyncio.to_thread(self.node.ready)
        await self.until("/wallet", lambda answer: "error" not in answer or self._has_none(answer))
        return self

    async def get(self, path: str) -> Any:
        return await asyncio.to_thread(self.ask, path, None, "")

    async def post(self, path: str, body: Any, key: str = "") -> Any:
        return await asyncio.to_thread(self.ask, path, body, key)

    async def until(self, path: str, condition: Any) -> Any:
        async with asyncio.timeout(60):
            while not condition(answer := await self.get(path)):
                await asyncio.sleep(0.1)
        return answer

    async def connected(self) -> None:
        await self.until("/blockchain/latestBlock", lambda answer: "block" in answer)

    async def transaction(self, state: set[str]) -> Any:
        found = await self.until(
            "/blockchain/transactions",
            lambda answer: answer.get("transactions", [{"state": ""}])[0]["state"] in state,
        )
        return found["transactions"]

    async def stop(self) -> tuple[int, str]:
        async with asyncio.timeout(ENDS_WITHIN_S):
            return await asyncio.to_thread(self.node.stop)

    def ask(self, path: str, body: Any, key: str) -> Any:
        """What it answers to a POST, or to a GET without a body; blocks."""
        request = self.node.request(path, body)
        if key:
            request.add_header("Idempotency-Key", key)
        try:
            with urllib.request.urlopen(request, timeout=45) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)

    @staticmethod
    def _has_none(answer: Any) -> bool:
        return "There is no wallet" in answer["error"]["message"]


@contextmanager
def node_of(tmp_path: Path, *more: str, program: Sequence[str] = PROGRAM) -> Iterator[Client]:
    """A node on the folder `data`, unlocked with the passphrase unless `more` says otherwise."""
    options = *OPTIONS, "--passphrase-file", str(passphrase_file(tmp_path / "data")), *more
    with headless(tmp_path / "data", *options, program=program) as node:
        yield Client(node)
