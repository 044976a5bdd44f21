"""The wallet page over a real chain in this process."""

from collections.abc import Iterator

import pytest

from morpheus_desktop.amounts import Amounts
from tests.support.wallet_desk import WalletDesk, wallet_desk
from tests.support.wallet_stage import Stage


@pytest.fixture
def desk(tmp_path, qloop) -> Iterator[WalletDesk]:
    made = wallet_desk(tmp_path)
    yield qloop.run_until_complete(made.__aenter__())
    qloop.run_until_complete(made.__aexit__(None, None, None))


@pytest.fixture
def amounts(prefs) -> Amounts:
    return Amounts(prefs)


@pytest.fixture
def stage(desk, theme, amounts, qloop, qtbot) -> Iterator[Stage]:
    made = Stage(desk, theme, amounts, qloop)
    qtbot.addWidget(made.over)
    with qtbot.waitExposed(made.over):
        made.over.show()
    made.over.activateWindow()
    made.run(made.ready())
    yield made
    made.run(made.flow.close())
    for error in made.errors:
        raise error
