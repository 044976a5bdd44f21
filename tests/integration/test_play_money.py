"""The demo network, as the app starts it: who has play money there."""

import asyncio
from pathlib import Path

import pytest

from router.config import Settings
from router.errors import WalletError, WalletLocked
from router.funds import PLAY_ETH, PLAY_MOR
from router.money import Money
from router.paths import Paths

HANG_S = 60.0
PASSWORD = "correct horse"


async def test_after_the_wallet_was_erased_the_account_is_lent_again(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.prepare()
    money = Money(paths, Settings(paths.settings, {"network": "demo"}))
    await money.start()
    try:
        assert money.wallet is not None
        assert money.funds is not None
        lent = money.wallet.state
        await money.wallet.import_key("11" * 32, PASSWORD)
        heard: list[str] = []
        money.wallet.changed.subscribe(lambda state: heard.append(state.kind))
        await money.wallet.erase(PASSWORD, "erase")
        async with asyncio.timeout(HANG_S):
            while money.wallet.state != lent:
                await asyncio.sleep(0.01)
        assert heard[-2:] == ["none", "unlocked"]
        assert (await money.funds.account()).mor > 0
        money.wallet.give_back()  # asked for, and nothing was erased
        await asyncio.sleep(0)
        assert money.wallet.state.kind == "none"
    finally:
        await money.close()


async def test_a_wallet_in_place_of_a_damaged_file_locks_itself_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Until then nothing is lent: there is a wallet, only not one that opens."""
    paths = Paths(tmp_path)
    paths.prepare()
    (paths.wallet / "wallet.json").write_text("dear diary")
    money = Money(paths, Settings(paths.settings, {"network": "demo"}))
    await money.start()
    try:
        assert money.wallet is not None
        assert (money.wallet_part.state.phase, money.chain_part.state.phase) == ("failed", "ready")
        assert money.wallet.state.kind == "none"
        with pytest.raises(WalletError, match="damaged"):
            money.needed_wallet()
        await money.wallet.import_key("11" * 32, PASSWORD)
        async with asyncio.timeout(HANG_S):
            while money.wallet_part.state.phase != "ready":
                await asyncio.sleep(0)
        assert money.needed_wallet().state.kind == "unlocked"
        assert money._watching is not None
        assert not money._watching.done()
    finally:
        await money.close()


async def test_the_lent_account_has_some_and_a_wallet_of_ones_own_gets_some(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.prepare()
    money = Money(paths, Settings(paths.settings, {"network": "demo"}))
    await money.start()
    try:
        assert money.wallet is not None
        assert money.funds is not None
        assert money.wallet.state.borrowed
        lent = money.wallet.state.address
        assert (await money.funds.account()).mor > 0
        await money.wallet.import_key("11" * 32, PASSWORD)
        assert money.wallet.state.address != lent
        async with asyncio.timeout(HANG_S):
            while (await money.funds.account()).eth < PLAY_ETH:
                await asyncio.sleep(0.05)
        account = await money.funds.account()
        assert (account.mor, account.eth) == (PLAY_MOR, PLAY_ETH)
        await money.funds.give_play_money()  # not twice
        assert (await money.funds.account()).mor == PLAY_MOR
        (found,) = await money.funds.balances_of([money.wallet.state.address])
        assert (found.mor, found.eth) == (PLAY_MOR, PLAY_ETH)
    finally:
        await money.close()
    assert not money.funds.is_connected  # locking at the end connects to nothing


async def test_at_the_end_nothing_is_left_that_signs(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.prepare()
    money = Money(paths, Settings(paths.settings, {"network": "demo"}))
    await money.start()
    assert money.wallet is not None
    await money.wallet.import_key("11" * 32, PASSWORD)
    grant = money.wallet.grant("provider")
    money.wallet.lock()
    assert len(grant.sign_object(b"{}")) == 65
    await money.close()
    assert money.wallet.grants == ()
    with pytest.raises(WalletLocked):
        grant.sign_object(b"{}")
