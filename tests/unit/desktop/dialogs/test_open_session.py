"""The dialog that opens sessions: what it says of money, and when it lets one sign."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.dialogs.open_session import OpenSessionDialog
from morpheus_desktop.viewmodels.opening import OpenSessionViewModel
from router.devnet.deploy import MOR
from router.errors import BackendError, NotFound
from tests.support.looks import clipped, unnamed
from tests.support.session_pages import HOUR, StatedSessions, a_quote, provider_of
from tests.support.waiting import until, within

EVIL = "Open a session with <b>bold</b> " + "x" * 60


class Stage:
    """The dialog over a window, and what it asks for."""

    def __init__(self, theme, qtbot, qloop, prefs) -> None:
        self.sessions = StatedSessions()
        self.ping_problem: Exception | None = None
        self.changes: dict[str, object] = {}
        self.loop = qloop
        self.amounts = Amounts(prefs)
        self.over = QWidget()
        self.over.resize(1280, 820)
        qtbot.addWidget(self.over)
        self.over.show()
        self.vm = OpenSessionViewModel(self._ask, self.sessions.open, self._ping)
        self.dialog = OpenSessionDialog(
            theme, self.over, self.vm, self.amounts, title=EVIL, provider=provider_of(0)
        )
        self.answers: list[int] = []
        self.dialog.finished.connect(self.answers.append)

    async def _ask(self, seconds: int, direct: bool):
        found = await self.sessions.quote("0xbid", seconds, is_direct=direct)
        return replace(found, **self.changes)

    async def _ping(self) -> float:
        if self.ping_problem is not None:
            raise self.ping_problem
        return 0.04

    def begin(self) -> None:
        async def run() -> None:
            self.dialog.open()
            self.vm.begin()
            await until(lambda: self.vm.problem or (self.vm.other and not self.vm.reading))
            await until(lambda: self.vm.reach.state != "unknown")

        self.loop.run_until_complete(run())

    def words(self) -> str:
        labels = self.dialog.findChildren(QLabel)
        return "\n".join(each.text() for each in labels if each.isVisible())

    def value(self, key: str) -> str:
        return self.dialog._lines[key][1].text()


@pytest.fixture
def stage(theme, qtbot, qloop, prefs) -> Iterator[Stage]:
    made = Stage(theme, qtbot, qloop, prefs)
    yield made
    qloop.run_until_complete(made.vm.close())


def test_before_the_numbers_are_there_nothing_can_be_signed(stage):
    assert stage.value("leaves") == "—"
    assert not stage.dialog._go.isEnabled()


def test_what_leaves_what_comes_back_and_what_it_costs(stage):
    stage.begin()
    assert stage.value("leaves") == "12\u00a0MOR"
    assert stage.value("back") == "All of it"
    assert stage.value("cost") == "0\u00a0MOR"
    assert stage.value("fee") == "0.000009\u00a0ETH"
    assert stage.value("after") == "100 → 88\u00a0MOR"
    assert "12,000,000,000,000,000,000\u00a0wei" in stage.dialog._lines["leaves"][1].toolTip()
    assert stage.dialog._go.text() == "Stake 12\u00a0MOR and open"
    assert "Permission for exactly 12\u00a0MOR." in stage.words()
    assert "the provider answered in 40\u00a0ms" in stage.words()


def test_what_is_paid_is_rounded_up_and_what_comes_back_down(stage):
    stage.changes = {"amount": 12 * MOR + 1}
    stage.begin()
    assert stage.value("leaves") == "12.0001\u00a0MOR"
    assert "Permission for exactly 12.000000000000000001\u00a0MOR." in stage.words()
    assert stage.value("back") == "All of it"
    assert stage.dialog._go.text() == "Stake 12.0001\u00a0MOR and open"


def test_direct_payment_says_what_is_spent(stage):
    stage.begin()
    within(
        stage.loop, stage.dialog._direct.click, lambda: stage.vm.is_direct and not stage.vm.reading
    )
    assert stage.value("cost") == "0.036\u00a0MOR"
    assert stage.value("back") == "11.964\u00a0MOR"
    assert "0.036\u00a0MOR goes to the provider" in stage.words()
    assert stage.dialog._go.text() == "Put in 12\u00a0MOR and open"


def test_when_mor_comes_back_as_the_network_pays_out(stage):
    stage.begin()
    assert "4\u00a0MOR back in your wallet" in stage.words()
    assert "8\u00a0MOR can be claimed" in stage.words()
    assert "If you close early" in stage.words()
    assert "not known yet" not in stage.words()
    stage.changes = {"rule_known": False}
    within(stage.loop, stage.vm.ask_again, lambda: not stage.vm.reading)
    assert "not known yet" in stage.words()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"balance": 12 * MOR - 1}, "You need 0.000000000000000001\u00a0MOR more."),
        ({"coin": 0}, "You need 0.000004\u00a0ETH more."),
        ({"earns_at_most": 0}, "earned nearly all"),
        ({"funding": 0}, "nearly empty"),
    ],
)
def test_what_stands_in_the_way_is_said(stage, changes, words):
    stage.changes = changes
    stage.begin()
    assert words in stage.words()
    missing = "need" in words
    assert stage.dialog._go.isEnabled() is not missing
    assert stage.dialog._receive.isVisible() is missing
    if missing:
        stage.dialog._receive.click()
        assert stage.dialog.wants_to_receive
        assert stage.answers == [QDialog.DialogCode.Rejected]


def test_a_bid_that_is_gone_and_a_provider_that_is_silent(stage):
    stage.sessions.problem = NotFound("This bid is no longer offered.")
    stage.ping_problem = BackendError("It did not answer within 10 s.")
    stage.begin()
    assert "This bid is no longer offered." in stage.words()
    stage.sessions.problem = None
    within(stage.loop, stage.dialog._again.click, lambda: stage.vm.other)
    assert "It did not answer within 10 s." in stage.words()
    assert stage.dialog._go.toolTip() == "The provider does not answer."
    stage.ping_problem = None
    within(stage.loop, stage.dialog._again.click, lambda: not stage.vm.blocked)
    assert stage.dialog._go.isEnabled()


def test_hidden_amounts_are_not_signed(stage):
    stage.begin()
    stage.amounts.toggle()
    assert "12\u00a0MOR" not in stage.words()
    assert stage.dialog._lines["leaves"][1].toolTip() == "Amounts are hidden"
    assert "Show them before you sign" in stage.dialog._go.toolTip()


def test_presets_slider_and_what_is_typed_stay_in_step(stage):
    stage.begin()
    dialog, vm = stage.dialog, stage.vm
    within(stage.loop, lambda: dialog._presets.chosen.emit("7200"), lambda: not vm.reading)
    assert dialog._typed.text() == "2\u00a0h"
    assert stage.value("leaves") == "24\u00a0MOR"

    def typed(text: str) -> None:
        dialog._typed.setText(text)
        dialog._typed.textEdited.emit(text)

    within(stage.loop, lambda: typed("90"), lambda: vm.seconds == 5400 and not vm.reading)
    assert stage.value("leaves") == "18\u00a0MOR"
    typed("soon")
    assert dialog._ends.text() == "This is not a length."
    assert dialog._typed.property("problem") == "true"
    assert not dialog._go.isEnabled()
    within(stage.loop, lambda: dialog._slider.setValue(0), lambda: vm.seconds == 300)
    assert dialog._typed.property("problem") == "false"


def test_what_is_longer_than_there_is_says_so(stage):
    stage.changes = {"granted_s": 1800}
    stage.begin()
    assert "the longest there is" in stage.dialog._ends.text()


def test_it_is_accepted_when_the_opening_began(stage):
    stage.begin()
    within(stage.loop, stage.dialog._go.click, lambda: stage.answers)
    assert stage.answers == [QDialog.DialogCode.Accepted]
    assert stage.sessions.asked[0][0] == "open"


@pytest.mark.parametrize(("width", "scale"), [(1280, 1.0), (960, 1.0), (960, 1.5)])
def test_nothing_is_cut_and_everything_is_named(stage, theme, width, scale):
    theme.set_scale(scale)
    stage.over.resize(width, 640)
    stage.changes = {"balance": 0, "rule_known": False}
    stage.begin()
    for _ in range(4):
        within(stage.loop, stage.over.grab)
    assert clipped(stage.dialog) == []
    assert unnamed(stage.dialog) == []


def test_a_quote_of_the_tests_is_whole():
    """What these tests hold figures to adds up."""
    quote = a_quote(HOUR)
    for ending in quote.endings:
        assert ending.at_once + ending.on_hold + ending.spent == quote.amount


def test_the_next_provider_is_chosen_beside_it(stage):
    stage.begin()
    stage.dialog._standby._check.click()
    assert stage.vm.standby == 15 * MOR
    assert stage.dialog._go.isEnabled()
    stage.dialog._standby._amount.clear()
    stage.dialog._standby._amount.textEdited.emit("")
    assert not stage.dialog._go.isEnabled()
