"""What is on hold and what can be claimed, and whether the app claims by itself."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import local_time, places
from morpheus_desktop.viewmodels.staking import StakingViewModel
from morpheus_desktop.widgets.basic import Chip, label, rule
from morpheus_desktop.widgets.switch import Switch
from morpheus_desktop.widgets.tip import set_tip

WIDTH = 300
WHY = (
    "The contract keeps what was used on the last day of a session until midnight UTC. It is "
    "yours all the time; after midnight it only has to be claimed."
)


class HeldCard(QFrame):
    """Two sums with their times, and a switch."""

    def __init__(self, vm: StakingViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("card")
        self._vm, self._amounts = vm, amounts
        self._claimable = label("", "mono")
        self._held = label("", "mono")
        self._until = label("", "small", "text-3", wrap=True)
        self._chip = Chip(theme, "Claimable now", "violet", "check")
        self._switch = Switch(theme, "Claim for me")
        self._switch_words = label("", "small", "text-2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(10)
        column.addWidget(label("On hold and claimable", "lead"))
        column.addWidget(rule())
        first = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._claimable)
        words.addWidget(label("can be claimed now", "small", "text-3"))
        first.addLayout(words, 1)
        first.addWidget(self._chip)
        column.addLayout(first)
        column.addWidget(rule())
        held = QVBoxLayout()
        held.setSpacing(0)
        held.addWidget(self._held)
        held.addWidget(self._until)
        column.addLayout(held)
        column.addWidget(label(WHY, "small", "text-3", wrap=True))
        column.addStretch()
        column.addWidget(rule())
        last = QHBoxLayout()
        last.addWidget(self._switch_words, 1)
        last.addWidget(self._switch)
        column.addLayout(last)
        self._switch.clicked.connect(vm.set_auto_claim)
        self._theme = theme
        theme.changed.connect(self._measure)
        self._measure()

    def show_held(self) -> None:
        """Show the sums as they were read last."""
        vm, account = self._vm, self._vm.account
        claimable = account.claimable if account is not None else None
        for words, place in zip((self._held, self._claimable), places(account)[2:], strict=True):
            words.setText(
                self._amounts.text(place.wei, "MOR")
                if place.shown is None
                else self._amounts.exact(place.shown, "MOR")
            )
            set_tip(words, self._amounts.tip(place.wei, "MOR"))
        if vm.released_at and account is not None:
            left = max(vm.released_at - account.timestamp - int(vm.age_s), 0)
            when = fmt.moment(local_time(vm.released_at), local_time(account.timestamp))
            self._until.setText(f"on hold, claimable {when}, in {fmt.duration(left)}")
        else:
            self._until.setText("on hold")
        self._chip.setVisible(bool(claimable))
        self._switch.show_state(on=vm.auto_claim)
        self._switch_words.setText(
            f"Claim for me, at a network price of up to {vm.claim_cap}\u00a0gwei"
        )

    def _measure(self) -> None:
        self.setMinimumWidth(self._theme.px(WIDTH))
