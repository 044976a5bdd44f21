"""Runs the demo network until interrupted: `python -m router.devnet`.

Without --node it brings its own chain, with --node it puts the contracts on a chain that is
there. One line of JSON on stdout says where everything is.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence

from router.devnet.accounts import ACCOUNTS, FUNDING, OWNER, PROVIDER, SECOND_PROVIDER, USER
from router.devnet.deploy import MOR, DeployError, Deployment, deploy, fund
from router.devnet.evm import Evm
from router.devnet.rpc import RpcServer
from router.networks import DEMO, NETWORKS

GIVEN = 1_000 * MOR
BLOCK_S = 2.0


def main(argv: list[str] | None = None) -> int:
    """Run until interrupted; 0 after a clean stop, 1 if it could not start."""
    options = _parser().parse_args(argv)
    try:
        return asyncio.run(_run(options))
    except (DeployError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a terminal is all there is
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m router.devnet", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of the chain's node; 0 is a free one")
    parser.add_argument("--node", metavar="URL", help="use the chain of this node")
    parser.add_argument(
        "--node-key",
        metavar="HEX",
        help="with --node: key of an account there that has coin for the fees",
    )
    parser.add_argument(
        "--rule",
        choices=("day-lock", "snapshot"),
        default="day-lock",
        help="how sessions pay out when they end (default: %(default)s, as on the main network)",
    )
    parser.add_argument(
        "--block-time",
        type=float,
        default=BLOCK_S,
        metavar="S",
        help="seconds between blocks without transactions; 0 mines for transactions only",
    )
    parser.add_argument(
        "--clock", type=int, metavar="T", help="time at the start, in seconds since 1970"
    )
    parser.add_argument(
        "--end-with-stdin", action="store_true", help="end when standard input is closed"
    )
    return parser


async def _run(options: argparse.Namespace) -> int:
    stop = asyncio.Event()
    _listen_for_the_end(stop, with_stdin=options.end_with_stdin)
    if options.node:
        owner_key = options.node_key or OWNER.key
        deployment = await deploy(options.node, owner_key, FUNDING.key, options.rule)
        _say(options.node, deployment, ())
        return 0
    offset = 0.0 if options.clock is None else options.clock - time.time()
    balances = {bytes.fromhex(a.address[2:]): a.eth for a in ACCOUNTS}
    evm = Evm(NETWORKS[DEMO].chain_id, balances, lambda: time.time() + offset)
    server = RpcServer(evm)
    await server.start(options.port)
    url = f"http://127.0.0.1:{server.port}"
    try:
        deployment = await deploy(url, OWNER.key, FUNDING.key, options.rule)
        given = {a.address: GIVEN for a in (PROVIDER, USER, SECOND_PROVIDER)}
        await fund(url, deployment, OWNER.key, given)
        _say(url, deployment, ACCOUNTS)
        await _mine_until(stop, evm, options.block_time)
    finally:
        await server.stop()
    return 0


def _say(url: str, deployment: Deployment, accounts: Sequence[object]) -> None:
    known = [
        {"name": a.name, "address": a.address, "key": a.key} for a in ACCOUNTS if a in accounts
    ]
    line = {"url": url, **deployment.as_dict(), "accounts": known}
    print(json.dumps(line), flush=True)  # noqa: T201 - what the command is for


async def _mine_until(stop: asyncio.Event, evm: Evm, block_s: float) -> None:
    """A block now and then, so that time passes on the chain when nobody sends anything."""
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(block_s or None):
                await stop.wait()
        if (
            block_s
            and not stop.is_set()
            and evm.automine
            and evm.now() - evm.head.timestamp >= block_s
        ):
            evm.mine()


def _listen_for_the_end(stop: asyncio.Event, *, with_stdin: bool) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as an exception
            loop.add_signal_handler(number, stop.set)
    if with_stdin:
        # Not one of the loop's own threads: the process would wait for it when it could not start.
        threading.Thread(target=_wait_for_stdin, args=(loop, stop), daemon=True).start()


def _wait_for_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 1 << 16):  # sys.stdin would be locked at the end of the process
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    sys.exit(main())
