"""The wallet page's figures and rows, over a real chain."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC

import pytest

from morpheus_desktop.viewmodels.wallet import STALE_S, WalletViewModel
from router.errors import ChainUnavailable
from tests.support.wallet_desk import FUNDED, WalletDesk, wallet_desk
from tests.support.world import MOR, START


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def desk(tmp_path) -> AsyncIterator[WalletDesk]:
    async with wallet_desk(tmp_path) as made:
        yield made


@pytest.fixture
async def vm(desk: WalletDesk, qapp) -> AsyncIterator[WalletViewModel]:
    made = WalletViewModel(desk.money, Clock())
    yield made
    await until(lambda: not made.reading)
    await made.close()


async def read(vm: WalletViewModel) -> None:
    vm.rows = None
    vm.refresh()
    await until(lambda: vm.rows is not None and not vm.reading)


async def test_before_the_first_answer_nothing_is_zero(vm):
    assert [bucket.wei for bucket in vm.buckets] == [None] * 4
    assert vm.cannot_sign == "The balances are not known yet."
    assert not vm.stale


async def test_the_buckets_add_up_at_one_block(desk, vm):
    bid = await desk.world.offer()
    await desk.world.give("user", 100 * MOR)
    session = await desk.world.open(bid, 5 * MOR, START + 4000)
    await desk.world.close(session, START + 4500)
    await desk.world.open(bid, 3 * MOR, START + 5000)
    await read(vm)
    account = vm.account
    assert account is not None
    places = [bucket.wei for bucket in vm.buckets]
    assert sum(places) == account.total
    assert places[1] == 3 * MOR
    assert places[2] > 0
    released = vm.released_at
    assert released is not None
    assert released.astimezone(UTC).strftime("%Y-%m-%d %H:%M") == "2026-01-17 00:00"
    assert vm.buckets[1].note == "1 active"


async def test_an_answer_that_stays_out_makes_the_figures_stale_and_keeps_them(desk, vm):
    await read(vm)
    assert (vm.account.mor, vm.cannot_sign) == (FUNDED, "")

    async def silent(*_args):
        raise ChainUnavailable("No node answers.")

    desk.funds.connection.market.account = silent
    vm._clock.now += STALE_S + 1
    vm.refresh()
    await until(lambda: vm.problem is not None)
    assert vm.stale
    assert vm.account.mor == FUNDED
    assert vm.cannot_sign == "The network has not answered for a while."


async def test_rows_come_by_themselves_and_are_filtered(desk, vm):
    await read(vm)
    lena = desk.world.account("lena").address
    desk.funds.book.set(lena, "Lena")
    prepared = await desk.funds.prepare_send("MOR", lena, MOR)
    await desk.funds.connection.transactions.send(prepared)
    await until(lambda: [row.title for row in vm.rows][:1] in (["Sent to Lena"], ["Send to Lena"]))
    vm.set_filter("sent")
    assert [row.kind for row in vm.shown] == ["sent"]
    vm.search("nothing like it")
    assert vm.shown == []
    vm.search("")
    vm.set_filter("received")
    assert all(row.kind == "received" for row in vm.shown)


async def test_a_note_is_kept_beside_the_transaction(desk, vm):
    lena = desk.world.account("lena").address
    prepared = await desk.funds.prepare_send("MOR", lena, MOR)
    record = await desk.funds.connection.transactions.send(prepared)
    vm.label(record, " rent ")
    await until(lambda: vm.rows is not None and "rent" in [row.label for row in vm.rows])


async def test_logs_that_cannot_be_read_leave_the_rest(desk, vm, monkeypatch):
    lena = desk.world.account("lena").address
    prepared = await desk.funds.prepare_send("MOR", lena, MOR)
    await desk.funds.connection.transactions.send(prepared)

    async def silent():
        raise ChainUnavailable("No logs here.")

    monkeypatch.setattr(desk.funds.history(), "update", silent)
    await read(vm)
    assert vm.activity_problem is not None
    assert [row.kind for row in vm.rows] == ["sent"]
    assert vm.account is not None


async def test_what_was_sent_from_here_is_there_before_the_logs(desk, vm, monkeypatch):
    lena = desk.world.account("lena").address
    prepared = await desk.funds.prepare_send("MOR", lena, MOR)
    await desk.funds.connection.transactions.send(prepared)
    held = asyncio.Event()
    update = desk.funds.history().update

    async def slow():
        await held.wait()
        await update()

    monkeypatch.setattr(desk.funds.history(), "update", slow)
    vm.refresh()
    await until(lambda: vm.rows is not None)
    assert [row.kind for row in vm.rows] == ["sent"]
    assert not vm.looked
    held.set()
    await until(lambda: not vm.reading)
    assert vm.looked
    assert len(vm.rows) > 1


async def test_another_account_takes_nothing_of_the_first(desk, vm):
    await read(vm)
    desk.wallet.give_back()
    assert (vm.account, vm.rows) == (None, None)
    desk.wallet.borrow(bytes(desk.world.account("provider")._key))
    await read(vm)
    assert vm.account.mor == 0


async def test_permissions_are_listed(desk, vm):
    prepared = await desk.funds.prepare_approve(2 * MOR)
    await desk.funds.connection.transactions.send(prepared)
    vm.refresh()
    await until(lambda: vm.permissions)
    assert [(p.spender, p.amount) for p in vm.permissions] == [
        (desk.world.network.diamond, 2 * MOR)
    ]
    assert vm.name_of(desk.world.network.diamond) == "the marketplace"
    assert vm.name_of(desk.funds.address) == "yourself"


async def test_a_watched_wallet_says_why_it_cannot_send(tmp_path, qapp):
    async with wallet_desk(tmp_path, borrow=False) as desk:
        await desk.wallet.watch(desk.world.account("user").address)
        vm = WalletViewModel(desk.money)
        await read(vm)
        assert vm.account.mor == FUNDED
        assert vm.cannot_sign.startswith("This wallet is only watched")
        await vm.close()


async def test_it_reads_again_while_somebody_looks(desk, vm):
    vm.watch(on=True)
    vm.watch(on=True)
    await until(lambda: vm.account is not None)
    vm.watch(on=False)
    await until(lambda: not vm._tasks.running("watch"))
