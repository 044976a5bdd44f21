"""A Python process that is attacked: what it says, and what the attack costs it."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from router.tasks import Tasks

ROOT = Path(__file__).parents[2]
LOOK_S = 0.005


@dataclass
class Cost:
    """Bytes of memory above what it had before, at most and in the end; seconds of the processor."""

    peak: int = 0
    kept: int = 0
    cpu_s: float = 0.0


class Watched:
    """`python -m MODULE ARGUMENTS`, answering lines with lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._known = psutil.Process(process.pid)

    async def line(self) -> str:
        """What it says next; fails when it ended instead."""
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        assert line, f"it ended with code {await self._process.wait()}"
        return line.strip()

    async def ask(self) -> Any:
        """Have it do the one thing that it does; the value that it answers."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        return json.loads(await self.line())

    @contextlib.asynccontextmanager
    async def cost(self) -> AsyncIterator[Cost]:
        """What the block costs it; known when the block is left."""
        cost, before, used = Cost(), self._memory, self._cpu_s
        tasks = Tasks()

        async def look() -> None:
            while True:
                cost.peak = max(cost.peak, self._memory - before)
                await asyncio.sleep(LOOK_S)

        tasks.spawn("look", look())
        try:
            yield cost
        finally:
            await tasks.close()
            cost.kept, cost.cpu_s = self._memory - before, self._cpu_s - used

    @property
    def _memory(self) -> int:
        return int(self._known.memory_info().rss)

    @property
    def _cpu_s(self) -> float:
        times = self._known.cpu_times()
        return float(times.user + times.system)


@contextlib.asynccontextmanager
async def watched(module: str, *arguments: str) -> AsyncIterator[Watched]:
    """Started for the block, and ended with it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Watched(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
