"""The wallet page over a real chain in this process."""

from collections.abc import Iterator

import pytest

from morpheus_desktop.amounts import Amounts
from tests.support.wallet_desk import WalletDesk, wallet_desk


@pytest.fixture
def desk(tmp_path, qloop) -> Iterator[WalletDesk]:
    made = wallet_desk(tmp_path)
    yield qloop.run_until_complete(made.__aenter__())
    qloop.run_until_complete(made.__aexit__(None, None, None))


@pytest.fixture
def amounts(prefs) -> Amounts:
    return Amounts(prefs)
