"""The wallet page's figures and rows, over a real chain."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC

import pytest

from morpheus_desktop.viewmodels.places import places
from morpheus_desktop.viewmodels.wallet import STALE_S, WalletViewModel
from router.errors import ChainUnavailable
from tests.support.waiting import until
from tests.support.wallet_desk import FUNDED, WalletDesk, wallet_desk
from tests.support.world import MOR, START


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def vm(funded_desk: WalletDesk, qapp) -> AsyncIterator[WalletViewModel]:
    made = WalletViewModel(funded_desk.money, Clock())
    yield made
    await until(lambda: not made.reading)
    await made.close()


async def read(vm: WalletViewModel) -> None:
    vm.rows = None
    vm.refresh()
    await until(lambda: vm.rows is not None and not vm.reading)


async def test_before_the_first_answer_nothing_is_zero(vm):
    assert vm.account is None
    assert vm.released_at is None
    assert vm.cannot_sign == "The balances are not known yet."
    assert not vm.stale


async def test_the_buckets_add_up_at_one_block(funded_desk, vm):
    bid = await funded_desk.world.offer()
    await funded_desk.world.give("user", 100 * MOR)
    session = await funded_desk.world.open(bid, 5 * MOR, START + 4000)
    await funded_desk.world.close(session, START + 4500)
    await funded_desk.world.open(bid, 3 * MOR, START + 5000)
    await read(vm)
    account = vm.account
    assert account is not None
    found = [place.wei for place in places(account)]
    assert sum(found) == account.total
    assert found[1] == 3 * MOR
    assert found[2] > 0
    released = vm.released_at
    assert released is not None
    assert released.astimezone(UTC).strftime("%Y-%m-%d %H:%M") == "2026-01-17 00:00"


async def test_an_answer_that_stays_out_makes_the_figures_stale_and_keeps_them(funded_desk, vm):
    await read(vm)
    assert (vm.account.mor, vm.cannot_sign) == (FUNDED, "")

    async def silent(*_args):
        raise ChainUnavailable("No node answers.")

    funded_desk.funds.connection.market.account = silent
    vm._clock.now += STALE_S + 1
    vm.refresh()
    await until(lambda: vm.problem is not None)
    assert vm.stale
    assert vm.account.mor == FUNDED
    assert vm.cannot_sign == "The network has not answered for a while."


async def test_rows_come_by_themselves_and_are_filtered(funded_desk, vm):
    await read(vm)
    lena = funded_desk.world.account("lena").address
    funded_desk.funds.book.set(lena, "Lena")
    prepared = await funded_desk.funds.prepare_send("MOR", lena, MOR)
    await funded_desk.funds.connection.transactions.send(prepared)
    await until(lambda: [row.title for row in vm.rows][:1] in (["Sent to Lena"], ["Send to Lena"]))
    vm.set_filter("sent")
    assert [row.kind for row in vm.shown] == ["sent"]
    vm.search("nothing like it")
    assert vm.shown == []
    vm.search("")
    vm.set_filter("received")
    assert all(row.kind == "received" for row in vm.shown)


async def test_a_note_is_kept_beside_the_transaction(funded_desk, vm):
    lena = funded_desk.world.account("lena").address
    prepared = await funded_desk.funds.prepare_send("MOR", lena, MOR)
    record = await funded_desk.funds.connection.transactions.send(prepared)
    vm.label(record, " rent ")
    await until(lambda: vm.rows is not None and "rent" in [row.label for row in vm.rows])


async def test_logs_that_cannot_be_read_leave_the_rest(funded_desk, vm, monkeypatch):
    lena = funded_desk.world.account("lena").address
    prepared = await funded_desk.funds.prepare_send("MOR", lena, MOR)
    await funded_desk.funds.connection.transactions.send(prepared)

    async def silent():
        raise ChainUnavailable("No logs here.")

    monkeypatch.setattr(funded_desk.funds.history(), "update", silent)
    await read(vm)
    assert vm.activity_problem is not None
    assert [row.kind for row in vm.rows] == ["sent"]
    assert vm.account is not None


async def test_what_was_sent_from_here_is_there_before_the_logs(funded_desk, vm, monkeypatch):
    lena = funded_desk.world.account("lena").address
    prepared = await funded_desk.funds.prepare_send("MOR", lena, MOR)
    await funded_desk.funds.connection.transactions.send(prepared)
    held = asyncio.Event()
    update = funded_desk.funds.history().update

    async def slow():
        await held.wait()
        await update()

    monkeypatch.setattr(funded_desk.funds.history(), "update", slow)
    vm.refresh()
    await until(lambda: vm.rows is not None)
    assert [row.kind for row in vm.rows] == ["sent"]
    assert not vm.looked
    held.set()
    await until(lambda: not vm.reading)
    assert vm.looked
    assert len(vm.rows) > 1


async def test_another_account_takes_nothing_of_the_first(funded_desk, vm):
    await read(vm)
    funded_desk.wallet.give_back()
    assert (vm.account, vm.rows) == (None, None)
    funded_desk.wallet.borrow(bytes(funded_desk.world.account("provider")._key))
    await read(vm)
    assert vm.account.mor == 0


async def test_permissions_are_listed(funded_desk, vm):
    prepared = await funded_desk.funds.prepare_approve(2 * MOR)
    await funded_desk.funds.connection.transactions.send(prepared)
    vm.refresh()
    await until(lambda: vm.permissions)
    assert [(p.spender, p.amount) for p in vm.permissions] == [
        (funded_desk.world.network.diamond, 2 * MOR)
    ]
    assert vm.name_of(funded_desk.world.network.diamond) == "the marketplace"
    assert vm.name_of(funded_desk.funds.address) == "yourself"


async def test_a_watched_wallet_says_why_it_cannot_send(tmp_path, qapp):
    async with wallet_desk(tmp_path, borrow=False) as funded_desk:
        await funded_desk.wallet.watch(funded_desk.world.account("user").address)
        vm = WalletViewModel(funded_desk.money)
        await read(vm)
        assert vm.account.mor == FUNDED
        assert vm.cannot_sign.startswith("This wallet is only watched")
        await vm.close()


async def test_it_reads_again_while_somebody_looks(funded_desk, vm):
    vm.watch(on=True)
    vm.watch(on=True)
    await until(lambda: vm.account is not None)
    vm.watch(on=False)
    await until(lambda: not vm._tasks.running("watch"))
