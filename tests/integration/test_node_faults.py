"""Nodes that are slow, busy, broken, behind, elsewhere or lying (F20 to F24, F32 of the plan).

Two faulty nodes stand in front of the app's own chain; the app's client asks them.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial

import psutil
import pytest

from router.chain.client import Chain
from router.chain.nodes import Nodes, NodeState, RpcError
from router.devnet.accounts import USER
from router.devnet.evm import Evm
from router.devnet.rpc import RpcServer
from router.errors import ChainUnavailable
from tests.support.fault_rpc import (
    HUGE,
    FaultRpc,
    Reply,
    changed,
    cut,
    error,
    fault_rpc,
    hang,
    huge_rpc,
    raw,
    result,
    status,
    wrong_id,
)

pytestmark = pytest.mark.slow

CHAIN_ID = 1337
TRY_S = 30.0
# Where a node says nothing and another has to answer in this time; less where none does.
HASTY_S, NO_TIME_S = 3.0, 0.05
ETHER = 10**18


class Clock:
    """Time that the test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def evm() -> Evm:
    return Evm(CHAIN_ID, {bytes.fromhex(USER.address[2:]): 5 * ETHER}, lambda: 1_768_521_600)


@pytest.fixture
async def upstream(evm: Evm) -> AsyncIterator[str]:
    server = RpcServer(evm)
    await server.start()
    yield f"http://127.0.0.1:{server.port}"
    await server.stop()


@pytest.fixture
async def first(upstream: str) -> AsyncIterator[FaultRpc]:
    async with fault_rpc(upstream) as made:
        yield made


@pytest.fixture
async def second(upstream: str) -> AsyncIterator[FaultRpc]:
    async with fault_rpc(upstream) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def nodes(first: FaultRpc, second: FaultRpc, clock: Clock) -> AsyncIterator[Nodes]:
    made = Nodes(CHAIN_ID, [first.url, second.url], try_s=TRY_S, clock=clock, sleep=clock.sleep)
    yield made
    await made.close()


def state_of(nodes: Nodes, node: FaultRpc) -> NodeState:
    return next(state for state in nodes.states if state.url == node.url)


