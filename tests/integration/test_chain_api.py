"""Wallet and chain over HTTP, on a real demo network: shapes of the original, and no doubt twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from router.api.chain_shapes import transaction
from router.api.openapi import document
from router.config import Settings
from router.money import Money
from router.paths import Paths
from router.wallet.checks import BURN
from tests.support.api_client import Api, running_api
from tests.support.stake_model import MOR

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

STRANGER = "0x" + "34" * 20
PHRASE = "test test test test test test test test test test test junk"
FIRST = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"


@dataclass
class Node:
    """The interface of a node on the demo network, and its money side."""

    api: Api
    money: Money

    async def get(self, path: str) -> Any:
        answer = await self.api.send("GET", path)
        assert answer.status == 200, answer.json
        return answer.json

    async def post(self, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.api.send("POST", path, {} if body is None else body, **headers)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A node that was just started on the demo network: it has a wallet with play money."""
    paths = Paths(tmp_path)
    paths.prepare()
    money = Money(paths, Settings(paths.settings, {"network": "demo"}))
    await money.start()
    assert money.chain_part.state.phase == "ready", money.chain_part.state.error
    try:
        async with running_api(tmp_path, money=money, passphrase="a long passphrase") as api:
            yield Node(api, money)
    finally:
        await money.close()


async def test_what_the_original_answers(node: Node) -> None:
    """Every reading address, in the shape that is described."""
    schemas = document(node.api.server.routes)["components"]["schemas"]
    for path, name in {
        "/wallet": "WalletAddress",
        "/blockchain/balance": "Balance",
        "/blockchain/latestBlock": "LatestBlock",
        f"/blockchain/allowance?spender={STRANGER}": "Allowance",
        "/blockchain/transactions": "Transactions",
        "/blockchain/stakes": "Stakes",
        "/blockchain/providers": "Providers",
        "/blockchain/models?limit=5": "MarketModels",
        "/blockchain/token/supply": "Supply",
        "/blockchain/sessions/budget": "Budget",
    }.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        jsonschema.validate(await node.get(path), schema)
    balance = await node.get("/blockchain/balance")
    assert balance == {"mor": str(1_000 * MOR), "eth": str(10 * MOR)}
    stakes = await node.get("/blockchain/stakes")
    parts = sum(int(stakes[name]) for name in ("wallet", "inSessions", "onHold", "claimable"))
    assert parts == int(stakes["total"]) == 1_000 * MOR


async def test_what_was_sent_as_the_original_tells_it(node: Node) -> None:
    funds = node.money.needed_funds()
    token, own = funds.connection.network.token.lower(), funds.address.lower()
    for path, body in (
        ("/blockchain/send/eth", {"to": STRANGER, "amount": "5"}),
        ("/blockchain/send/mor", {"to": STRANGER, "amount": str(2 * MOR)}),
        (f"/blockchain/approve?spender={STRANGER}&amount=7", None),
    ):
        assert (await node.post(path, body)).status == 200
    found = (await node.get("/blockchain/transactions"))["transactions"]
    permission, payment, coin = found
    assert permission["contract"] == {
        "contractAddress": token,
        "contractName": "MOR token",
        "methodName": "approve",
        "decodedInput": [
            {"key": "spender", "type": "address", "value": STRANGER},
            {"key": "amount", "type": "uint256", "value": "7"},
        ],
    }
    assert permission["transfers"] == []
    assert payment["contract"]["methodName"] == "transfer"
    assert (payment["to"], payment["from"]) == (token, own)
    (moved,) = payment["transfers"]
    assert (moved["from"], moved["to"], moved["value"]) == (own, STRANGER, str(2 * MOR))
    assert (moved["tokenAddress"], moved["tokenSymbol"]) == (token, "MOR")
    assert coin["contract"] is None
    (moved,) = coin["transfers"]
    assert (moved["to"], moved["value"], moved["tokenAddress"]) == (STRANGER, "5", None)
    *_, first = await funds.transactions()
    for record in (replace(first, state="failed"), replace(first, data=b"\1\2\3\4")):
        told = transaction(record, funds.connection.network)
        assert (told["contract"], told["transfers"]) == (None, [])
    at = datetime.fromisoformat(coin["timestamp"])
    assert at == datetime.fromtimestamp(int(first.created_at), UTC)


