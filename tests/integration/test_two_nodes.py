"""Three nodes in three processes on one chain: two serve, this one asks.

Everything is what users run: `python -m router` with models-config.json on the side that serves,
the node of this process on the other. Only the place of the contracts is the test's.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from router.backends.base import AnsweredBy, Backend, Delta, Event, Request, Rerouted, Started, Turn
from router.chain.journal import TxRecord
from router.chain.token import TOKEN
from router.config import Settings
from router.consumer.closings import Reporter
from router.consumer.endings import closing_previews
from router.consumer.mined import until_mined
from router.consumer.records import Ending, SessionView
from router.devnet.deploy import BID_FEE, MODEL_STAKE, MOR
from router.errors import BackendError
from router.log import LogBook
from router.networks import NETWORKS
from router.node import Node
from router.paths import Paths
from router.wallet.vault import Cost
from router.wallet.wallet import Wallet
from tests.support.chain_node import NAME, as_known, write
from tests.support.headless import Headless, headless
from tests.support.model_server import ModelServer, chunk, model_server
from tests.support.scripted_backend import ScriptedBackend
from tests.support.serving import write_models
from tests.support.world import World, world

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(300)]

PASSPHRASE = "a passphrase nobody else has"
PROMPTS = 20
STAKE = 100 * MOR
GIVEN = 1_000 * MOR
PRICE, DEARER = 10**13, 2 * 10**13
MINUTE, HOUR, DAY = 60, 3600, 86_400
PROVIDERS = ("provider", "second provider")
MARKET = {
    "market.allow_private": True,
    "market.extra_stake_limit": "100",
    "market.auto_claim": False,
}


class Books:
    """What everybody has, checked to the wei and printed."""

    def __init__(self, here: World) -> None:
        self._here = here
        self._funding = here.deployment.funding_account
        self.now: dict[str, int] = {}

    async def expect(self, what: str, **changes: int) -> None:
        """Since the last time, this has moved, and nothing else has."""
        before, self.now = self.now, await self._read()
        moved = {name: self.now[name] - before.get(name, 0) for name in self.now}
        print(f"\n{what}")  # noqa: T201 - the balances are the point
        for name, amount in self.now.items():
            change = f"  ({moved[name]:+,} wei)" if before and moved[name] else ""
            print(f"  {name:16} {amount:>31,} wei of MOR{change}")  # noqa: T201
        if before:
            assert {n: c for n, c in moved.items() if c} == {n: c for n, c in changes.items() if c}
            assert sum(moved.values()) == 0

    async def _read(self) -> dict[str, int]:
        found = {
            name.replace(" ", "_"): await self._here.mor(name) for name in ("user", *PROVIDERS)
        }
        found["marketplace"] = await self._here.mor("diamond")
        token = self._here.network.token
        found["funding"] = int(
            await self._here.chain.read(token, TOKEN["balanceOf"], self._funding)
        )
        return found


@dataclass
class Scene:
    """The chain, the books, and the node that asks."""

    here: World
    books: Books
    node: Node
    backend: Backend

    @property
    def connection(self) -> Any:
        assert self.node.money.funds is not None
        return self.node.money.funds.connection

    async def mined(self, record: TxRecord) -> TxRecord:
        return await until_mined(self.connection.transactions, record.id)

    async def ask(self, model: str, text: str) -> list[Event]:
        request = Request(model, (Turn("user", text),))
        return [event async for event in self.backend.complete(request)]

    async def close(self, view: SessionView, by: Reporter) -> Ending:
        """Close a session ten minutes later; what comes is what is foretold for that second."""
        market, sessions = self.connection.market, self.connection.sessions
        closing = await sessions.prepare_close(view.id)
        assert (closing.report_by, closing.problem) == (by, None)
        at = (await self.here.chain.head()).timestamp + 10 * MINUTE
        (told,) = await closing_previews(market, view.session, "day-lock", [at], ours=by == "us")
        await self.here.at(at)
        await self.mined(await sessions.close(closing))
        is_first = view.provider == self.here.account(PROVIDERS[0]).address
        paid = {"provider" if is_first else "second_provider": told.provider}
        await self.books.expect(
            f"closed with the report of {by}; {told.on_hold:,} wei wait until midnight",
            user=told.at_once,
            marketplace=-told.at_once,
            funding=-told.provider,
            **paid,
        )
        return told


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Delta))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def data_folder(folder: Path, key: bytes, settings: str = "") -> Paths:
    """A data folder with a wallet, as if its user had imported a key."""
    paths = Paths(folder)
    paths.prepare()
    paths.settings.write_text(settings, "utf-8")
    wallet = Wallet(paths.wallet, cost=Cost(1, 8 * 4, 4))
    await wallet.import_key(key.hex(), PASSPHRASE)
    wallet.lock()
    return paths


@contextlib.asynccontextmanager
async def served(
    here: World, folder: Path, name: str, entry: dict[str, Any]
) -> AsyncIterator[tuple[Headless, str]]:
    """A process that serves a model for an account; the process, and where it listens."""
    endpoint = f"127.0.0.1:{free_port()}"
    settings = f'[provider]\nenabled = true\nlisten = "{endpoint}"\n'
    paths = await data_folder(folder / name, bytes(here.account(name)._key), settings)
    write_models(paths, entry)
    (passphrase := folder / f"{name}.txt").write_text(PASSPHRASE)
    write(here.network, network := folder / "network.json")
    options = ("--api", "127.0.0.1:0", "--passphrase-file", str(passphrase))
    program = ("tests.support.chain_node", str(network))
    with headless(paths.data, *options, program=program) as node:
        await asyncio.to_thread(node.ready)
        yield node, endpoint


@contextlib.asynccontextmanager
async def asking(here: World, folder: Path) -> AsyncIterator[Scene]:
    """The node of this process, with the user's wallet."""
    paths = await data_folder(folder / "user", bytes(here.account("user")._key))
    settings = Settings(paths.settings, {"network": NAME, "api.enabled": False, **MARKET})
    node = Node(paths, settings, log := LogBook(paths.logs), PASSPHRASE)
    await node.start()
    try:
        assert node.problems == ()
        assert node.money.funds is not None
        backend = node.money.funds.backend(ScriptedBackend(), lambda: "The local model")
        assert backend is not None
        yield Scene(here, Books(here), node, backend)
    finally:
        await node.stop()
        log.close()


