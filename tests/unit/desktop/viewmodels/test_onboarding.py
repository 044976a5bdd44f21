"""The way to a wallet: steps, what keeps one from going on, and what comes of it."""

import asyncio

import pytest

from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from router.errors import NotReady
from router.units import WEI
from router.wallet import keystore
from tests.support.money_desk import FIRST, PASSWORD, PHRASE, MoneyBench
from tests.support.waiting import until


@pytest.fixture
async def vm(money_bench):
    made = OnboardingViewModel(money_bench.money, money_bench.settings)
    yield made
    await made.close()


def fill_password(vm):
    vm.set(password=PASSWORD, repeated=PASSWORD)


def to_the_check(vm):
    """From the password on."""
    fill_password(vm)
    vm.forward()
    vm.set(seen=True)
    vm.forward()


def fill_words(vm):
    for place in vm.draft.asked:
        vm.set_word(place, vm.draft.words[place])


async def test_create_from_the_password_to_the_funds(vm, money_bench):
    money_bench.funds.problem = "No node answered."
    vm.begin("create")
    assert vm.steps == ("password", "words", "check", "network", "funds")
    vm.forward()
    assert vm.step == "password"  # the rules hold for whoever asks
    fill_password(vm)
    vm.forward()
    vm.forward()
    assert vm.step == "words"
    assert vm.problem == "Show the words and write them down first."
    vm.set(seen=True)
    vm.forward()
    vm.forward()
    assert vm.step == "check"
    assert vm.problem == "3 of the words are missing or wrong."
    fill_words(vm)
    phrase = " ".join(vm.draft.words)
    assert vm.makes
    vm.forward()
    assert vm.busy
    await until(lambda: vm.step == "network")
    assert (vm.made, vm.busy) == (True, False)
    assert money_bench.wallet.state.kind == "unlocked"
    assert await money_bench.wallet.reveal_phrase(PASSWORD) == phrase
    vm.choose("base-sepolia")
    assert money_bench.settings.current.network == "base-sepolia"
    vm.forward()
    await until(lambda: vm.funding.problem)
    told = []
    vm.finished.connect(lambda: told.append(1))
    vm.forward()
    assert told == [1]


async def test_going_back_loses_nothing(vm):
    vm.begin("create")
    fill_password(vm)
    vm.forward()
    words = vm.draft.words
    vm.set(seen=True)
    vm.forward()
    vm.set_word(vm.draft.asked[0], "half")
    vm.back()
    vm.back()
    assert vm.step == "password"
    assert vm.draft.password == PASSWORD
    vm.forward()
    vm.forward()
    assert vm.draft.words == words
    assert vm.draft.typed[vm.draft.asked[0]] == "half"


def to_the_last_word(vm):
    vm.begin("create")
    to_the_check(vm)
    fill_words(vm)


async def test_once_it_is_made_nothing_typed_is_kept_and_there_is_no_way_back(vm):
    told = []
    vm.forgotten.connect(lambda: told.append(vm.draft.password))
    vm.begin("create")
    vm.set_count(24)
    to_the_check(vm)
    fill_words(vm)
    vm.forward()
    await until(lambda: vm.step == "network")
    assert (vm.draft.words, vm.draft.password, vm.draft.typed) == ((), "", {})
    assert told == [""]
    assert vm.title("words") == "Write down 24 words"
    assert not vm.can_go_back
    vm.back()
    assert vm.step == "network"
    vm.forward()
    vm.back()
    assert vm.step == "network"


async def test_another_work_that_fails_leaves_it_busy(vm, money_bench, monkeypatch):
    vm.begin("import")
    vm.set(phrase=PHRASE)
    vm.forward()
    await until(lambda: vm.accounts)
    go_on, create = asyncio.Event(), money_bench.wallet.create

    async def slowly(*args, **more):
        await go_on.wait()
        return await create(*args, **more)

    monkeypatch.setattr(money_bench.wallet, "create", slowly)
    money_bench.funds.problem = "No node answered."
    vm.forward()
    fill_password(vm)
    vm.forward()
    vm.look_up_balances()
    await until(lambda: vm.error)
    assert vm.busy
    go_on.set()
    await until(lambda: vm.made)


async def test_left_while_it_is_made_it_is_made_to_the_end_and_then_forgotten(vm, money_bench):
    to_the_last_word(vm)
    vm.forward()
    vm.forget()
    assert vm.busy
    await until(lambda: not vm.busy)
    assert money_bench.wallet.state.kind == "unlocked"
    assert (vm.draft.words, vm.draft.password) == ((), "")
    assert vm.step == "password"


async def test_whoever_comes_back_while_it_is_made_goes_on_behind_it(vm, money_bench):
    to_the_last_word(vm)
    vm.forward()
    vm.forget()
    vm.begin("import")
    assert (vm.busy, vm.draft.way) == (True, "create")
    await until(lambda: vm.step == "network")


async def test_left_while_it_is_made_a_failure_is_told_elsewhere(vm, money_bench):
    told = []
    vm.failed.connect(told.append)
    folder = money_bench.paths.wallet
    folder.rmdir()
    folder.write_text("a file is in the way")
    to_the_last_word(vm)
    vm.forward()
    vm.forget()
    await until(lambda: told)
    assert str(folder) in told[0].message
    assert (vm.draft.words, vm.draft.password) == ((), "")


