"""Wallet and network in few words."""

import pytest

from morpheus_desktop.viewmodels.account import AccountViewModel, AccountWords
from morpheus_desktop.viewmodels.status import block_fact
from router.errors import StorageError
from tests.support.money_desk import FIRST, PASSWORD, MoneyBench
from tests.support.waiting import until


@pytest.fixture
async def bench(tmp_path, qapp):
    made = MoneyBench(tmp_path)
    yield made
    await made.money.close()


@pytest.fixture
async def vm(bench):
    made = AccountViewModel(bench.money, bench.settings, lambda: bench.now)
    yield made
    await made.close()


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


async def test_before_and_without_a_wallet(vm, bench):
    assert vm.words == AccountWords("No wallet", "Local chat only")
    assert (vm.has_wallet, vm.phase, vm.latency_s) == (False, "off", None)
    bench.open()
    assert not vm.has_wallet


async def test_each_kind_of_wallet(vm, bench):
    bench.open()
    told = []
    vm.changed.connect(lambda: told.append(vm.words.title))
    bench.wallet.borrow(b"\x01" * 32)
    assert (vm.words.title, vm.has_wallet) == ("Demo wallet", False)
    await bench.wallet.import_key("11" * 32, PASSWORD)
    assert (vm.words.title, vm.has_wallet) == ("Main wallet", True)
    vm.lock()
    assert vm.words.locked
    assert vm.words.detail.endswith(", locked")
    await bench.wallet.erase(PASSWORD, "erase")
    await bench.wallet.watch(FIRST)
    assert vm.words == AccountWords("Watched wallet", "0x9858…da94", FIRST)
    assert "Demo wallet" in told


async def test_a_damaged_journal_is_told_of_when_it_is_opened(vm, bench):
    told = []
    vm.failed.connect(told.append)
    bench.open()
    bench.funds.journal_problem = StorageError("The list was damaged.")
    bench.connect(phase="starting")
    assert told == []
    bench.connect()
    assert told == [bench.funds.journal_problem]


async def test_the_newest_block_is_followed(vm, bench):
    bench.open()
    bench.funds.block_time = int(bench.now) - 2
    bench.connect(phase="starting")
    assert vm.phase == "connecting"
    assert block_fact(vm).text == "Connecting to Base"
    bench.connect()
    await until(lambda: vm.head)
    assert vm.phase == "on"
    assert plain(block_fact(vm).text) == "Block 31,204,118, 2 s ago"
    bench.now += 100
    assert block_fact(vm).tone == "warn"
    assert "or the clock of this computer is ahead" in block_fact(vm).tip
    bench.now -= 150
    assert block_fact(vm).tone == "good"
    bench.now -= 3600
    fact = block_fact(vm)
    assert (fact.tone, plain(fact.text)) == ("warn", "Block 31,204,118, clock is behind")
    assert "1 h 0 m later than the clock of this computer" in plain(fact.tip)
    bench.connect(phase="off")
    assert vm.head is None


async def test_the_demo_network_may_skip_days(vm, bench):
    vm.choose("demo")
    bench.open()
    bench.funds.block_time = int(bench.now) + 3 * 86_400
    bench.connect()
    await until(lambda: vm.head)
    fact = block_fact(vm)
    assert (fact.tone, fact.text) == ("good", "Block 31,204,118")


async def test_a_network_that_does_not_answer_is_told_and_asked_again(vm, bench):
    bench.open()
    bench.funds.problem = "No node answered."
    bench.connect()
    await until(lambda: vm.problem)
    assert vm.phase == "failed"
    fact = block_fact(vm)
    assert (fact.text, fact.retry) == ("Base is not reached", "chain")
    bench.funds.problem = ""
    vm.refresh()
    await until(lambda: vm.head)
    assert vm.phase == "on"


async def test_reading_again_tells_all_who_show_money(vm, bench):
    bench.open()
    bench.connect()
    told = []
    bench.funds.changed.subscribe(told.append)
    vm.refresh()
    assert told == [None]


@pytest.mark.parametrize(
    ("name", "chip"), [("base", ""), ("base-sepolia", "Test tokens"), ("demo", "Play money")]
)
async def test_money_that_is_not_real_has_a_chip(vm, bench, name, chip):
    vm.choose(name)
    assert (vm.network.name, vm.chip) == (name, chip)
