"""A whole node with a wallet: what it leaves behind, how it ends, and how it goes on."""

import asyncio
import base64
import contextlib
import json
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.devnet.accounts import USER
from router.devnet.rpc import RpcServer
from tests.support.headless import headless
from tests.support.money_node import (
    OPTIONS,
    PASSPHRASE,
    Client,
    chain_for_node,
    node_of,
    passphrase_file,
)

if sys.platform != "win32":
    import resource

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

STRANGER = "0x" + "34" * 20
PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[RpcServer]:
    async with chain_for_node(tmp_path / "data") as made:
        yield made


async def test_a_pending_transaction_outlives_the_node(chain: RpcServer, tmp_path: Path) -> None:
    """SIGTERM in the middle: it ends in time, nothing is lost, and it is followed afterwards."""
    key = USER.key
    chain._evm.automine = False
    with node_of(tmp_path) as client:
        await client.ready()
        assert "address" in await client.post("/wallet/privateKey", {"privateKey": key})
        await client.connected()
        body = {"to": STRANGER, "amount": "5"}
        sent = await client.post("/blockchain/send/eth", body, key="once")
        assert "tx" in sent, sent
        code, said = await client.stop()
    assert (code, said) == (0, "")
    chain._evm.mine()
    with node_of(tmp_path) as client:
        await client.ready()
        await client.connected()
        (found,) = await client.transaction({"included", "safe"})
        assert found["hash"] == sent["tx"]
        assert await client.post("/blockchain/send/eth", body, key="once") == sent
        chain._evm.automine = True
        again = await client.post("/blockchain/send/eth", body, key="twice")
        assert "tx" in again, "the passphrase must have unlocked the wallet of the new start"
        assert again != sent
        assert (await client.stop())[0] == 0
    assert chain._balance(STRANGER) == hex(10)


async def test_a_wrong_passphrase_is_said(chain: RpcServer, tmp_path: Path) -> None:
    with node_of(tmp_path) as client:
        await client.ready()
        await client.post("/wallet/privateKey", {"privateKey": USER.key})
        await client.stop()
    before = (tmp_path / "data" / "wallet" / "wallet.json").read_bytes()
    other = tmp_path / "other"
    other.write_text("not what it was sealed with")
    with node_of(tmp_path, "--passphrase-file", str(other)) as client:
        await asyncio.to_thread(client.node.ready)
        answer = await client.until("/wallet", lambda found: "error" in found)
        assert "password is wrong" in answer["error"]["message"]
        _, said = await client.stop()
    assert "The password is wrong." in said
    assert (tmp_path / "data" / "wallet" / "wallet.json").read_bytes() == before


async def test_a_second_node_on_the_same_folder(chain: RpcServer, tmp_path: Path) -> None:
    """Both pay at once from one wallet: each payment once, no nonce twice and none left out."""
    with node_of(tmp_path) as first:
        await first.ready()
        await first.post("/wallet/privateKey", {"privateKey": USER.key})
        await first.connected()
        with node_of(tmp_path) as second:
            await asyncio.to_thread(second.node.ready)
            await second.until("/wallet", lambda found: "address" in found)
            await second.connected()
            answers = []
            for turn in range(3):
                bodies = [{"to": STRANGER, "amount": str(10 ** (2 * turn + n))} for n in (0, 1)]
                answers += await asyncio.gather(
                    first.post("/blockchain/send/eth", bodies[0]),
                    second.post("/blockchain/send/eth", bodies[1]),
                )
            _, said = await second.stop()
        sent = (await first.get("/blockchain/transactions"))["transactions"]
        refused = [answer for answer in answers if "error" in answer]
        assert all(answer["error"]["code"] in ("busy", "tx_failed") for answer in refused)
        paid = [int(item["value"]) for item in sent if item["state"] != "not_sent"]
        assert len(paid) == len(answers) - len(refused)
        nonces = sorted(item["nonce"] for item in sent if item["state"] != "not_sent")
        assert nonces == list(range(len(paid)))
        assert chain._balance(STRANGER) == hex(sum(paid))
        await first.stop()
    assert "open in another Morpheus Desktop" in said


async def test_a_wallet_for_play_is_in_memory_only(tmp_path: Path) -> None:
    """On the demo network nothing is there to seal it with, and nothing of it to lose."""
    with headless(tmp_path, "--api", "127.0.0.1:0", "--network", "demo") as node:
        client = Client(node)
        await asyncio.to_thread(node.ready)
        await client.connected()
        lent = await client.until("/wallet", lambda found: "address" in found)
        own = await client.post("/wallet/mnemonic", {"mnemonic": PHRASE, "derivationPath": "1"})
        assert own["address"] != lent["address"]
        assert await client.get("/wallet") == own
        other = await client.post("/wallet/privateKey", {"privateKey": "07" * 32})
        assert other["address"] not in (own["address"], lent["address"])
        refused = await client.post("/wallet/privateKey", {"privateKey": "07"})
        assert refused["error"]["param"] == "privateKey"
        assert await client.get("/wallet") == other
        assert list((tmp_path / "wallet").iterdir()) == []
        assert (await client.stop())[0] == 0
    secrets = {"phrase": PHRASE, "key": "07" * 32}
    assert leaks(tmp_path, {}, secrets) == []


