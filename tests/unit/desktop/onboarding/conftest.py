"""A shown way to a wallet over a wallet file in a folder of the test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import qasync

from morpheus_desktop.panes.onboarding import OnboardingPane
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from tests.support.money_desk import MoneyBench
from tests.support.waiting import within


@dataclass
class Way:
    """What is looked at and what it stands on."""

    bench: MoneyBench
    vm: OnboardingViewModel
    pane: OnboardingPane

    loop: qasync.QEventLoop

    def go(self, name: str) -> Any:
        """Open a step; what stands before it need not have been done."""
        self.run(lambda: self.vm._go(name))
        return self.pane.step(name)

    def run(
        self, act: Callable[[], object], condition: Callable[[], object] = lambda: True
    ) -> None:
        """Do something with the loop running, until something is true."""
        within(self.loop, act, condition)


@pytest.fixture
def way(tmp_path, theme, qtbot, qloop) -> Iterator[Way]:
    bench = MoneyBench(tmp_path).open()
    vm = OnboardingViewModel(bench.money, bench.settings)
    pane = OnboardingPane(vm, theme)
    pane.resize(1280, 820)
    qtbot.addWidget(pane)
    with qtbot.waitExposed(pane):
        pane.show()
    pane.activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    vm.begin("create")
    yield Way(bench, vm, pane, qloop)
    qloop.run_until_complete(vm.close())
    qloop.run_until_complete(pane.close_steps())
    qloop.run_until_complete(bench.money.close())
