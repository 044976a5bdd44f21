"""Setting up a wallet: steps at the left, the open one in the middle, Back and Next below."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.onboarding.accounts import AccountsStep
from morpheus_desktop.onboarding.check import CheckStep
from morpheus_desktop.onboarding.funds import FundsStep
from morpheus_desktop.onboarding.network import NetworkStep
from morpheus_desktop.onboarding.password import PasswordStep
from morpheus_desktop.onboarding.rail import StepRail
from morpheus_desktop.onboarding.source import SourceStep
from morpheus_desktop.onboarding.step import Step
from morpheus_desktop.onboarding.words import WordsStep
from morpheus_desktop.secret_clipboard import SecretClipboard
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from morpheus_desktop.widgets.basic import button, label, rule

CONTENT_WIDTH = 760
RAIL_FROM = 900
FOOT = 64
NOT_YET = "The wallet is not created until this is done. Leaving forgets what you typed."
MADE = "The wallet is made. You can leave at any time."


class OnboardingPane(QWidget):
    """The whole way; its fields forget what was typed when the view-model does.

    Signals:
        left: Back on the first step, or the cross.
    """

    left = Signal()

    def __init__(self, vm: OnboardingViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        self._vm = vm
        self._theme = theme
        self._clipboard = SecretClipboard(self)
        self._makers: dict[str, Callable[[], Step]] = {
            "password": lambda: PasswordStep(vm, theme),
            "words": lambda: WordsStep(vm, theme, self._clipboard),
            "check": lambda: CheckStep(vm, theme),
            "source": lambda: SourceStep(vm, theme),
            "accounts": lambda: AccountsStep(vm, theme),
            "network": lambda: NetworkStep(vm, theme),
            "funds": lambda: FundsStep(vm, theme),
        }
        self._steps: dict[str, Step] = {}
        self._pages: dict[str, Scrolling] = {}
        self._rail = StepRail(theme)
        self._where = label("", "small", "text-3")
        self._stack = QStackedWidget()
        self._back = button(theme, "Back", "ghost", icon="chevron-left")
        self._back.clicked.connect(self._go_back)
        self._progress = label("", "small", "text-3")
        self._next = button(theme, "Next", "primary")
        self._next.clicked.connect(vm.forward)
        self._lay_out()
        vm.changed.connect(self._refresh)
        vm.step_changed.connect(self._open)
        vm.forgotten.connect(self._wipe)
        theme.changed.connect(self._measure)

    def step(self, name: str) -> Step:
        """A step, made when it is first asked for."""
        if name not in self._steps:
            self._steps[name] = self._makers[name]()
            self._pages[name] = Scrolling(self._steps[name], self._theme)
            self._stack.addWidget(self._pages[name])
        return self._steps[name]

    def _wipe(self) -> None:
        for step in self._steps.values():
            step.wipe()
        self._clipboard.clear()

    async def close_steps(self) -> None:
        """End what the steps do."""
        for step in self._steps.values():
            if isinstance(step, SourceStep):
                await step.end()

    def _lay_out(self) -> None:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.addWidget(self._back)
        row.addStretch()
        row.addWidget(self._progress)
        row.addSpacing(8)
        row.addWidget(self._next)
        self._foot, self._foot_row = foot, row
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._where)
        column.addWidget(self._stack, 1)
        column.addWidget(rule())
        column.addWidget(foot)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._rail)
        whole.addLayout(column, 1)
        self._measure()

    def _open(self) -> None:
        step = self.step(self._vm.step)
        page = self._pages[self._vm.step]
        step.opened()
        self._stack.setCurrentWidget(page)
        page.verticalScrollBar().setValue(0)
        self._refresh()
        if (first := step.first()) is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refresh(self) -> None:
        vm = self._vm
        if vm.step not in self._steps:
            return
        step = self._steps[vm.step]
        step.refresh()
        titles = tuple(vm.title(name) for name in vm.steps)
        at = vm.steps.index(vm.step)
        self._rail.show_steps(vm.heading, titles, at, MADE if vm.made else NOT_YET)
        self._where.setText(f"Step {at + 1} of {len(titles)}: {titles[at]}")
        self._progress.setText(step.progress)
        making = {"create": "Create wallet", "import": "Import wallet"}[vm.draft.way]
        watching = vm.step == "source" and vm.draft.source == "watch"
        self._next.setText(making if vm.makes and not watching else step.next_text)
        self._next.set_reason(vm.problem)
        self._next.set_busy(busy=vm.busy)
        self._back.setEnabled(vm.can_go_back or not (vm.made or vm.busy))

    def _go_back(self) -> None:
        if self._vm.step == self._vm.steps[0]:
            self.left.emit()
        else:
            self._vm.back()

    def _measure(self) -> None:
        px = self._theme.px
        wide = self.width() >= px(RAIL_FROM)
        self._rail.setVisible(wide)
        self._where.setVisible(not wide)
        self._where.setContentsMargins(px(24), px(16), px(24), 0)
        self._foot.setFixedHeight(max(px(FOOT), 48))
        self._foot_row.setContentsMargins(px(24), 0, px(24), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """With the steps at the left, or without."""
        super().resizeEvent(event)
        self._measure()


class Scrolling(QScrollArea):
    """A step in the middle of the page, up to its greatest width; it scrolls where it is low."""

    def __init__(self, step: Step, theme: Theme) -> None:
        super().__init__()
        self._step = step
        self._theme = theme
        inside = QWidget()
        row = QHBoxLayout(inside)
        row.setContentsMargins(24, 24, 24, 24)
        row.addStretch()
        middle = QVBoxLayout()
        middle.addStretch(2)
        middle.addWidget(step)
        middle.addStretch(3)
        row.addLayout(middle, 100)
        row.addStretch()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setWidget(inside)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self._step.setMaximumWidth(self._theme.px(CONTENT_WIDTH))