async def test_the_same_key_is_carried_out_once(node: Node) -> None:
    body = {"to": STRANGER, "amount": str(25 * MOR)}
    first = await node.post("/blockchain/send/mor", body, key="rent")
    again = await node.post("/blockchain/send/mor", body, key="rent")
    assert (first.status, again.status) == (200, 200)
    assert first.json == again.json
    other = await node.post("/blockchain/send/mor", body | {"amount": "1"}, key="rent")
    assert other.status == 400
    assert other.json["error"]["param"] == "Idempotency-Key"
    assert (await node.get("/blockchain/balance"))["mor"] == str(975 * MOR)


@pytest.mark.parametrize("key", ["k" * 201, "rent\u00a07"])
async def test_a_key_that_is_none(node: Node, key: str) -> None:
    answer = await node.post("/blockchain/send/mor", {"to": STRANGER, "amount": "1"}, key=key)
    assert (answer.status, answer.json["error"]["param"]) == (400, "Idempotency-Key")
    assert "at most 200 characters" in answer.json["error"]["message"]
    assert (await node.get("/blockchain/transactions"))["transactions"] == []


async def test_keys_of_the_same_name_are_not_the_same_caller(node: Node) -> None:
    """A key of the interface that was revoked and made again is somebody else."""
    body = {"to": STRANGER, "amount": str(25 * MOR)}
    keys, hashes = node.api.keys, set()
    for _ in range(2):
        key, text = await keys.create("admin", ["spend"])
        answer = await node.api.send(
            "POST", "/blockchain/send/mor", body, key=text, **{"Idempotency-Key": "rent"}
        )
        assert answer.status == 200, answer.json
        hashes.add(answer.json["tx"])
        await keys.revoke(key.id)
    hashes.add((await node.post("/blockchain/send/mor", body, key="rent")).json["tx"])
    assert len(hashes) == 3


async def test_the_same_payment_again_needs_a_key_while_one_is_on_the_way(node: Node) -> None:
    nodes = node.money.needed_funds().connection.nodes
    await nodes.ask("evm_setAutomine", [False])
    body = {"to": STRANGER, "amount": "5"}
    assert (await node.post("/blockchain/send/eth", body)).status == 200
    again = await node.post("/blockchain/send/eth", body)
    assert (again.status, again.json["error"]["code"]) == (409, "still_on_the_way")
    assert again.headers["x-should-retry"] == "false"
    assert len((await node.get("/blockchain/transactions"))["transactions"]) == 1
    assert (await node.post("/blockchain/send/eth", body, key="a second one")).status == 200
    assert (await node.post("/blockchain/send/eth", body | {"amount": "6"})).status == 200
    assert len((await node.get("/blockchain/transactions"))["transactions"]) == 3


async def test_twenty_at_once_share_no_nonce(node: Node) -> None:
    answers = await asyncio.gather(
        *(
            node.post("/blockchain/send/eth", {"to": STRANGER, "amount": str(n)})
            for n in range(1, 21)
        )
    )
    assert [answer.status for answer in answers] == [200] * 20
    sent = (await node.get("/blockchain/transactions"))["transactions"]
    assert sorted(item["nonce"] for item in sent) == list(range(20))
    assert len({answer.json["tx"] for answer in answers}) == 20


async def test_permission_for_an_exact_amount(node: Node) -> None:
    path = f"/blockchain/approve?spender={STRANGER}&amount={7 * MOR}"
    assert (await node.post(path)).status == 200
    allowed = await node.get(f"/blockchain/allowance?spender={STRANGER}")
    assert allowed == {"allowance": str(7 * MOR)}
    unlimited = await node.post(f"/blockchain/approve?spender={STRANGER}&amount={2**256 - 1}")
    assert unlimited.status == 400