@pytest.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with world("embedded", "day-lock", int(time.time())) as made:
        monkeypatch.setitem(NETWORKS, NAME, as_known(made.network))
        for name in ("user", *PROVIDERS):
            await made.give(name, GIVEN)
        await made.token("user", "approve", made.network.diamond, 0)
        yield made


async def offer(here: World, name: str, model: bytes, endpoint: str, price: int) -> str:
    """Register a provider and post its bid; the bid's id."""
    address = here.account(name).address
    await here.call(name, "providerRegister", address, STAKE, endpoint)
    await here.call(name, "postModelBid", address, model, price)
    ids, _ = await here.market.page("getProviderActiveBids", (address,), 0, 1)
    return "0x" + bytes(ids[0]).hex()


async def opened(scene: Scene, bid: str) -> SessionView:
    sessions = scene.connection.sessions
    quote = await sessions.quote(bid, HOUR)
    opening = await sessions.opening_done((await sessions.open(quote)).id)
    assert opening.step == "done", opening.error
    await sessions.refresh()
    await scene.books.expect("opened", user=-quote.amount, marketplace=quote.amount)
    view: SessionView = sessions.view(opening.session_id)
    assert view.session.stake == quote.amount
    return view


async def killed_in_the_middle(
    scene: Scene, process: Headless, server: ModelServer, model: str
) -> None:
    """The process dies after the first word: the answer is cut off, nobody takes over."""
    server.streams(chunk({"content": "The first word"}), done=False, silent=True)
    heard: list[Event] = []

    async def listen() -> None:
        async for event in scene.backend.complete(Request(model, (Turn("user", "Die"),))):
            heard.append(event)
            if isinstance(event, Delta):
                process.process.kill()

    with pytest.raises(BackendError):
        await listen()
    assert text_of(heard) == "The first word"
    assert not [event for event in heard if isinstance(event, Rerouted)]


