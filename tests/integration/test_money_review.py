"""What a review of the money code found: each way to lose money, secrets or patience, closed."""

import dataclasses
import json
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from router.chain.codec import NotOffered
from router.chain.nodes import Nodes
from router.chain.tx import TxManager
from router.errors import BadRequest, ChainUnavailable, TxFailed, WalletError
from router.wallet import mnemonic
from router.wallet.account import Account
from router.wallet.secret_store import Keychain
from router.wallet.vault import Cost, Vault, _checksum
from router.wallet.wallet import Wallet
from tests.support.fault_rpc import Asked, changed, error, result
from tests.support.sending import Sending, sending
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120), pytest.mark.usefixtures("caplog")]

SEND = "eth_sendRawTransaction"
PASSWORD = "correct horse battery"
PHRASE = "test test test test test test test test test test test junk"


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        await made.give("user", 100 * MOR)
        yield made


@pytest.fixture
async def two(here: World) -> AsyncIterator[Sending]:
    async with sending(here, nodes=2) as made:
        yield made


async def refuse_and_send(asked: Asked) -> web.StreamResponse:
    """A thief: says that it refuses, and sends all the same."""
    await asked.forward()
    return await error(-32000, "transaction underpriced")(asked)


async def test_a_node_that_refuses_and_sends_all_the_same(two: Sending) -> None:
    """Told that nothing was sent, people send again. A second node knows better."""
    two.faults[0].on(SEND, refuse_and_send)
    two.faults[0].on("eth_getTransactionByHash", result(None))
    record = await two.submit()
    assert record.state == "pending"
    two.faults[0].well()
    await two.look()
    assert await two.received() == 5


async def test_one_node_refuses_and_another_takes_it(two: Sending) -> None:
    two.faults[0].on(SEND, error(-32000, "no room"))
    assert (await two.submit()).state == "pending"
    assert await two.received() == 5


async def test_refused_by_both_is_not_sent(two: Sending) -> None:
    for node in two.faults:
        node.on(SEND, error(-32000, "transaction underpriced"))
    with pytest.raises(TxFailed, match="underpriced"):
        await two.submit()
    assert await two.received() == 0


async def test_a_key_of_something_that_was_not_sent(two: Sending) -> None:
    """The same key again must not be answered as if it had been paid."""
    for node in two.faults:
        node.on(SEND, error(-32000, "transaction underpriced"))
    with pytest.raises(TxFailed):
        await two.submit(two.transfer(key="rent"))
    for node in two.faults:
        node.well()
    with pytest.raises(TxFailed, match="was not sent") as caught:
        await two.submit(two.transfer(key="rent"))
    assert "new key" in caught.value.hint
    assert (await two.submit(two.transfer(key="rent, again"))).state == "pending"
    assert await two.received() == 5


async def test_a_key_of_another_account_or_network(two: Sending) -> None:
    """A payment elsewhere is not this one, whatever its key."""
    await two.submit(two.transfer(key="rent"))
    other = two.world.account("owner")
    manager = TxManager(two.chain, two.network, two.journal, lambda: other)
    with pytest.raises(BadRequest, match="another transaction"):
        await manager.submit(two.transfer(key="rent"), other.address)
    (record,) = await two.all()
    await two.journal.update(record.id, chain_id=8453)
    with pytest.raises(BadRequest, match="another transaction"):
        await two.submit(two.transfer(key="rent"))


async def test_what_is_signed_is_what_was_prepared(two: Sending) -> None:
    """Nothing of it can be changed, and it is signed by nobody else."""
    prepared = await two.manager.prepare(two.transfer(), two.address)
    with pytest.raises(dataclasses.FrozenInstanceError):
        prepared.intent.to = two.address  # type: ignore[misc]
    stranger = Account(b"\x07" * 32)
    manager = TxManager(two.chain, two.network, two.journal, lambda: stranger)
    with pytest.raises(BadRequest, match="another account"):
        await manager.send(prepared)
    assert await two.all() == []


async def test_a_promise_of_sessions_without_end(two: Sending) -> None:
    """A node that tells of more sessions than it gives is asked no more."""
    empty = f"{64:064x}{0:064x}{0:064x}"
    for node in two.faults:
        node.on("eth_call", changed(lambda text: text.replace(empty, f"{64:064x}{9:064x}{0:064x}")))
    market = type(two.world.market)(two.chain, two.network)
    with pytest.raises(NotOffered):
        await market.account(two.address)


@pytest.mark.parametrize(("passes", "memory"), [(1, 4 << 20), (1, (1 << 20) + 1), (20, 1 << 20)])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_wallet_file_that_asks_for_gigabytes(tmp_path: Path, passes: int, memory: int) -> None:
    """It is refused before anything is computed."""
    vault = Vault(tmp_path / "wallet.json", Cost(1, 8 * 1024, 1))
    vault.save({"key": "k"}, {}, PASSWORD)
    file = json.loads(vault.path.read_bytes())
    file["kdf"] |= {"passes": passes, "memory_kib": memory}
    vault.path.write_text(json.dumps(file | {"sha256": _checksum(file)}))
    with pytest.raises(WalletError, match="GB of memory"):
        vault.open(PASSWORD)


def test_what_holds_secrets_does_not_show_them(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "wallet.json", Cost(1, 8 * 1024, 1))
    vault.save({"phrase": PHRASE, "key": "07" * 32}, {}, PASSWORD)
    shown = repr((vault.open(PASSWORD), mnemonic.check(PHRASE), Account(b"\x07" * 32), vault))
    assert "junk" not in shown
    assert "0707" not in shown


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/v2/costly", "http://bad host/v2/costly", "http://[::/v2/costly"]
)
async def test_the_key_of_a_node_is_not_logged(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not even in what is kept for looking at faults."""
    caplog.set_level(logging.DEBUG)
    nodes = Nodes(1, [url])
    try:
        with pytest.raises(ChainUnavailable) as caught:
            await nodes.ask("eth_chainId")
    finally:
        await nodes.close()
    assert "costly" not in caplog.text + str(caught.value)
    assert "connection failed" in caplog.text


class DeadKeychain(Keychain):
    """Keeps what it is given until it does not answer any more."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_dead = False

    async def get(self, name: str) -> str | None:
        self._live()
        return self.kept.get(name)

    async def set(self, name: str, secret: str) -> None:
        self._live()
        self.kept[name] = secret

    async def delete(self, name: str) -> None:
        self._live()
        self.kept.pop(name, None)

    def _live(self) -> None:
        if self.is_dead:
            raise WalletError("It does not answer.", safe="The password is unchanged.")


async def test_a_keychain_that_dies_keeps_nobody_out(tmp_path: Path) -> None:
    """A password that was changed is not said to be unchanged, and erasing goes on without it."""
    keychain = DeadKeychain()
    wallet = Wallet(tmp_path, keychain=keychain, cost=Cost(1, 8 * 1024, 1))
    await wallet.create(PHRASE, PASSWORD)
    await wallet.remember(PASSWORD)
    assert wallet.state.in_keychain
    keychain.is_dead = True
    await wallet.change_password(PASSWORD, "another long password")
    assert await wallet.reveal_phrase("another long password") == PHRASE
    assert not wallet.state.in_keychain
    keychain.is_dead = False
    wallet.lock()
    with pytest.raises(WalletError, match="does not know this wallet"):
        await wallet.unlock_with_keychain()
    await wallet.remember("another long password")
    keychain.is_dead = True
    await wallet.erase("another long password", "erase")
    assert wallet.state.kind == "none"
    assert not list(tmp_path.glob("wallet.json"))