BROKEN: dict[str, Reply] = {
    "hangs": hang,
    "cuts the connection": cut,
    "429": status(429),
    "429 with Retry-After": status(429, Retry_After="7"),
    "429 with a strange Retry-After": status(429, Retry_After="²"),
    "503": status(503, "<html>busy</html>"),
    "403": status(403),
    "sends elsewhere": status(302, Location="http://127.0.0.1:9/"),
    "-32601": error(-32601, "the method eth_getBalance does not exist"),
    "-32005": error(-32005, "limit exceeded"),
    "busy in words": error(-32000, "Too Many Requests, please slow down"),
    "behind another": error(-32000, "header not found"),
    "HTML": raw(b"<!doctype html><title>Welcome</title>"),
    "nothing at all": raw(b""),
    "null": result(None),
    "a list": raw(b"[]"),
    "no result": raw(b'{"jsonrpc": "2.0", "id": 1}'),
    "wrong id": wrong_id,
    "NaN": raw(b'{"jsonrpc": "2.0", "id": 1, "result": NaN}'),
    "not UTF-8": raw(b'{"result": "\xff\xfe"}'),
    "100,000 brackets": raw(b"[" * 100_000),
    "100,000 closed brackets": raw(b"[" * 100_000 + b"]" * 100_000),
    "error that is text": raw(b'{"jsonrpc": "2.0", "id": 1, "error": "no"}'),
    "code that is a list": error([], "limit exceeded"),
    "gzip that is none": raw(b"not gzip", Content_Encoding="gzip"),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_broken_node_costs_one_try(
    nodes: Nodes, first: FaultRpc, second: FaultRpc, clock: Clock, fault: str
) -> None:
    """The next one answers; the broken one rests, and is asked again when its rest is over."""
    chain = Chain(nodes)
    assert await chain.balance(USER.address) == 5 * ETHER
    assert (nodes.in_use, len(second.asked)) == (first.url, 0)
    first.on("*", BROKEN[fault])
    nodes._try_s = HASTY_S if BROKEN[fault] is hang else TRY_S
    assert await chain.balance(USER.address) == 5 * ETHER
    assert nodes.in_use == second.url
    state = state_of(nodes, first)
    assert state.phase in ("unreachable", "limited", "behind")
    assert state.problem
    assert state.rests_until > clock.now
    asked = len(first.asked)
    await chain.balance(USER.address)
    assert len(first.asked) == asked, "it was asked while it rests"
    first.well()
    clock.now = state.rests_until + 1
    await chain.balance(USER.address)
    assert nodes.in_use == first.url


async def test_retry_after_is_kept_and_bounded(nodes: Nodes, first: FaultRpc, clock: Clock) -> None:
    first.on("*", status(429, Retry_After="7"))
    await nodes.ask("eth_chainId")
    assert 7 <= state_of(nodes, first).rests_until - clock.now <= 7 * 1.25
    clock.now += 10
    first.on("*", status(429, Retry_After="9" * 30))
    await nodes.ask("eth_chainId")
    assert state_of(nodes, first).rests_until - clock.now <= 600 * 1.25


async def test_none_answers(nodes: Nodes, first: FaultRpc, second: FaultRpc) -> None:
    """What happened, what is safe and what to do, in words; nothing of addresses or classes."""
    first.on("*", hang)
    nodes._try_s = NO_TIME_S
    await second.stop()
    with pytest.raises(ChainUnavailable) as caught:
        await nodes.ask("eth_blockNumber")
    await second.start()
    text = caught.value.message
    assert "no answer within" in text
    assert "it cannot be reached" in text
    assert "Errno" not in text
    assert "Connect call" not in text
    assert (caught.value.safe, bool(caught.value.hint)) == ("Nothing was sent.", True)


async def test_an_unknown_name_is_said_in_words(clock: Clock) -> None:
    for url, words in (
        ("http://no-such-host.invalid/key", "its name is not known"),
        ("http://127.0.0.1:99999/", "its address is not valid"),
        ("ftp://127.0.0.1/", "its address is not valid"),
        (f"http://{'a' * 64}.example/key", "its address is not valid"),
        ("http://a..b/key", "its address is not valid"),
        ("http://\ud800/key", "its address is not valid"),
    ):
        nodes = Nodes(CHAIN_ID, [url], clock=clock)
        with pytest.raises(ChainUnavailable, match=words) as caught:
            await nodes.ask("eth_blockNumber")
        assert "/key" not in caught.value.message
        await nodes.close()


async def test_who_asks_a_network_that_was_left_is_told_so(nodes: Nodes) -> None:
    """A page that still reads while another network is chosen: no mistake of the app."""
    await nodes.ask("eth_blockNumber")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(nodes.close())
        await asyncio.sleep(0)  # it has begun, and may not be done
        with pytest.raises(ChainUnavailable, match="the network was left"):
            await nodes.ask("eth_blockNumber")
    with pytest.raises(ChainUnavailable, match="the network was left"):
        await nodes.ask("eth_blockNumber")


async def test_what_nodes_have_in_common_is_said_once(clock: Clock) -> None:
    hosts = [f"http://{name}.invalid/key" for name in ("one", "two", "three")]
    nodes = Nodes(CHAIN_ID, [*hosts, "http://127.0.0.1:99999/"], clock=clock)
    with pytest.raises(ChainUnavailable) as caught:
        await nodes.ask("eth_blockNumber")
    assert caught.value.message == (
        "No node of the network could be used. one.invalid: its name is not known, and so for 2 "
        "more; a node: its address is not valid."
    )
    await nodes.close()


async def test_a_reverted_call_is_no_fault_of_the_node(nodes: Nodes, first: FaultRpc) -> None:
    first.on("eth_call", error(3, "execution reverted: rate limit exceeded"))
    with pytest.raises(RpcError, match="reverted"):
        await nodes.ask("eth_call", [{}, "latest"])
    assert state_of(nodes, first).phase == "ready"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-32005, "query returned more than 10000 results"),
        (-32005, "block range over 10000"),
        (-32614, "eth_getLogs is limited to a 10,000 range"),
        (-32000, "Log response size exceeded. too many"),
    ],
)
async def test_too_many_logs_are_the_question_s_fault(
    nodes: Nodes, first: FaultRpc, code: int, words: str
) -> None:
    """So that less is asked for, of the same node."""
    first.on("eth_getLogs", error(code, words))
    with pytest.raises(RpcError):
        await Chain(nodes).logs(0, 1, [USER.address], [])
    assert state_of(nodes, first).phase == "ready"
    first.on("eth_getLogs", error(-32005, "daily request count exceeded"))
    assert await Chain(nodes).logs(0, 1, [USER.address], []) == []
    assert state_of(nodes, first).phase == "limited"


