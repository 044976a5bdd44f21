"""The node of the demo chain as clients of any node see it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from router.chain.artifacts import artifacts
from router.chain.codec import Interface
from router.chain.token import TOKEN
from router.devnet.accounts import USER
from router.devnet.evm import Evm
from router.devnet.rpc import RpcServer
from tests.support.world import START, World, world


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        yield made


JSON = {"Content-Type": "application/json"}


class Bare:
    """A node without contracts on its chain."""

    def __init__(self, url: str) -> None:
        self.url = url


@pytest.fixture
async def bare() -> AsyncIterator[Bare]:
    server = RpcServer(Evm(1337, {bytes.fromhex(USER.address[2:]): USER.eth}, lambda: START))
    await server.start()
    yield Bare(f"http://127.0.0.1:{server.port}")
    await server.stop()


async def post(here: World | Bare, body: bytes) -> Any:
    async with aiohttp.ClientSession(headers=JSON) as session:
        async with session.post(here.url, data=body) as answer:
            return json.loads(await answer.read())


async def ask(here: World | Bare, method: str, *params: Any) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": "x", "method": method, "params": params}
    answer: dict[str, Any] = await post(here, json.dumps(body).encode())
    assert answer["id"] == "x"
    return answer


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"[" * 100_000, -32700),
        (b"\xff\xfe", -32700),
        (b"7", -32600),
        (b'"text"', -32600),
        (b"{}", -32601),
        (b'{"method": ["eth_chainId"]}', -32601),
        (b'{"method": "eth_accounts"}', -32601),
        (b'{"method": "eth_getBalance"}', -32602),
        (b'{"method": "eth_getBalance", "params": ["0xzz"]}', -32602),
        (b'{"method": "eth_getBalance", "params": {"a": 1}}', -32602),
        (b'{"method": "eth_chainId", "params": [1, 2, 3]}', -32602),
        (b'{"method": "eth_call", "params": [7]}', -32602),
        (b'{"method": "eth_sendRawTransaction", "params": ["0x"]}', -32000),
        (b'{"method": "eth_getBalance", "params": ["0x12"]}', -32602),
        (b'{"method": "eth_getBalance", "params": ["0x%s", "-0x1"]}' % (b"12" * 20), -32602),
        (b'{"method": "eth_getBlockByNumber", "params": [-1]}', -32602),
        (b'{"method": "eth_getLogs", "params": [{"fromBlock": -9}]}', -32602),
        (b'{"method": "eth_getLogs", "params": [{"toBlock": -2}]}', -32602),
        (b'{"method": "eth_feeHistory", "params": [-1, "latest"]}', -32602),
        (b'{"method": "eth_feeHistory", "params": [1e999, "latest"]}', -32602),
        (b'{"method": "eth_call", "params": [{"value": 1e80}]}', -32000),
        (b'{"method": "eth_call", "params": [{"value": "-0x1"}]}', -32602),
        (b'{"method": "eth_call", "params": [{"to": "0x12"}]}', -32602),
        (b'{"method": "eth_estimateGas", "params": [{"gas": -1}]}', -32602),
        (b'{"method": "evm_mine", "params": [1001]}', -32602),
        (b'{"method": "evm_mine", "params": [1e999]}', -32602),
        (b'{"method": "evm_increaseTime", "params": [1e80]}', -32602),
        (b'{"method": "evm_increaseTime", "params": [-1]}', -32602),
        (b'{"method": "evm_setNextBlockTimestamp", "params": [1e80]}', -32602),
    ],
)
async def test_bad_questions(bare: Bare, body: bytes, code: int) -> None:
    assert (await post(bare, body))["error"]["code"] == code
    await ask(bare, "evm_mine")
    assert (await ask(bare, "eth_blockNumber"))["result"] == "0x1", "it goes on as if not asked"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (JSON, 200),
        (JSON | {"Content-Type": "application/json; charset=utf-8"}, 200),
        (JSON | {"Origin": "https://page.example"}, 403),
        (JSON | {"Origin": "null"}, 403),
        (JSON | {"Host": "page.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
    ],
)
async def test_a_page_of_the_web_cannot_drive_it(
    bare: Bare, headers: dict[str, str], status: int
) -> None:
    before = await ask(bare, "eth_blockNumber")
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(bare.url, data=b'{"method": "evm_mine"}') as answer:
            assert answer.status == status
    assert (await ask(bare, "eth_blockNumber") == before) == (status != 200)


async def test_several_questions_at_once(here: World) -> None:
    one = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
    answers = await post(here, json.dumps([one, one | {"id": 2, "method": "no"}]).encode())
    assert answers[0] == {"jsonrpc": "2.0", "id": 1, "result": "0x539"}
    assert (answers[1]["id"], answers[1]["error"]["code"]) == (2, -32601)


async def test_blocks_by_every_name(here: World) -> None:
    newest = (await ask(here, "eth_getBlockByNumber", "latest", True))["result"]
    assert len(newest["transactions"]) == 1
    assert newest["transactions"][0]["blockHash"] == newest["hash"]
    by_hash = (await ask(here, "eth_getBlockByHash", newest["hash"]))["result"]
    assert by_hash["number"] == newest["number"]
    for tag in ("safe", "finalized", "pending", newest["number"]):
        assert (await ask(here, "eth_getBlockByNumber", tag))["result"]["hash"] == newest["hash"]
    first = (await ask(here, "eth_getBlockByNumber", "earliest"))["result"]
    assert first["number"] == "0x0"
    assert (await ask(here, "eth_getBlockByNumber", "0xffff"))["result"] is None
    assert (await ask(here, "eth_getBlockByHash", "0x" + "00" * 32))["result"] is None
    error = (await ask(here, "eth_getBalance", USER.address, "0xffff"))["error"]
    assert error["message"] == "header not found"


async def test_the_past(here: World) -> None:
    before = await here.chain.nonce(here.account("funding").address)
    height = (await here.chain.head()).number
    await here.token("funding", "transfer", USER.address, 1)
    address = here.account("funding").address
    assert await here.chain.nonce(address) == before + 1
    assert await here.chain.nonce(address, height) == before
    eip_1898 = {"blockNumber": hex(height)}
    answer = await ask(here, "eth_getTransactionCount", address, eip_1898)
    assert int(answer["result"], 16) == before


async def test_logs_are_those_that_were_asked_for(here: World) -> None:
    receipt = await here.token("funding", "transfer", USER.address, 7)
    transfer = "0x" + TOKEN.events["Transfer"].topic.hex()
    to = "0x" + USER.address[2:].lower().rjust(64, "0")
    number = hex(receipt.block)

    async def logs(**wanted: Any) -> int:
        found = (await ask(here, "eth_getLogs", {"fromBlock": number} | wanted))["result"]
        assert all(log["transactionHash"] == receipt.tx_hash for log in found)
        return len(found)

    assert await logs() == 1
    assert await logs(address=here.network.token) == 1
    assert await logs(address=[here.network.diamond]) == 0
    assert await logs(topics=[transfer, None, to]) == 1
    assert await logs(topics=[[transfer, "0x" + "00" * 32]]) == 1
    assert await logs(topics=[None, to]) == 0
    assert await logs(topics=[None] * 5) == 0
    assert await logs(fromBlock="0x0", toBlock=hex(receipt.block - 1), topics=[None, None, to]) == 0
    assert await logs(blockHash=receipt.block_hash) == 1
    await here.rpc("evm_mine", hex(2))
    assert await logs(fromBlock=hex(receipt.block + 1)) == 0


async def test_equal_logs_have_numbers_of_their_own(here: World) -> None:
    """Three equal ones in one transaction, and one more in the same block."""
    nothing = (here.network.token, False, TOKEN["transfer"].encode(USER.address, 0))
    data = Interface(artifacts()["Multicall3"].abi)["aggregate3"].encode([nothing] * 3)
    await ask(here, "evm_setAutomine", False)
    several = await here.hand_over("funding", here.network.multicall, data)
    one = await here.hand_over("user", here.network.token, nothing[2])
    await ask(here, "evm_mine")
    logs = (await ask(here, "eth_getLogs", {}))["result"]
    assert [int(log["logIndex"], 16) for log in logs] == [0, 1, 2, 3]
    for tx_hash, count in ((several, 3), (one, 1)):
        receipt = (await ask(here, "eth_getTransactionReceipt", tx_hash))["result"]
        assert receipt["logs"] == [log for log in logs if log["transactionHash"] == tx_hash]
        assert len(receipt["logs"]) == count


async def test_a_range_of_logs_is_bounded(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.devnet.rpc.MOST_LOG_BLOCKS", 5)
    error = (await ask(here, "eth_getLogs", {"fromBlock": "0x0"}))["error"]
    assert error["code"] == -32005


async def test_a_call_at_another_time(here: World) -> None:
    data = "0x0f28c97d"  # getCurrentBlockTimestamp of Multicall3
    call = {"to": here.network.multicall, "data": data}
    now = int((await ask(here, "eth_call", call, "latest"))["result"], 16)
    assert now == (await here.chain.head()).timestamp
    later = await ask(here, "eth_call", call, "latest", {}, {"time": hex(now + 99)})
    assert int(later["result"], 16) == now + 99
    refused = await ask(here, "eth_call", call, "latest", {USER.address: {}})
    assert refused["error"]["code"] == -32602


async def test_a_call_with_another_code(here: World) -> None:
    """An account counts as a contract for one call, and is none afterwards."""
    answers_seven = "0x600760005260206000f3"
    call = {"to": USER.address, "data": "0x"}
    over = {USER.address: {"code": answers_seven}}
    assert int((await ask(here, "eth_call", call, "latest", over))["result"], 16) == 7
    assert (await ask(here, "eth_call", call, "latest"))["result"] == "0x"
    refused = await ask(here, "eth_call", call, "latest", {USER.address: {"balance": "0x1"}})
    assert refused["error"]["code"] == -32602


async def test_reasons_are_given_as_nodes_give_them(here: World) -> None:
    data = "0x" + TOKEN["transfer"].encode(USER.address, 10**30).hex()
    call = {"from": USER.address, "to": here.network.token, "data": data}
    error = (await ask(here, "eth_estimateGas", call))["error"]
    assert error["code"] == 3
    assert error["message"] == "execution reverted: ERC20: transfer amount exceeds balance"
    assert error["data"].startswith("0x08c379a0")


async def test_it_listens_on_loop_back_only(here: World) -> None:
    assert here.url.startswith("http://127.0.0.1:")
