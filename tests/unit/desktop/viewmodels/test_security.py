"""What the security settings show and do."""

import pytest

from morpheus_desktop.viewmodels.security import Held, SecurityViewModel
from router.errors import WrongPassword
from router.units import WEI
from tests.support.money_desk import FIRST, PASSWORD, PHRASE
from tests.support.waiting import until


@pytest.fixture
async def vm(money_bench):
    made = SecurityViewModel(money_bench.money, money_bench.settings)
    yield made
    await made.close()


async def test_each_kind_of_wallet_says_what_cannot_be_done(vm, money_bench):
    assert vm.reason == "There is no wallet yet."
    assert not vm.can_erase
    money_bench.wallet.borrow(b"\x01" * 32)
    assert "demo wallet" in vm.reason
    assert not vm.can_erase
    await money_bench.wallet.watch(FIRST)
    assert "only watched" in vm.reason
    assert vm.can_erase
    await vm.erase("", "erase")
    await money_bench.wallet.import_key("11" * 32, PASSWORD)
    assert vm.reason == ""
    assert "no recovery phrase" in vm.phrase_reason


async def test_what_needs_the_password(vm, money_bench):
    said = []
    vm.said.connect(said.append)
    await money_bench.wallet.create(PHRASE, PASSWORD)
    assert await vm.phrase(PASSWORD) == tuple(PHRASE.split())
    assert (await vm.key(PASSWORD)).startswith("0x")
    with pytest.raises(WrongPassword):
        await vm.key("wrong password")
    await vm.change_password(PASSWORD, "another horse")
    with pytest.raises(WrongPassword):
        await vm.key(PASSWORD)
    await vm.erase("another horse", "Erase")
    assert money_bench.wallet.state.kind == "none"
    assert said == ["The password was changed", "The wallet was removed from this computer"]


async def test_wrong_passwords_make_one_wait(vm, money_bench):
    await money_bench.wallet.create(PHRASE, PASSWORD)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await vm.key("wrong password")
    assert vm.wait_s == 30
    with pytest.raises(WrongPassword):
        await vm.key(PASSWORD)
    money_bench.now += 30
    assert vm.wait_s == 0
    await vm.key(PASSWORD)


async def test_the_idle_time_is_kept(vm, money_bench):
    vm.set_lock_after(60)
    assert money_bench.settings.current.wallet.lock_after_s == 60
    assert vm.lock_after_s == 60


async def test_what_is_held(vm, money_bench):
    money_bench.funds.in_sessions, money_bench.funds.on_hold = 3 * WEI, WEI
    assert (await vm.held()).total == 4 * WEI
    money_bench.funds.problem = "No node answered."
    assert await vm.held() == Held(problem="No node answered.")


async def test_the_keychain_is_looked_for_and_used(vm, money_bench):
    await money_bench.wallet.create(PHRASE, PASSWORD)
    assert vm.keychain_reason == "The keychain of the system is looked for."
    vm.look_for_keychain()
    await until(lambda: vm.keychain)
    assert vm.keychain_reason == ""
    await vm.remember(PASSWORD)
    assert money_bench.wallet.state.in_keychain
    assert PASSWORD not in str(money_bench.keychain.kept)
    money_bench.wallet.lock()
    await money_bench.wallet.unlock_with_keychain()
    vm.forget_keychain()
    await until(lambda: not money_bench.wallet.state.in_keychain)
    assert money_bench.keychain.kept == {}


async def test_a_keychain_that_cannot_be_used_says_why(vm, money_bench):
    await money_bench.wallet.create(PHRASE, PASSWORD)
    money_bench.keychain.reason = "There is no keychain here that keeps secrets safely."
    vm.look_for_keychain()
    await until(lambda: vm.keychain)
    assert vm.keychain_reason == money_bench.keychain.reason
