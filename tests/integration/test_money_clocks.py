"""Wallet and transactions under clocks that jump and computers that sleep (F14, F15)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.chain.journal import Attempt, TxRecord
from router.chain.preparing import fields_of
from router.errors import BadRequest, Busy, ChainUnavailable, TxFailed
from router.tasks import Tasks
from router.wallet.autolock import LOOK_EVERY_S, AutoLock
from router.wallet.backoff import LONGEST_WAIT_S, Backoff
from router.wallet.vault import Cost
from router.wallet.wallet import Wallet
from tests.support.fault_rpc import cut, error
from tests.support.sending import Sending, sending
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120), pytest.mark.usefixtures("caplog")]

CHEAP = Cost(1, 8 * 1024, 1)
PASSWORD = "correct horse battery"
PHRASE = "test test test test test test test test test test test junk"
YEAR_S = 365 * 86_400.0


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        await made.give("user", 100 * MOR)
        yield made


class Clocks:
    """The clock of the day and the one that stands still in sleep."""

    def __init__(self) -> None:
        self.day, self.run = 1_800_000_000.0, 1_000.0

    def pass_by(self, seconds: float) -> None:
        self.day += seconds
        self.run += seconds


async def unlocked(folder: Path, clocks: Clocks) -> tuple[Wallet, AutoLock]:
    wallet = Wallet(folder, cost=CHEAP, clock=lambda: clocks.day)
    await wallet.create(PHRASE, PASSWORD)
    lock = AutoLock(
        wallet, lambda: 900.0, day_clock=lambda: clocks.day, run_clock=lambda: clocks.run
    )
    return wallet, lock


def live(lock: AutoLock, clocks: Clocks, seconds: float) -> None:
    """Look as often as it does by itself."""
    for _ in range(round(seconds / LOOK_EVERY_S)):
        clocks.pass_by(LOOK_EVERY_S)
        lock.look()


@pytest.mark.parametrize("jump", [-10 * YEAR_S, -7200.0, 7200.0, YEAR_S])
async def test_the_clock_of_the_day_jumps(tmp_path: Path, jump: float) -> None:
    """Whatever it says, the wallet does not stay open for longer than was chosen."""
    clocks = Clocks()
    wallet, lock = await unlocked(tmp_path, clocks)
    live(lock, clocks, 60)
    clocks.day += jump
    lock.look()
    assert wallet.state.kind == ("locked" if jump > 0 else "unlocked")
    live(lock, clocks, 900)
    assert wallet.state.kind == "locked"
    await wallet.unlock(PASSWORD)
    lock.touch()
    live(lock, clocks, 600)
    assert wallet.state.kind == "unlocked", "it must work as usual under the new time"


async def test_eight_hours_of_sleep_lock_it(tmp_path: Path) -> None:
    clocks = Clocks()
    wallet, lock = await unlocked(tmp_path, clocks)
    clocks.day += 8 * 3600
    lock.touch()  # the mouse that woke the computer
    lock.look()
    assert wallet.state.kind == "locked"


@pytest.mark.parametrize("jump", [-10 * YEAR_S, YEAR_S])
def test_waiting_after_wrong_passwords_stays_sane(tmp_path: Path, jump: float) -> None:
    clocks = Clocks()
    backoff = Backoff(tmp_path / "tries.json", lambda: clocks.day)
    for _ in range(20):
        backoff.failed()
    clocks.day += jump
    assert 0 <= backoff.wait_s <= LONGEST_WAIT_S
    assert 0 <= Backoff(tmp_path / "tries.json", lambda: clocks.day).wait_s <= LONGEST_WAIT_S


@pytest.mark.parametrize("content", ['{"failed": 1e999, "last": 0}', '{"failed": 9, "last": []}'])
def test_a_damaged_count_is_no_reason_not_to_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "tries.json").write_text(content)
    assert Backoff(tmp_path / "tries.json").wait_s == 0


@pytest.mark.parametrize("jump", [-10 * YEAR_S, -7200.0, 7200.0, YEAR_S])
async def test_transactions_over_a_jump(here: World, jump: float) -> None:
    """Nothing is lost, failed or sent twice, and what replaces outbids the newest."""
    async with sending(here) as one:
        await here.rpc("evm_setAutomine", False)
        record = await one.submit()
        one.clock.ahead = jump
        await one.manager.send(await one.manager.prepare_speed_up(record.id))
        newest = (await one.record(record.id)).attempts[-1]
        assert newest.kind == "speed_up", "attempts are in the order in which they were signed"
        cancel = await one.manager.prepare_cancel(record.id)
        assert cancel.fee.most * 8 >= newest.max_fee * 9
        await one.look(3)
        assert (await one.record(record.id)).is_open
        await here.rpc("evm_mine")
        await one.look()
        assert (await one.record(record.id)).state in ("included", "safe")
        assert await one.received() == 5


async def signed_and_not_sent(one: Sending, age: float) -> TxRecord:
    """What a crash left between writing down and sending, so many seconds ago."""
    one.clock.ahead = -age
    prepared = await one.manager.prepare(one.transfer(), one.address)
    signed = one.account.sign_transaction(fields_of(prepared))
    fee = prepared.fee
    attempt = Attempt(
        signed.tx_hash, "original", signed.raw, prepared.gas, fee.most, fee.tip, one.clock()
    )
    intent = prepared.intent
    record = TxRecord(
        0, "wish", prepared.chain_id, one.address, prepared.nonce, intent.to, 0, intent.data,
        "Send", "signed", one.clock(), one.clock(),
    )  # fmt: skip
    record = await one.journal.add(record, attempt)
    one.clock.ahead = 0.0
    return record


@pytest.mark.parametrize("age", [-10 * YEAR_S, 121.0, YEAR_S])
async def test_what_was_never_sent_waits_for_the_user(here: World, age: float) -> None:
    """It is old, or its age cannot be told any more, so it is not sent by itself."""
    async with sending(here) as one:
        record = await signed_and_not_sent(one, age)
        await one.look(2)
        assert [r.id for r in one.follower.unsent] == [record.id]
        assert await one.received() == 0
        again = await one.submit(one.transfer(key="wish"))
        assert (again.id, again.hash) == (record.id, record.hash)
        assert await one.received() == 5


@pytest.mark.parametrize("age", [-10 * YEAR_S, 121.0])
async def test_what_was_never_sent_holds_up_nothing(here: World, age: float) -> None:
    """Something else that is wanted takes its nonce, so that it does not wait for ever."""
    async with sending(here) as one:
        record = await signed_and_not_sent(one, age)
        other = await one.submit(one.transfer(7))
        assert other.nonce == record.nonce
        await one.look(2)
        assert await one.received() == 7
        given_up = await one.record(record.id)
        assert (given_up.state, given_up.settled) == ("not_sent", True)
        assert "never given" in given_up.reason


async def test_what_was_never_sent_is_told_once_and_sent_as_it_is(here: World) -> None:
    async with sending(here) as one:
        record = await signed_and_not_sent(one, 121.0)
        told: list[TxRecord] = []
        one.manager.changed.subscribe(told.append)
        await one.look(3)
        assert [(r.id, r.state) for r in told] == [(record.id, "signed")]
        one.faults[0].on("*", cut)
        await one.look()
        assert [r.id for r in one.follower.unsent] == [record.id], "a silent node changes nothing"
        with pytest.raises(ChainUnavailable):
            await one.manager.send_unsent(record.id)
        assert (await one.record(record.id)).state == "signed"
        one.faults[0].well()
        one.forget()
        sent = await one.manager.send_unsent(record.id)
        assert (sent.state, sent.hash) == ("pending", record.hash)
        assert sent.attempts[0].raw == record.attempts[0].raw
        await one.manager.send_unsent(record.id)  # a second click
        assert await one.received() == 5
        with pytest.raises(BadRequest, match="may have been sent"):
            await one.follower.drop(record.id)
        await one.look()
        assert one.follower.unsent == ()


async def test_what_was_given_up_is_not_sent_any_more(here: World) -> None:
    """Not by the user, and not by a follower that looked at it just before."""
    async with sending(here) as one:
        record = await signed_and_not_sent(one, 121.0)
        dropped = await one.follower.drop(record.id)
        assert (dropped.state, dropped.settled) == ("not_sent", True)
        assert dropped.reason == "You chose not to send it."
        with pytest.raises(Busy):
            await one.manager.send_unsent(record.id)
        with pytest.raises(Busy):
            await one.manager.resend(record)
        await one.look(2)
        assert (await one.received(), one.follower.unsent) == (0, ())
        assert (await one.submit(one.transfer(7))).nonce == record.nonce


async def test_what_was_never_sent_and_is_refused_now(here: World) -> None:
    """Its nonce was used elsewhere, say: it can not be sent any more, and the row says why."""
    async with sending(here) as one:
        record = await signed_and_not_sent(one, 121.0)
        one.faults[0].on("eth_sendRawTransaction", error(-32000, "nonce too low"))
        with pytest.raises(TxFailed, match="nonce too low"):
            await one.manager.send_unsent(record.id)
        assert (await one.record(record.id)).state == "not_sent"


async def test_what_was_signed_just_now_is_sent(here: World) -> None:
    async with sending(here) as one:
        record = await signed_and_not_sent(one, 1.0)
        prepared = await one.manager.prepare(one.transfer(7), one.address)
        assert prepared.nonce == record.nonce + 1
        await one.look()
        assert await one.received() == 5


async def test_waking_up_asks_once(here: World) -> None:
    """After a sleep the follower looks again, and not once for every pause it slept through."""
    async with sending(here) as one:
        await here.rpc("evm_setAutomine", False)
        record = await one.submit()
        asked = len(one.faults[0].asked)
        tasks = Tasks()
        tasks.spawn("follow", one.follower.run())
        try:
            await here.rpc("evm_mine")
            one.clock.ahead += 8 * 3600
            async with asyncio.timeout(30):
                while not (await one.record(record.id)).block:
                    await asyncio.sleep(0.05)
        finally:
            await tasks.close()
        assert len(one.faults[0].asked) - asked < 30