@pytest.mark.parametrize("what", HUGE)
async def test_a_huge_answer_takes_little_memory(upstream: str, what: str) -> None:
    async with huge_rpc(upstream, what) as huge:
        nodes = Nodes(CHAIN_ID, [huge, upstream], try_s=30)
        await nodes.ask("eth_blockNumber")
        process = psutil.Process()
        before, most, over = process.memory_info().rss, 0, asyncio.Event()

        async def watch() -> None:
            nonlocal most
            while not over.is_set():
                most = max(most, process.memory_info().rss)
                await asyncio.sleep(0.002)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch())
            assert await Chain(nodes).code(USER.address) == b""
            over.set()
        assert most - before < 50 << 20
        assert "larger than 24 MB" in nodes.states[0].problem
        await nodes.close()


async def test_the_budget_is_kept(first: FaultRpc, clock: Clock) -> None:
    """Not one request more than allowed in any minute, even by many at once."""
    nodes = Nodes(CHAIN_ID, [first.url], requests_a_minute=30, clock=clock, sleep=clock.sleep)
    began = clock.now
    await asyncio.gather(*[nodes.ask("eth_blockNumber") for _ in range(60)])
    assert len(first.asked) >= 60
    assert clock.now - began >= (len(first.asked) - 30) * 2 - 2
    await nodes.close()


# Behind, elsewhere, lying


async def test_a_node_that_is_behind_is_asked_last(
    nodes: Nodes, evm: Evm, first: FaultRpc, second: FaultRpc, clock: Clock
) -> None:
    evm.mine(30)
    first.on("eth_blockNumber", changed(lambda height: hex(int(height, 16) - 21)))
    for _ in range(2):
        await nodes.check(first.url)
        await nodes.check(second.url)
    state = state_of(nodes, first)
    assert (state.phase, state.problem) == ("behind", "21 blocks behind")
    await nodes.ask("eth_gasPrice")
    assert nodes.in_use == second.url
    clock.now += 61
    await nodes.ask("eth_gasPrice")
    assert nodes.in_use == second.url, "it is still behind"
    second.on("*", cut)
    await nodes.ask("eth_gasPrice")
    assert nodes.in_use == first.url, "better behind than nothing"
    first.well()
    second.well()
    clock.now += 61
    await nodes.ask("eth_gasPrice")
    assert (nodes.in_use, state_of(nodes, first).phase) == (first.url, "ready")


async def test_a_node_that_stands_still_is_found_out(
    nodes: Nodes, evm: Evm, first: FaultRpc, second: FaultRpc, clock: Clock
) -> None:
    """It answers everything, only never anything new."""
    assert await nodes.pin() == first.url
    first.on("eth_blockNumber", result(hex(evm.height)))
    evm.mine(30)
    asked = len(second.asked)
    assert await nodes.pin() == first.url
    assert len(second.asked) == asked, "others are looked at once a minute"
    clock.now += 61
    assert await nodes.pin() == second.url
    assert state_of(nodes, first).phase == "behind"


async def test_a_lie_about_the_newest_block_keeps_nobody_from_being_asked(
    nodes: Nodes, evm: Evm, first: FaultRpc, second: FaultRpc
) -> None:
    evm.mine(30)
    first.on("eth_blockNumber", result(hex(10**12)))
    await nodes.check(first.url)
    await nodes.check(second.url)
    assert state_of(nodes, second).phase == "behind"
    other = await (await Chain(nodes).pinned()).second()
    assert other is not None
    assert other.url == second.url


async def test_without_nodes() -> None:
    nodes = Nodes(CHAIN_ID, [])
    with pytest.raises(ChainUnavailable, match="none in the settings"):
        await Chain(nodes).pinned()
    await nodes.close()


async def test_an_old_look_at_a_node_is_not_held_against_it(
    nodes: Nodes, evm: Evm, first: FaultRpc, second: FaultRpc
) -> None:
    """Others were asked for their newest block later; that makes nobody slow."""
    await nodes.check(first.url)
    evm.mine(50)
    await nodes.check(second.url)
    await nodes.ask("eth_gasPrice")
    assert (nodes.in_use, state_of(nodes, first).phase) == (first.url, "ready")


async def test_another_chain_is_never_used(
    nodes: Nodes, first: FaultRpc, second: FaultRpc, clock: Clock
) -> None:
    first.on("eth_chainId", result("0x1"))
    await nodes.ask("eth_gasPrice")
    assert state_of(nodes, first).phase == "wrong chain"
    assert state_of(nodes, first).problem == "this is chain 1, not 1337"
    assert "eth_gasPrice" not in first.asked
    second.on("*", hang)
    nodes._try_s = NO_TIME_S
    with pytest.raises(ChainUnavailable):
        await nodes.ask("eth_gasPrice")
    assert "eth_gasPrice" not in first.asked, "it was used as the last one left"
    nodes._try_s = TRY_S
    clock.now += 100
    first.well()
    await nodes.ask("eth_gasPrice")
    assert nodes.in_use == first.url


