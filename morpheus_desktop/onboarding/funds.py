"""What a first session needs, compared with what is there; it ticks itself."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.onboarding.step import Step
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.onboarding import OFFLINE, OnboardingViewModel
from morpheus_desktop.widgets.basic import Chip, Picture, Tone, button, card, label, rule

AGAIN_MS = 15_000


class FundsStep(Step):
    """The address, and a checklist of MOR and ETH."""

    next_text = "Done"

    def __init__(self, vm: OnboardingViewModel, theme: Theme) -> None:
        super().__init__(
            vm,
            theme,
            "Add funds",
            "Send MOR and a little ETH to your address on the chosen network. You can do this "
            "later; chatting with a model on this computer needs neither.",
        )
        self._address = label("", "mono", wrap=True)
        self._chip = Chip(theme, "")
        self._network = label("", "body", "text-2")
        self._mor = Need(theme, "MOR for a session of one hour")
        self._eth = Need(theme, "ETH for network fees")
        self._again = button(theme, "Read again", icon="refresh-cw")
        self._again.clicked.connect(vm.refresh)
        self._problem = label("", "small", "text-3", wrap=True)
        self.column.addWidget(self._address_card())
        self.column.addWidget(self._list_card())
        self._timer = QTimer(self, interval=AGAIN_MS)
        self._timer.timeout.connect(vm.refresh)

    def _address_card(self) -> QFrame:
        frame, column = card()
        copy = button(self.theme, "Copy address", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.vm.address))
        head = QHBoxLayout()
        head.addWidget(label("Your address", "lead"))
        head.addWidget(self._chip)
        head.addStretch()
        head.addWidget(copy)
        column.addLayout(head)
        column.addWidget(self._address)
        column.addWidget(self._network)
        return frame

    def _list_card(self) -> QFrame:
        frame, column = card()
        column.addWidget(self._mor)
        column.addWidget(rule())
        column.addWidget(self._eth)
        column.addWidget(rule())
        foot = QHBoxLayout()
        foot.addWidget(self._problem, 1)
        foot.addWidget(self._again)
        column.addLayout(foot)
        return frame

    def refresh(self) -> None:
        """Tick what is there."""
        super().refresh()
        vm, funding = self.vm, self.vm.funding
        network = vm.network
        self._address.setText(fmt.full_address(vm.address) if vm.address else "")
        self._network.setText(f"On {network.title}, chain {network.chain_id}")
        self._chip.setVisible(not network.is_real)
        tone: Tone = "warn"
        self._chip.set(network.money.split(",")[0], tone)
        cost = funding.cost
        known = cost is not None
        self._mor.show_need(cost.mor if cost else None, funding.mor, funding.missing_mor, "MOR")
        self._eth.show_need(cost.eth if cost else None, funding.eth, funding.missing_eth, "ETH")
        there = known and not funding.missing_mor and not funding.missing_eth
        about = "The stake comes back when the session ends." if there or known else OFFLINE
        self._problem.setText(f"{OFFLINE}. {funding.problem}" if funding.problem else about)

    def first(self) -> QWidget | None:
        """What reads again."""
        return self._again

    def showEvent(self, event: QShowEvent) -> None:
        """Look by itself while it is in sight."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """And no longer."""
        super().hideEvent(event)
        self._timer.stop()


class Need(QWidget):
    """One line of the checklist."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._picture = Picture(theme, "circle", 18, "text-3")
        self._text = label("", "small", "text-3", wrap=True)
        self._amount = label("", "mono")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(title))
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        row.addWidget(self._picture)
        row.addLayout(words, 1)
        row.addWidget(self._amount)
        self.ticked = False

    def show_need(self, need: int | None, has: int | None, missing: int, unit: str) -> None:
        """Say what is needed, what is there, and exactly what is missing."""
        if need is None or has is None:
            self.ticked = False
            self._picture.set("clock", "text-3")
            self._text.setText("Not known yet")
            self._amount.setText(fmt.UNKNOWN)
            return
        self.ticked = not missing
        self._picture.set(*(("circle-check", "accent-text") if self.ticked else ("circle", "warn")))
        self._amount.setText(fmt.amount(need, unit, up=True))
        have = f"You have {fmt.amount(has, unit)}"
        more = f". You need {fmt.amount(missing, unit, up=True)} more" if missing else ""
        self._text.setText(have + more)