@pytest.mark.parametrize("name", ["with spaces", "Größe 金庫 🦋", "q" * 200])
async def test_a_node_in_a_folder_of_people(tmp_path: Path, name: str) -> None:
    async with chain_for_node(tmp_path / name):
        for _ in range(2):
            with headless(
                tmp_path / name, *OPTIONS, "--passphrase-file", str(_file(tmp_path))
            ) as node:
                client = await Client(node).ready()
                await client.post("/wallet/privateKey", {"privateKey": USER.key})
                await client.connected()
                assert "tx" in await client.post(
                    "/blockchain/send/eth", {"to": STRANGER, "amount": "1"}
                )
                assert (await client.stop())[0] == 0


def _file(folder: Path) -> Path:
    return passphrase_file(folder / "short")


# Canaries: nothing of a secret in anything that is written, in no writing (P1)


def writings(secret: str) -> dict[str, bytes]:
    """A secret in the ways in which it may have been written down."""
    plain = secret.encode()
    found = {
        "UTF-8": plain,
        "UTF-16": secret.encode("utf-16-le"),
        "UTF-16 BE": secret.encode("utf-16-be"),
        "hex": plain.hex().encode(),
        "base64": base64.b64encode(plain)[: len(plain) // 3 * 4 - 4],
    }
    # In base64 what stands before moves it by a byte or two.
    for shift in (1, 2):
        moved = base64.b64encode(b"x" * shift + plain)
        found[f"base64, moved by {shift}"] = moved[4 : len(moved) // 4 * 4 - 8]
    with contextlib.suppress(ValueError):
        raw = bytes.fromhex(secret.removeprefix("0x"))
        found |= {"bytes": raw, "base64 of bytes": base64.b64encode(raw)[:40]}
    return found


def leaks(folder: Path, texts: dict[str, bytes], secrets: dict[str, str]) -> list[str]:
    """Where a secret is found: in files of a folder, or in texts by name."""
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return [
        f"{name} as {how} in {place}"
        for name, secret in secrets.items()
        for how, written in writings(secret).items()
        for place, content in (files | texts).items()
        if written in content or written.upper() in content
    ]


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """A search that finds nothing is worth nothing."""
    key = "ab" * 31 + "cd"
    for number, (how, written) in enumerate(writings(key).items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "file").write_bytes(b"before" + written + b"after")
        assert leaks(folder, {}, {"key": key}), how


async def test_no_secret_in_anything_that_is_written(chain: RpcServer, tmp_path: Path) -> None:
    """Set, sent with, refused, and removed, with everything logged that can be."""
    data = tmp_path / "data"
    settings = (data / "settings.toml").read_text()
    (data / "settings.toml").write_text(
        settings + '[log]\nlevel = "debug"\n[api]\nlog_bodies = true\n'
    )
    key = USER.key.removeprefix("0x")
    answers = []
    with node_of(tmp_path) as client:
        await client.ready()
        answers += [
            await client.post("/wallet/mnemonic", {"mnemonic": PHRASE + " " + key}),
            await client.post("/wallet/mnemonic", {"mnemonic": PHRASE[:-6] + "zoo"}),
            await client.post("/wallet/mnemonic", {"mnemonic": PHRASE, "derivationPath": PHRASE}),
            await client.post("/wallet/privateKey", {"privateKey": key + "00"}),
            await client.post("/wallet/privateKey", {"privateKey": {"deep": key}}),
            await client.post("/wallet/privateKey", {"privateKey": key}),
            await client.post("/wallet/mnemonic", {"mnemonic": PHRASE}),
        ]
        await client.connected()
        body = {"to": STRANGER, "amount": "5"}
        answers += [
            await client.post("/blockchain/send/eth", body),
            await client.post("/blockchain/send/eth", {"to": key, "amount": PHRASE}),
            await client.get("/config"),
            await client.get("/blockchain/transactions"),
        ]
        seen = _environment(client.node.process.pid)
        running = {"environment": seen, "answers": json.dumps(answers).encode()}
        secrets = {"phrase": PHRASE, "key": key, "passphrase": PASSPHRASE}
        assert leaks(data, running, secrets) == []
        code, said = await client.stop()
    assert code == 0
    assert leaks(data, {"stderr": said.encode()}, secrets) == []
    assert "tx" in answers[7], answers[7]
    with sqlite3.connect(data / "transactions.db") as journal:
        assert journal.execute("SELECT count(*) FROM tx").fetchone() == (1,)
    journal.close()


def _environment(pid: int) -> bytes:
    """The command line and environment of a process, where the system shows them."""
    if sys.platform != "linux":
        return b""
    return b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
async def test_no_core_of_a_crash(chain: RpcServer, tmp_path: Path) -> None:
    """A crash dump would hold the key."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        with node_of(tmp_path) as client:
            await client.ready()
            limits = Path(f"/proc/{client.node.process.pid}/limits").read_text()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
    (line,) = [row for row in limits.splitlines() if row.startswith("Max core file size")]
    assert line.split()[4] == "0"