@pytest.mark.parametrize(("legacy", "kind"), [(None, 2), (False, 2), (True, 0)])
async def test_a_gas_price_on_request(node: Node, legacy: bool | None, kind: int) -> None:
    """As before EIP-1559: no tip of its own, and bytes without a type."""
    body = {"to": STRANGER, "amount": "5"} | ({} if legacy is None else {"legacy": legacy})
    answer = await node.post("/blockchain/send/eth", body)
    assert answer.status == 200, answer.json
    assert node.money.funds is not None
    (record,) = await node.money.funds.transactions()
    raw = record.last.raw
    assert (raw[0] if raw[0] < 0x7F else 0) == kind
    assert (record.last.tip == record.last.max_fee) == bool(legacy)
    assert await node.money.funds.connection.chain.balance(STRANGER) == 5
    wrong = await node.post("/blockchain/send/eth", body | {"legacy": "yes"})
    assert (wrong.status, wrong.json["error"]["param"]) == (400, "legacy")


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/blockchain/send/mor", {"to": "0x12", "amount": "1"}, "to"),
        ("/blockchain/send/mor", {"to": STRANGER, "amount": "1e18"}, "amount"),
        ("/blockchain/send/mor", {"to": STRANGER, "amount": -1}, "amount"),
        ("/blockchain/send/mor", {"to": STRANGER, "amount": 1.5}, "amount"),
        ("/blockchain/send/mor", {"to": STRANGER, "amount": str(2**256)}, "amount"),
        ("/blockchain/send/eth", {"to": STRANGER, "amount": 10**78 - 1}, "amount"),
        (f"/blockchain/approve?spender={STRANGER}&amount={2**256}", {}, "amount"),
        ("/blockchain/send/eth", {"to": STRANGER}, "amount"),
        ("/blockchain/send/eth", {"to": PHRASE, "amount": "1"}, "to"),
        ("/blockchain/send/eth", {"to": "0x" + "0" * 40, "amount": "1"}, "to"),
        ("/blockchain/send/eth", {"to": f"0x{9:040x}", "amount": "1"}, "to"),
        ("/blockchain/send/mor", {"to": BURN, "amount": "1"}, "to"),
        ("/wallet/privateKey", {"privateKey": "0x12"}, "privateKey"),
        ("/wallet/mnemonic", {"mnemonic": PHRASE.replace("junk", "jnuk")}, "mnemonic"),
        ("/wallet/mnemonic", {"mnemonic": PHRASE, "derivationPath": "m/x"}, "derivationPath"),
        ("/wallet/mnemonic", {"mnemonic": PHRASE, "derivationPath": "9" * 10}, "derivationPath"),
    ],
)
async def test_what_makes_no_sense_is_named(
    node: Node, path: str, body: dict[str, Any], param: str
) -> None:
    before = await node.get("/blockchain/balance")
    answer = await node.post(path, body)
    assert answer.status == 400, answer.json
    assert answer.json["error"]["param"] == param
    assert PHRASE not in str(answer.json)
    assert await node.get("/blockchain/balance") == before


@pytest.mark.parametrize("contract", ["token", "diamond"])
async def test_mor_is_not_sent_to_a_contract_that_keeps_it(node: Node, contract: str) -> None:
    assert node.money.funds is not None
    to = getattr(node.money.funds.connection.network, contract)
    answer = await node.post("/blockchain/send/mor", {"to": to, "amount": "1"})
    assert (answer.status, answer.json["error"]["param"]) == (400, "to")
    assert "is lost" in answer.json["error"]["message"]
    assert (await node.get("/blockchain/transactions"))["transactions"] == []


async def test_too_little_is_refused_before_anything_is_signed(node: Node) -> None:
    answer = await node.post("/blockchain/send/mor", {"to": STRANGER, "amount": str(5_000 * MOR)})
    assert (answer.status, answer.json["error"]["code"]) == (422, "insufficient_balance")
    answer = await node.post("/blockchain/send/eth", {"to": STRANGER, "amount": str(11 * MOR)})
    assert (answer.status, answer.json["error"]["code"]) == (402, "insufficient_funds")
    assert (await node.get("/blockchain/transactions"))["transactions"] == []


async def test_a_wallet_of_its_own_takes_the_place_of_the_lent_one(node: Node) -> None:
    lent = (await node.get("/wallet"))["address"]
    answer = await node.post("/wallet/mnemonic", {"mnemonic": PHRASE, "derivationPath": "0"})
    assert (answer.status, answer.json) == (200, {"address": FIRST})
    assert lent != FIRST
    again = await node.post("/wallet/privateKey", {"privateKey": "11" * 32})
    assert again.status == 409
    assert (await node.get("/blockchain/balance")) == {"mor": "0", "eth": "0"}
    assert (await node.api.send("DELETE", "/wallet")).json == {"status": "ok"}


async def test_without_a_passphrase_no_wallet_is_kept(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.prepare()
    money = Money(paths, Settings(paths.settings, {"network": "base"}))
    await money.start()
    try:
        async with running_api(tmp_path, money=money) as api:
            answer = await api.send("POST", "/wallet/mnemonic", {"mnemonic": PHRASE})
            assert (answer.status, answer.json["error"]["code"]) == (400, "no_passphrase")
            assert not list(paths.wallet.iterdir())
            answer = await api.send("DELETE", "/wallet")
            assert (answer.status, answer.code) == (400, "no_passphrase")
            answer = await api.send("GET", "/blockchain/balance")
            assert (answer.status, answer.json["error"]["code"]) == (503, "chain_unavailable")
    finally:
        await money.close()