@pytest.mark.parametrize(
    "answer",
    [None, "NaN", "0xzz", {"chain": 1}, [], 1337, "-0x1", "0x" + "f" * 5000],
    ids=lambda answer: json.dumps(answer)[:20],
)
async def test_a_chain_id_that_is_none(nodes: Nodes, first: FaultRpc, answer: object) -> None:
    first.on("eth_chainId", result(answer))
    await nodes.ask("eth_gasPrice")
    assert state_of(nodes, first).phase == "unreachable"


async def test_a_node_that_changes_its_chain_is_not_signed_for(
    nodes: Nodes, first: FaultRpc
) -> None:
    chain = await Chain(nodes).pinned()
    first.on("eth_chainId", result("0x2105"))
    with pytest.raises(ChainUnavailable, match="this is chain 8453, not 1337"):
        await nodes.verify(chain.url)


async def test_a_block_of_a_time_that_is_none(nodes: Nodes, first: FaultRpc) -> None:
    """Nothing that shows dates could show it."""
    await nodes.ask("eth_blockNumber")
    first.on("eth_getBlockByNumber", changed(lambda block: block | {"timestamp": hex(10**12)}))
    with pytest.raises(ChainUnavailable):
        await Chain(nodes).head()
    assert state_of(nodes, first).problem == "its answers make no sense"
    assert (await Chain(nodes).head()).timestamp == 1_768_521_600


HASH = "0x" + "ab" * 32
FULL = "0x" + "f" * 70
STRANGE = [None, "NaN", "0xzz", {}, {"a": 1}, [], [1], 7, True, FULL]
# What can be meant, though it is strange: by method and answer. All else puts the node aside.
MEANT = {
    ("receipt", "null"): None,
    ("knows", "null"): False,
    ("logs", "[]"): [],
    **{(name, json.dumps(FULL)): int(FULL, 16) for name in ("balance", "nonce", "estimate")},
    **{(name, json.dumps(FULL)): b"\xff" * 35 for name in ("code", "call")},
}


@pytest.mark.parametrize("answer", STRANGE, ids=json.dumps)
async def test_answers_that_make_no_sense(nodes: Nodes, first: FaultRpc, answer: object) -> None:
    """Each method gives what is meant, or an error that says so; the node is put aside then."""
    first.on("eth_chainId", result(hex(CHAIN_ID)))
    first.on("eth_blockNumber", result("0x0"))
    first.on("*", result(answer))
    chain, user = Chain(nodes, first.url), USER.address
    for name, ask in {
        "head": chain.head,
        "balance": partial(chain.balance, user),
        "nonce": partial(chain.nonce, user),
        "code": partial(chain.code, user),
        "call": partial(chain.call, user, b""),
        "estimate": partial(chain.estimate, user, user, b""),
        "fee_history": partial(chain.fee_history, 3, (50,)),
        "receipt": partial(chain.receipt, HASH),
        "knows": partial(chain.knows, HASH),
        "logs": partial(chain.logs, 0, 1, [user], [b"\0" * 32]),
    }.items():
        await nodes.check(first.url)
        assert state_of(nodes, first).phase == "ready"
        case = name, json.dumps(answer)
        if case in MEANT:
            assert await ask() == MEANT[case], case
        elif case == ("head", "null"):  # it does not have this block: no fault of its own
            with pytest.raises(RpcError):
                await ask()
        else:
            with pytest.raises(ChainUnavailable):
                await ask()
            state = state_of(nodes, first)
            words = "it answered with nothing" if answer is None else "its answers make no sense"
            assert (state.phase, state.problem) == ("unreachable", words), case


async def test_a_receipt_of_another_transaction_is_refused(nodes: Nodes, first: FaultRpc) -> None:
    receipt = {
        "transactionHash": "0x" + "cd" * 32, "status": "0x1", "blockNumber": "0x1",
        "blockHash": HASH, "gasUsed": "0x5208", "effectiveGasPrice": "0x1", "logs": [],
    }  # fmt: skip
    first.on("eth_getTransactionReceipt", result(receipt))
    first.on("eth_getTransactionByHash", result({"hash": "0x" + "cd" * 32}))
    chain = await Chain(nodes).pinned()
    with pytest.raises(ChainUnavailable):
        await chain.receipt(HASH)
    assert state_of(nodes, first).problem == "its answers make no sense"
    assert not await chain.knows(HASH)