async def test_from_registration_to_the_last_mor_back(here: World, tmp_path: Path) -> None:
    base = keccak(text="model")
    owner = here.account("provider").address
    model = keccak(bytes.fromhex(owner[2:]) + base)
    scripted = {"modelId": "0x" + model.hex(), "apiType": "openai", "modelName": "scripted"}
    local = {"modelId": "0x" + model.hex(), "apiType": "local"}
    async with (
        model_server() as server,
        served(here, tmp_path, PROVIDERS[0], {**scripted, "apiUrl": server.url}) as (first, at),
        served(here, tmp_path, PROVIDERS[1], local) as (_, second_at),
        asking(here, tmp_path) as scene,
    ):
        books = scene.books
        await books.expect("at the start")
        arguments = (owner, base, base, 0, MODEL_STAKE, "Model", ["LLM"])
        await here.call("provider", "modelRegister", *arguments)
        bid = await offer(here, PROVIDERS[0], model, at, PRICE)
        await offer(here, PROVIDERS[1], model, second_at, DEARER)
        first_paid, second_paid = STAKE + BID_FEE + MODEL_STAKE, STAKE + BID_FEE
        await books.expect(
            "both registered, with a model and a bid each",
            provider=-first_paid,
            second_provider=-second_paid,
            marketplace=first_paid + second_paid,
        )
        model_id = "0x" + model.hex()
        rated = await scene.connection.sessions.rated(model_id)
        assert [(found.bid.id == bid, found.excluded) for found in rated] == [
            (True, ""),
            (False, ""),
        ]
        view = await opened(scene, bid)

        for number in range(PROMPTS):
            words = (f"Answer {number} ", "comes ", "in ", "pieces.")
            server.says(*words)
            events = await scene.ask(model_id, f"Question {number}")
            assert [e.text for e in events if isinstance(e, Delta)] == list(words)
            assert [e.session_id for e in events if isinstance(e, AnsweredBy)] == [view.id]
        assert len(server.requests) == PROMPTS
        await books.expect(f"{PROMPTS} prompts were answered in streams")

        await killed_in_the_middle(scene, first, server, model_id)
        await books.expect("the first provider was killed in the middle of an answer")

        events = await scene.ask(model_id, "Say a word")
        (rerouted,) = [event for event in events if isinstance(event, Rerouted)]
        assert rerouted.extra_stake > 0
        kinds = [type(event) for event in events]
        assert kinds.index(Rerouted) < kinds.index(Started)
        assert text_of(events), "the real model of the second provider says something"
        await scene.connection.sessions.refresh()
        other = scene.connection.sessions.view(rerouted.session_id)
        assert other.provider == here.account(PROVIDERS[1]).address
        assert other.session.stake == rerouted.extra_stake
        await books.expect(
            "the second one took over, and answered with its local model",
            user=-rerouted.extra_stake,
            marketplace=rerouted.extra_stake,
        )

        endings = [await scene.close(other, "provider"), await scene.close(view, "us")]

        await here.rpc("evm_increaseTime", 2 * DAY)
        await here.rpc("evm_mine")
        available, held = await here.holds()
        assert held == 0
        assert available == sum(ending.on_hold for ending in endings)
        claim = await scene.connection.sessions.prepare_claim()
        await scene.mined(await scene.connection.transactions.send(claim))
        await books.expect("claimed two days later", user=available, marketplace=-available)
        assert books.now["user"] == GIVEN, "every MOR is back, to the wei"
