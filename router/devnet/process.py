"""The demo network in a process of its own, for as long as it is wanted.

It executes contracts, which would hold the loop for 20 ms at a time; and its libraries take two
seconds to import. It ends with us, however we end: it watches its standard input.
"""

import asyncio
import contextlib
import logging
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

import router
from router.devnet.deploy import DeployError, Deployment, fund
from router.errors import ChainUnavailable
from router.outside import parse_json
from router.tasks import Tasks
from router.untrusted import one_line

log = logging.getLogger(__name__)

START_S = 60.0
EXIT_S = 2.0
ANSWER_S = 10.0
LONGEST_LINE = 1 << 20


@dataclass(frozen=True)
class Announced:
    """What a demo network says of itself: where it is, its contracts, and accounts with keys."""

    url: str
    deployment: Deployment
    keys: dict[str, str]


class DemoChain:
    """One demo network. `start` it once; `stop` ends the process.

    Args:
        arguments: further options of `python -m router.devnet`.
    """

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._announced: Announced | None = None
        self._tasks = Tasks()
        self._skipped = 0

    @property
    def announced(self) -> Announced:
        """Where everything is; only after `start`."""
        assert self._announced is not None, "the demo network was not started"
        return self._announced

    async def start(self) -> Announced:
        """Start the process and wait until its contracts are there.

        Raises:
            ChainUnavailable: it did not start; says why.
        """
        process = await asyncio.create_subprocess_exec(
            *_command(),
            "--end-with-stdin",
            *self._arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(router.__file__).parents[1],
            limit=LONGEST_LINE,
        )
        self._process = process
        try:
            async with asyncio.timeout(START_S):
                assert process.stdout is not None
                line = await process.stdout.readline()
                self._announced = _read(line)
        except (TimeoutError, ValueError, KeyError) as error:
            reason = await self._reason()
            await self.stop()
            raise ChainUnavailable(
                f"The demo network did not start{reason}.",
                safe="Everything else works.",
                hint="Try again; the details are in Diagnostics.",
            ) from error
        self._tasks.spawn("demo network log", self._read_errors())
        return self._announced

    async def stop(self) -> None:
        """End the process; nothing of the network is kept."""
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                async with asyncio.timeout(EXIT_S):
                    await process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        await self._tasks.close()

    def now(self) -> float:
        """Seconds since 1970 by the clock of the chain, which `skip` puts ahead of ours."""
        return time.time() + self._skipped

    async def skip(self, seconds: int) -> None:
        """Let time pass on the chain, and mine a block that shows it.

        Raises:
            ChainUnavailable: the process does not answer.
        """
        await self._steer("evm_increaseTime", seconds)
        self._skipped += seconds
        await self._steer("evm_mine")

    async def give(self, address: str, mor: int, eth: int) -> None:
        """Give an account play money, in wei.

        Raises:
            ChainUnavailable: the process does not answer.
        """
        known = self.announced
        try:
            await fund(known.url, known.deployment, known.keys["owner"], {address: mor}, coin=eth)
        except DeployError as error:
            raise ChainUnavailable(
                "The demo network gave no play money.", hint="Start it again."
            ) from error

    async def _steer(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.announced.url, json=body) as response,
            ):
                return parse_json(await response.read())["result"]
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
            raise ChainUnavailable(
                "The demo network does not answer.", hint="Start it again."
            ) from error

    async def _reason(self) -> str:
        process = self._process
        if process is None or process.stderr is None:
            return ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EXIT_S):
                lines = (await process.stderr.read(LONGEST_LINE)).decode("utf-8", "replace")
                return (
                    f" ({one_line(lines.strip().splitlines()[-1], 200)})" if lines.strip() else ""
                )
        return ""

    async def _read_errors(self) -> None:
        process = self._process
        while process is not None and process.stderr is not None:
            line = await process.stderr.readline()
            if not line:
                return
            log.warning("demo network: %s", one_line(line.decode("utf-8", "replace"), 300))


def _command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "--demo-chain"]
    return [sys.executable, "-m", "router.devnet"]


def _read(line: bytes) -> Announced:
    found = parse_json(line)
    accounts = {account["name"]: account["key"] for account in found.pop("accounts")}
    return Announced(found.pop("url"), Deployment(**found), accounts)
