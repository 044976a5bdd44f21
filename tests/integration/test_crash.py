"""kill -9 at every step of a transaction: never two payments, never a lost hash (F17).

Each round sends MOR and coin, gives permission, opens, closes and withdraws, once for every
crash point, and after each kill starts again as the app does. The chain is asked what happened.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from router.chain.crash_points import POINTS
from router.chain.journal import Journal
from router.chain.marketplace import DIAMOND
from router.chain.token import TOKEN
from tests.support.stake_model import DAY, MOR
from tests.support.tx_driver import Job
from tests.support.world import ROOT, World, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which this system lacks"),
]

ROUNDS = 4
KINDS = 6  # of transactions in each round
STRANGER = "0x" + "12" * 20
SIGKILL_CODE = -9


class Driver:
    """The process that is killed, and what it knows."""

    def __init__(self, here: World, journal: Path) -> None:
        self._here = here
        self._journal = journal
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.tx_driver",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
            env={**os.environ, "MORPHEUS_TEST": "1"},
        )  # fmt: skip

    async def stop(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def run(self, intent: dict[str, Any] | None = None, crash_at: str = "") -> int:
        """One run; its exit code, which is negative when it was killed."""
        key = "0x" + bytes(self._here.account("user")._key).hex()
        job = Job(str(self._journal), asdict(self._here.network), key, intent, crash_at)
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(job.line().encode())
        return int(await process.stdout.readline())


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        yield made


@pytest.fixture
async def driver(here: World, tmp_path: Path) -> AsyncIterator[Driver]:
    made = Driver(here, tmp_path / "transactions.db")
    await made.start()
    yield made
    await made.stop()


class Crashes:
    """Kills one wish at a point, starts again, and holds the chain to the promise."""

    def __init__(self, here: World, driver: Driver) -> None:
        self.here = here
        self.driver = driver
        self.outcomes: Counter[str] = Counter()
        self._wishes = 0

    async def try_at(self, point: str, to: str, data: bytes = b"", value: int = 0) -> None:
        self._wishes += 1
        intent = {"to": to, "value": value, "data": data.hex(), "key": f"wish {self._wishes}"}
        before = await self._sent()
        code = await self.driver.run(intent, point)
        assert code in (SIGKILL_CODE, 0), f"the run ended with {code} at {point}"
        self.outcomes["killed" if code == SIGKILL_CODE else "not reached"] += 1
        assert await self.driver.run() == 0
        after_restart = await self._sent() - before
        assert after_restart in (0, 1), f"{after_restart} transactions for one wish at {point}"
        self.outcomes["sent by then" if after_restart else "not sent by then"] += 1
        # Asked again with the same key, as a user or a program would: exactly one in the end.
        assert await self.driver.run(intent) == 0
        assert await self._sent() - before == 1

    async def _sent(self) -> int:
        return await self.here.chain.nonce(self.here.account("user").address)


@pytest.mark.parametrize("number", range(ROUNDS))
async def test_never_two_payments_never_a_lost_hash(
    here: World, driver: Driver, tmp_path: Path, number: int, record_property: Any
) -> None:
    bid = await here.offer(stake=1_000 * MOR)
    user = await here.give("user", 100_000 * MOR, 10**19)
    crashes = Crashes(here, driver)
    paid = coin = 0
    for point in POINTS:
        paid += 1 + number
        data = TOKEN["transfer"].encode(STRANGER, 1 + number)
        await crashes.try_at(point, here.network.token, data)
        coin += 7
        await crashes.try_at(point, STRANGER, value=7)
        data = TOKEN["approve"].encode(here.network.diamond, 2**200 + paid)
        await crashes.try_at(point, here.network.token, data)
    now = (await here.chain.head()).timestamp
    for step, point in enumerate(POINTS):
        approval, signature = here.approval(bid, "user", (now + step) * 1000)
        arguments = (user.address, (20 + number) * MOR, False, approval, signature)
        data = DIAMOND["openSession"].encode(*arguments)
        await crashes.try_at(point, here.network.diamond, data)
    sessions = (await here.market.account(user.address)).sessions
    assert len(sessions) == len(POINTS), "a session is missing, or was opened twice"
    for session, point in zip(sessions, POINTS, strict=True):
        session_id = bytes.fromhex(session.id[2:])
        message, signature = here.receipt_of(session_id, (now + 5) * 1000, signer="user")
        data = DIAMOND["closeSession"].encode(message, signature)
        await crashes.try_at(point, here.network.diamond, data)
    await here.mine_at((await here.chain.head()).timestamp + 2 * DAY)
    for point in POINTS:
        data = DIAMOND["withdrawUserStakes"].encode(user.address, 1)
        await crashes.try_at(point, here.network.diamond, data)
    assert await here.holds() == (0, 0)
    assert int(await here.chain.read(here.network.token, TOKEN["balanceOf"], STRANGER)) == paid
    assert await here.chain.balance(STRANGER) == coin
    account = await here.market.account(user.address)
    assert account.mor == 100_000 * MOR - paid, "MOR is missing, or there is too much"
    await _journal_knows_everything(here, tmp_path / "transactions.db", crashes)
    record_property("crashes", dict(crashes.outcomes))
    print(f"\n{json.dumps(dict(crashes.outcomes))}")  # noqa: T201 - the counts are the point
    assert crashes.outcomes["killed"] == KINDS * len(POINTS)


async def test_two_processes_share_and_skip_no_nonce(
    here: World, driver: Driver, tmp_path: Path
) -> None:
    """Two windows on one journal: who loses a race is told so, and sends again."""
    await here.give("user", 100 * MOR)
    before = await here.chain.nonce(here.account("user").address)
    other = Driver(here, tmp_path / "transactions.db")
    await other.start()
    wishes = 10

    async def send_all(process: Driver, name: str) -> int:
        refused = 0
        for number in range(wishes):
            data = TOKEN["transfer"].encode(STRANGER, 1).hex()
            intent = {"to": here.network.token, "data": data, "key": f"{name} {number}"}
            while await process.run(intent) != 0:
                refused += 1
                assert refused < 10 * wishes
        return refused

    try:
        await asyncio.gather(send_all(driver, "one"), send_all(other, "two"))
    finally:
        await other.stop()
    assert await here.chain.nonce(here.account("user").address) == before + 2 * wishes
    assert await here.chain.read(here.network.token, TOKEN["balanceOf"], STRANGER) == 2 * wishes
    journal = Journal(tmp_path / "transactions.db")
    await journal.open()
    records = await journal.list(here.network.chain_id)
    await journal.close()
    sent = [record.nonce for record in reversed(records) if record.state != "not_sent"]
    assert sorted(sent) == list(range(before, before + 2 * wishes))


async def _journal_knows_everything(here: World, path: Path, crashes: Crashes) -> None:
    """Every nonce is in the journal once, settled, and its hash is the one on the chain."""
    journal = Journal(path)
    await journal.open()
    try:
        records = await journal.list(here.network.chain_id)
        nonces = [record.nonce for record in reversed(records)]
        assert nonces == list(range(nonces[0], nonces[0] + len(nonces)))
        assert len({r.key for r in records}) == len(records) == crashes._wishes
        for record in records:
            assert record.state in ("included", "safe"), record
            receipt = await here.chain.receipt(record.hash)
            assert receipt is not None
            assert (receipt.block, receipt.ok) == (record.block, True)
    finally:
        await journal.close()


def test_the_points_do_nothing_outside_of_tests() -> None:
    """A released app cannot be told to end itself."""
    code = "from router.chain.crash_points import reach; reach('before_sign')"
    environment = {**os.environ, "MORPHEUS_CRASH_AT": "before_sign"}
    environment.pop("MORPHEUS_TEST", None)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0
