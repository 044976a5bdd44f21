"""The way to a session: the quote, a locked wallet, the steps, and what is left."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.dialogs.open_session import OpenSessionDialog
from morpheus_desktop.dialogs.opening import OpeningDialog
from morpheus_desktop.dialogs.unlock import UnlockDialog
from morpheus_desktop.opening_flow import OpeningFlow
from morpheus_desktop.widgets.overlay import Overlay
from router.config import Settings
from router.errors import ProviderError
from router.units import WEI
from tests.support.session_pages import (
    HOUR,
    SessionPages,
    StatedWallet,
    a_bid,
    a_view,
    an_opening,
    id_of,
    provider_of,
)
from tests.support.waiting import until

SILENT = ProviderError("It did not answer.")


class Stage:
    """A window with the flow; what it tells is kept."""

    def __init__(self, theme, prefs, qloop, settings) -> None:
        self.settings = settings
        self.pages, self.wallet, self.loop = SessionPages(), StatedWallet(), qloop
        self.wallet.wait_s = 0.0
        self.over = QWidget()
        self.over.resize(1280, 820)
        self.told: list[object] = []
        self.flow = OpeningFlow(
            self.pages, self.wallet, settings, theme, Amounts(prefs), self.over, self.told.append
        )
        self.flow.opened.connect(lambda session: self.told.append(("opened", session)))
        self.flow.bids_asked.connect(lambda model: self.told.append(("bids", model)))
        self.flow.permission_left.connect(lambda: self.told.append("permission"))
        self.flow.receive_asked.connect(lambda: self.told.append("receive"))

    @property
    def sessions(self):
        return self.pages.sessions

    @property
    def provider(self):
        return self.sessions.market.providers[provider_of(0)]

    async def shown(self, kind: type):
        def found():
            return [d for d in self.over.findChildren(kind) if d.isVisible()]

        await until(found)
        assert len([d for d in self.over.findChildren(Overlay) if d.isVisible()]) == 1
        return found()[0]

    async def look(self) -> OpenSessionDialog:
        self.flow.open_bid(a_bid(0).id, self.provider, "Llama 3.3 70B")
        dialog = await self.shown(OpenSessionDialog)
        await until(lambda: not dialog._vm.blocked or dialog._vm.lacks_mor)
        return dialog

    async def gone(self) -> None:
        await until(lambda: not self.flow.turns.busy)


@pytest.fixture
def stage(theme, prefs, qloop, qtbot, tmp_path) -> Iterator[Stage]:
    made = Stage(theme, prefs, qloop, Settings(tmp_path / "settings.toml"))
    qtbot.addWidget(made.over)
    made.over.show()
    yield made
    qloop.run_until_complete(made.flow.close())


def test_from_the_quote_to_the_open_session(stage, qloop):
    async def run() -> None:
        (await stage.look())._go.click()
        await stage.shown(OpeningDialog)
        stage.sessions.step(replace(stage.sessions.openings[0], step="done", session_id=id_of(9)))
        await stage.gone()

    qloop.run_until_complete(run())
    assert stage.told == [("opened", id_of(9))]
    assert stage.sessions.quoted[0][:2] == (a_bid(0).id, HOUR)


def test_leaving_the_quote_opens_nothing(stage, qloop):
    async def run() -> None:
        dialog = await stage.look()
        dialog._vm.set_standby(15 * WEI)
        dialog._cancel.click()
        await stage.gone()

    qloop.run_until_complete(run())
    assert (stage.told, stage.sessions.asked) == ([], [])
    assert stage.settings.current.market.extra_stake == 0


def test_what_the_next_provider_may_take_is_kept_when_it_is_confirmed(stage, qloop):
    async def run() -> None:
        stage.wallet.become("locked")
        dialog = await stage.look()
        dialog._vm.set_standby(15 * WEI)
        dialog._go.click()
        unlock = await stage.shown(UnlockDialog)
        assert stage.settings.current.market.extra_stake == 0
        stage.wallet.become("unlocked")
        unlock.accept()
        (await stage.shown(OpeningDialog)).reject()
        await stage.gone()
        assert stage.settings.current.market.extra_stake == 15 * WEI
        assert (await stage.look())._vm.standby == 15 * WEI

    qloop.run_until_complete(run())


def test_a_limit_that_cannot_be_kept_opens_nothing(stage, qloop):
    """Otherwise the next provider would not be asked, though it was promised."""

    async def run() -> None:
        dialog = await stage.look()
        dialog._vm.set_standby(15 * WEI)
        stage.settings.path.mkdir()
        dialog._go.click()
        await until(lambda: dialog._vm.problem)
        dialog._cancel.click()
        await stage.gone()

    qloop.run_until_complete(run())
    assert stage.sessions.asked == []


def test_a_locked_wallet_is_unlocked_in_between(stage, qloop):
    async def run() -> None:
        stage.wallet.become("locked")
        (await stage.look())._go.click()
        (await stage.shown(UnlockDialog)).reject()
        dialog = await stage.shown(OpenSessionDialog)
        assert stage.sessions.asked == []
        dialog._go.click()
        unlock = await stage.shown(UnlockDialog)
        stage.wallet.become("unlocked")
        unlock.accept()
        (await stage.shown(OpeningDialog)).reject()
        await stage.gone()

    qloop.run_until_complete(run())
    assert [what for what, _ in stage.sessions.asked] == ["open"]


def test_the_steps_can_be_left_and_looked_at_again(stage, qloop):
    async def run() -> None:
        stage.sessions.openings = (an_opening("confirming", open_tx=2),)
        stage.flow.follow(1)
        (await stage.shown(OpeningDialog))._later.click()
        await stage.gone()
        assert stage.sessions.asked == []
        stage.flow.follow(1)
        (await stage.shown(OpeningDialog)).reject()
        await stage.gone()

    qloop.run_until_complete(run())
    assert stage.told == []


def test_an_opening_that_is_over_says_so(stage, qloop):
    async def run() -> None:
        stage.flow.follow(77)
        await stage.gone()

    qloop.run_until_complete(run())
    assert "over" in str(stage.told[0])


@pytest.mark.parametrize(
    ("button", "permission_tx", "told"),
    [
        ("_give_up", 0, []),
        ("_give_up", 5, ["permission"]),
        ("_other", 5, [("bids", an_opening().quote.model.id)]),
    ],
)
def test_what_failed_can_be_given_up(stage, qloop, button, permission_tx, told):
    async def run() -> None:
        failed = an_opening(
            "failed", failed_at="provider", error=SILENT, permission_tx=permission_tx
        )
        stage.sessions.openings = (failed,)
        stage.flow.follow(1)
        getattr(await stage.shown(OpeningDialog), button).click()
        await stage.gone()

    qloop.run_until_complete(run())
    assert stage.sessions.asked == [("give_up", 1)]
    assert stage.told == told


def test_what_is_missing_can_be_received(stage, qloop):
    async def run() -> None:
        stage.sessions.balance = 0
        (await stage.look())._receive.click()
        await stage.gone()

    qloop.run_until_complete(run())
    assert stage.told == ["receive"]


def test_a_session_is_extended_by_the_next_one_of_its_provider(stage, qloop):
    async def run() -> None:
        stage.flow.extend(a_view(left=300))
        dialog = await stage.shown(OpenSessionDialog)
        await until(lambda: not dialog._vm.blocked)
        text = "\n".join(label.text() for label in dialog.findChildren(QLabel))
        assert "A session cannot be made longer." in text
        dialog._cancel.click()
        await stage.gone()

    qloop.run_until_complete(run())
    # As long as the other still runs, and as long again as that was.
    assert stage.sessions.quoted[0][:2] == (a_view().session.bid_id, 2 * HOUR + 300)
    # By what the provider asks now, which may be another bid.
    assert set(stage.sessions.extended) == {a_view().id}


def test_a_provider_that_is_gone_extends_nothing(stage, qloop):
    async def run() -> None:
        stage.flow.extend(a_view(provider="0x" + "99" * 20))
        await stage.gone()

    qloop.run_until_complete(run())
    assert "is gone" in str(stage.told[0])
