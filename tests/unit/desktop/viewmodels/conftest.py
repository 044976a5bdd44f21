"""What the view-models of money start from."""

from collections.abc import AsyncIterator

import pytest

from morpheus_desktop.viewmodels.wallet import WalletViewModel
from tests.support.money_desk import MoneyBench
from tests.support.waiting import until
from tests.support.wallet_desk import WalletDesk, wallet_desk


@pytest.fixture
async def money_bench(tmp_path, qapp) -> AsyncIterator[MoneyBench]:
    """A money side without a chain and without a wallet."""
    made = MoneyBench(tmp_path).open()
    yield made
    await made.money.close()


@pytest.fixture
async def funded_desk(tmp_path) -> AsyncIterator[WalletDesk]:
    """A wallet on a real chain."""
    async with wallet_desk(tmp_path) as made:
        yield made


@pytest.fixture
async def wallet(funded_desk, qapp) -> AsyncIterator[WalletViewModel]:
    """The wallet page's view-model, which has read everything once."""
    made = WalletViewModel(funded_desk.money)
    made.refresh()
    await until(lambda: made.account and not made.reading)
    yield made
    await until(lambda: not made.reading)
    await made.close()
