"""The demo network in a process of its own, and from the command line."""

import asyncio
import json
import os
import socket
import subprocess
import sys

import psutil
import pytest

from benchmarks.anvil import anvil
from router.chain.client import Chain
from router.chain.nodes import Nodes
from router.devnet.process import DemoChain
from router.errors import ChainUnavailable
from tests.support.world import ROOT, START, needs_anvil

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_start_skip_and_stop() -> None:
    demo = DemoChain("--clock", str(START), "--block-time", "0")
    found = await demo.start()
    assert demo.announced is found
    assert {"owner", "funding", "provider", "second provider", "user"} == found.keys.keys()
    nodes = Nodes(1337, [found.url])
    chain = Chain(nodes)
    before = await chain.head()
    assert START <= before.timestamp < START + 120
    now = demo.now()
    await demo.skip(86_400)
    assert 86_400 <= demo.now() - now < 86_400 + 120
    after = await chain.head()
    assert after.number == before.number + 1
    assert after.timestamp >= before.timestamp + 86_400
    assert demo._process is not None
    pid = demo._process.pid
    await demo.stop()
    assert not psutil.pid_exists(pid)
    with pytest.raises(ChainUnavailable):
        await demo.skip(1)
    with pytest.raises(ChainUnavailable):
        await nodes.ask("eth_blockNumber")
    await nodes.close()
    await demo.stop()  # once more does nothing


async def test_blocks_come_by_themselves() -> None:
    demo = DemoChain("--block-time", "0.2")
    found = await demo.start()
    nodes = Nodes(1337, [found.url])
    chain = Chain(nodes)
    first = (await chain.head()).number
    while (await chain.head()).number < first + 2:
        await asyncio.sleep(0.05)
    await nodes.close()
    await demo.stop()


async def test_it_does_not_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = DemoChain("--port", str(taken.getsockname()[1]))
        with pytest.raises(ChainUnavailable, match="did not start") as caught:
            await demo.start()
    assert "in use" in caught.value.message
    assert caught.value.safe
    assert caught.value.hint


async def test_it_ends_with_whoever_started_it() -> None:
    """Also when they are killed: its standard input is closed then."""
    code = (
        "import asyncio, sys\n"
        "from router.devnet.process import DemoChain\n"
        "async def main():\n"
        "    demo = DemoChain()\n"
        "    await demo.start()\n"
        "    print(demo._process.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    pid = int(await process.stdout.readline())
    assert psutil.pid_exists(pid)
    process.kill()
    await process.wait()
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        await asyncio.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on Unix")
async def test_from_the_command_line_until_interrupted() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router.devnet", "--rule", "snapshot",
        stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    said = json.loads(await process.stdout.readline())
    assert said["url"].startswith("http://127.0.0.1:")
    assert {"diamond", "token", "multicall", "registry", "chain_id", "accounts"} <= said.keys()
    process.send_signal(2)
    assert await process.wait() == 0


@needs_anvil
async def test_on_a_node_of_somebody_else() -> None:
    async with anvil(START) as url:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "router.devnet", "--node", url, stdout=subprocess.PIPE, cwd=ROOT
        )
        assert process.stdout is not None
        said = json.loads(await process.stdout.read())
        assert (await process.wait(), said["url"]) == (0, url)
        nodes = Nodes(1337, [url])
        assert await Chain(nodes).code(said["diamond"])
        await nodes.close()


async def test_a_node_that_is_not_there() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router.devnet", "--node", "http://127.0.0.1:9",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert b"did not answer" in err
    assert b"Traceback" not in err
