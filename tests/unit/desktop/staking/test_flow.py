"""What the buttons of the staking page lead to."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QWidget

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.dialogs.unlock import UnlockDialog
from morpheus_desktop.staking.flow import StakingFlow
from router.config import Settings
from tests.support.session_pages import DAY, SessionPages, StatedDemo, StatedWallet, a_view
from tests.support.waiting import until, within


class Stage:
    def __init__(self, folder, theme, prefs, qloop) -> None:
        self.pages, self.wallet = SessionPages(demo=StatedDemo()), StatedWallet()
        self.said: list[object] = []
        self.saved: list[str] = []
        self.over, self.loop = QWidget(), qloop
        self.over.resize(1280, 820)
        self.flow = StakingFlow(
            self.pages, self.wallet, Settings(folder / "settings.toml"), theme, Amounts(prefs),
            self.over, say=self.said.append, report=self.said.append, link=self.said.append,
            save=lambda _title, _name, text: self.saved.append(text),
        )  # fmt: skip


@pytest.fixture
def stage(tmp_path, theme, prefs, qloop, qtbot) -> Iterator[Stage]:
    made = Stage(tmp_path, theme, prefs, qloop)
    for widget in (made.over, made.flow.body):
        qtbot.addWidget(widget)
    made.over.show()
    yield made
    qloop.run_until_complete(made.flow.close())


def test_a_session_is_closed_and_that_is_said(stage):
    view, vm = a_view(), stage.flow.vm
    stage.pages.sessions.show(view)
    within(stage.loop, lambda: vm.expand(view.id), lambda: vm.closing)
    within(stage.loop, stage.flow.body.close_asked.emit, lambda: stage.said and not vm.sending)
    assert [each.text for each in stage.said] == ["The session is being closed"]
    assert stage.pages.sessions.asked == [("close", view.id)]


@pytest.mark.parametrize(
    ("phase", "words"),
    [("closed", "The session is closed"), ("open", "The session is not closed: ")],
)
def test_what_was_said_of_a_closing_changes_with_its_end(stage, phase, words):
    view, vm = a_view(), stage.flow.vm
    sessions = stage.pages.sessions
    sessions.show(view)
    within(stage.loop, lambda: vm.expand(view.id), lambda: vm.closing)
    within(stage.loop, stage.flow.body.close_asked.emit, lambda: stage.said and not vm.sending)
    sessions.show(replace(view, phase="closing"))
    assert len(stage.said) == 1
    sessions.show(replace(view, phase=phase))
    sessions.show(replace(view, phase=phase))
    first, second = stage.said
    assert second.text.startswith(words)
    assert first.topic == second.topic == f"close {view.id}"


def test_all_sessions_can_be_saved(stage):
    stage.pages.sessions.show(a_view())
    stage.flow.body.export_asked.emit()
    assert a_view().id in stage.saved[0]


def test_a_day_passes_on_the_demo_network_only(stage):
    assert stage.flow.on_demo
    within(stage.loop, stage.flow.body.skip_asked.emit, lambda: stage.said)
    assert stage.pages.demo.skipped == [DAY]
    stage.pages.demo = None
    assert not stage.flow.on_demo
    within(stage.loop, stage.flow.skip_day, lambda: len(stage.said) == 2)
    assert "demo network only" in stage.said[1]


def test_what_needs_the_wallet_asks_for_its_password(stage):
    stage.wallet.wait_s = 0.0

    async def run() -> None:
        stage.flow.body.unlock_asked.emit()
        await until(lambda: stage.over.findChildren(UnlockDialog))
        stage.over.findChildren(UnlockDialog)[0].reject()
        await until(lambda: not stage.flow.turns.busy)

    stage.loop.run_until_complete(run())
