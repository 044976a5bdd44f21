"""kill -9 at every step of opening and closing: never two sessions, never two payments (F35).

Each round kills a process at one point, starts again as the app does, and asks the chain what
there is; what stands still then is tried again, and comes true exactly once.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchmarks.anvil import anvil_path
from router.chain.crash_points import CLOSING_POINTS, OPENING_POINTS, POINTS
from router.chain.journal import Journal
from router.chain.records import as_hex
from router.consumer.book import Book
from router.consumer.mined import MINED
from tests.support.session_driver import Job
from tests.support.stake_model import MOR
from tests.support.world import ROOT, World, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which this system lacks"),
]

SIGKILL_CODE = -9
FUNDED = 1_000 * MOR
# With a permission there is one transaction only, so that its points are those of the opening.
WITH_PERMISSION = (*POINTS, "open_sent", "open_noted", "open_mined")


@dataclass
class App:
    """The process that is killed, and what is on the chain."""

    here: World
    folder: Path
    bid: bytes
    outcomes: "Counter[str]" = field(default_factory=Counter)
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.session_driver",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
            env={**os.environ, "MORPHEUS_TEST": "1"},
        )  # fmt: skip

    async def stop(self) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()

    async def run(self, deed: Any, crash_at: str = "") -> int:
        """One run; its exit code, which is negative when it was killed."""
        key = "0x" + bytes(self.here.account("user")._key).hex()
        job = Job(
            str(self.folder), asdict(self.here.network), key, as_hex(self.bid), deed, crash_at
        )
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(job.line().encode())
        return int(await self.process.stdout.readline())

    async def killed(self, deed: Any, point: str) -> None:
        assert await self.run(deed, point) == SIGKILL_CODE, f"{point} was not reached"
        self.outcomes["killed"] += 1

    async def account(self) -> Any:
        return await self.here.market.account(self.here.account("user").address)

    async def openings(self) -> list[Any]:
        book = Book(self.folder / "sessions.db", self.here.network.chain_id)
        await book.open()
        try:
            return [b.opening for b in await book.begun(self.here.account("user").address)]
        finally:
            await book.close()


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with world("embedded" if anvil_path() is None else "anvil", "day-lock") as here:
        bid = await here.offer(stake=1_000 * MOR)
        await here.give("user", FUNDED, 10**19)
        await here.token("user", "approve", here.network.diamond, 0)
        made = App(here, tmp_path, bid)
        await made.start()
        yield made
        await made.stop()


@pytest.mark.parametrize("permitted", [False, True], ids=["with permission", "permitted before"])
async def test_never_two_sessions(app: App, permitted: bool) -> None:
    points = WITH_PERMISSION if permitted else (*OPENING_POINTS, *POINTS)
    for number, point in enumerate(points):
        if permitted:
            await app.here.token("user", "approve", app.here.network.diamond, 100 * MOR)
        await app.killed("open", point)
        assert await app.run("start") == 0
        account = await app.account()
        assert len(account.sessions) in (number, number + 1), f"two sessions at {point}"
        opening = (await app.openings())[0]
        is_there = len(account.sessions) == number + 1
        assert (opening.step == "done") == is_there, f"{opening} at {point}"
        app.outcomes["there after the start" if is_there else "not there"] += 1
        # What stands still goes on when the user says so; what is there is left alone.
        assert await app.run("retry") == 0
        account = await app.account()
        assert len(account.sessions) == number + 1, f"{point} ended with another count"
        assert account.mor + account.in_sessions == FUNDED, f"MOR is missing at {point}"
        if not permitted:
            assert account.allowance == 0, f"a permission is left at {point}"
        assert (await app.openings())[0].session_id == account.sessions[-1].id
    print(f"\n{json.dumps(dict(app.outcomes))}")  # noqa: T201 - the counts are the point


async def test_closed_once(app: App) -> None:
    for number, point in enumerate((*CLOSING_POINTS, *POINTS)):
        assert await app.run("open") == 0
        await app.killed("close", point)
        assert await app.run("start") == 0
        assert await app.run("close") == 0
        account = await app.account()
        assert all(session.closed_at for session in account.sessions), f"open after {point}"
        assert len(account.sessions) == number + 1
        assert account.total == FUNDED, f"MOR is missing at {point}"
    journal = Journal(app.folder / "transactions.db")
    await journal.open()
    records = await journal.list(app.here.network.chain_id)
    await journal.close()
    # For each session a permission, an opening and a closing, and nothing failed or was sent twice.
    done = Counter(record.purpose.split(" ")[0] for record in records if record.state in MINED)
    rounds = len((*CLOSING_POINTS, *POINTS))
    assert done == {"Permission": rounds, "Open": rounds, "Close": rounds}
    assert [r for r in records if r.state not in MINED] == []