@pytest.mark.parametrize(
    ("name", "path"),
    [("standard", "m/44'/60'/0'/0/2"), ("ledger_live", "m/44'/60'/2'/0/0")],
)
async def test_what_was_previewed_is_what_is_kept(vm, money_bench, name, path):
    vm.begin("import")
    vm.set(phrase=PHRASE.upper().replace(" ", "  "), passphrase="more", template=name)
    assert vm.steps == ("source", "accounts", "password", "network", "funds")
    vm.forward()
    assert vm.step == "accounts"
    await until(lambda: vm.accounts)
    assert len(vm.accounts) == 20
    assert len({account.address for account in vm.accounts}) == 20
    vm.set(index=2)
    assert vm.accounts[2].path == path
    address = vm.accounts[2].address
    vm.forward()
    fill_password(vm)
    vm.forward()
    await until(lambda: vm.made)
    assert money_bench.wallet.state.address == address
    assert vm.accounts == ()
    assert money_bench.wallet.state.path == path


async def test_a_path_of_ones_own_shows_one_account(vm):
    vm.begin("import")
    vm.set(phrase=PHRASE, template="custom", path="m/44'/60'/0'/0/0")
    vm.forward()
    await until(lambda: vm.accounts)
    assert [account.address for account in vm.accounts] == [FIRST]
    vm.set(path="m/44'/60'/x")
    assert "not a derivation path" in vm.problem


async def test_balances_are_asked_for_in_one_request_and_only_when_wanted(vm, money_bench):
    vm.begin("import")
    vm.set(phrase=PHRASE)
    vm.forward()
    await until(lambda: vm.accounts)
    assert money_bench.funds.asked == []
    vm.look_up_balances()
    await until(lambda: vm.accounts[3].balance)
    assert [len(asked) for asked in money_bench.funds.asked] == [20]
    assert vm.accounts[3].balance.mor == 3 * WEI
    money_bench.funds.problem = "No node answered."
    vm.look_up_balances()
    await until(lambda: vm.error)
    assert vm.error.message == "No node answered."
    assert len(vm.accounts) == 20


async def test_import_of_a_key(vm, money_bench):
    vm.begin("import")
    vm.set_source("key")
    assert vm.steps == ("source", "password", "network", "funds")
    vm.set(key="0x" + "11" * 32)
    vm.forward()
    fill_password(vm)
    vm.forward()
    await until(lambda: vm.made)
    assert await money_bench.wallet.export_key(PASSWORD) == "0x" + "11" * 32


async def test_import_of_a_key_file_and_its_wrong_password(vm, money_bench, monkeypatch):
    monkeypatch.setattr(keystore, "WRITTEN_N", 2)
    vm.begin("import")
    vm.set_source("file")
    vm.set(file=keystore.write(b"\x11" * 32, "other"), file_password="wrong")
    vm.forward()
    fill_password(vm)
    vm.forward()
    await until(lambda: vm.error)
    assert "password of the key file" in vm.error.message
    assert (vm.made, vm.busy, vm.step) == (False, False, "password")
    vm.set(file_password="other")
    assert vm.error is None
    vm.forward()
    await until(lambda: vm.made)
    assert money_bench.wallet.state.kind == "unlocked"


async def test_watching_needs_no_password(vm, money_bench):
    vm.begin("import")
    vm.set_source("watch")
    assert vm.steps == ("source", "network", "funds")
    vm.set(address=FIRST)
    assert vm.makes
    vm.forward()
    await until(lambda: vm.step == "network")
    assert (money_bench.wallet.state.kind, vm.address) == ("watch", FIRST)


async def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_lost(vm, money_bench):
    folder = money_bench.paths.wallet
    folder.rmdir()
    folder.write_text("a file is in the way")
    vm.begin("create")
    to_the_check(vm)
    fill_words(vm)
    words = vm.draft.words
    vm.forward()
    await until(lambda: vm.error)
    assert str(folder) in vm.error.message
    assert (vm.step, vm.draft.words, vm.draft.right_words) == ("check", words, 3)
    folder.unlink()
    folder.mkdir()
    vm.forward()
    await until(lambda: vm.made)


async def test_the_checklist_names_what_is_missing_and_ticks_after_a_refresh(vm, money_bench):
    vm.begin("create")
    money_bench.funds.mor = 2 * WEI
    vm.refresh()
    await until(lambda: vm.funding.cost)
    assert vm.funding.missing_mor == 10 * WEI
    assert vm.funding.missing_eth == WEI // 1000
    money_bench.funds.mor, money_bench.funds.eth = 12 * WEI, WEI
    vm.refresh()
    await until(lambda: vm.funding.missing_mor == 0)
    assert vm.funding.missing_eth == 0


async def test_what_nobody_expected_is_told(vm, money_bench, monkeypatch):
    told = []
    vm.failed.connect(told.append)

    async def break_it(*_args, **_more):
        raise RuntimeError("bug")

    monkeypatch.setattr(money_bench.wallet, "watch", break_it)
    vm.begin("import")
    vm.set_source("watch")
    vm.set(address=FIRST)
    vm.forward()
    await until(lambda: told)
    assert not vm.busy


async def test_before_the_wallet_is_loaded_it_says_so(tmp_path, qapp):
    money_bench = MoneyBench(tmp_path)
    vm = OnboardingViewModel(money_bench.money, money_bench.settings)
    vm.begin("import")
    vm.set_source("watch")
    vm.set(address=FIRST)
    vm.forward()
    await until(lambda: vm.error)
    assert isinstance(vm.error, NotReady)
    await vm.close()


async def test_closing_forgets_what_was_typed(vm):
    vm.begin("create")
    fill_password(vm)
    vm.forget()
    assert vm.draft.words == ()
    assert vm.draft.password == ""
