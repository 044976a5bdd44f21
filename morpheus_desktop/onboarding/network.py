"""Which network the wallet is used on."""

from PySide6.QtWidgets import QWidget

from morpheus_desktop.onboarding.step import Step
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from morpheus_desktop.widgets.network_cards import NetworkCards
from router.networks import DEMO


class NetworkStep(Step):
    """One of five; it can be changed at any time."""

    def __init__(self, vm: OnboardingViewModel, theme: Theme) -> None:
        super().__init__(
            vm,
            theme,
            "Pick a network",
            "The same address works on all of them, with separate balances. You can switch at "
            "any time.",
        )
        self._networks = NetworkCards(theme, vm.networks)
        self._networks.chosen.connect(vm.choose)
        self.column.addWidget(self._networks)
        self._meaning = self.add_note("info", "", "")

    def refresh(self) -> None:
        """Mark the one in use and say what it means."""
        super().refresh()
        network = self.vm.network
        self._networks.choose(network.name)
        if network.is_real:
            title, text = "This is real money.", "Providers are paid in MOR, fees in ETH."
        elif network.name == DEMO:
            title, text = (
                "Everything stays on this computer.",
                "MOR and ETH here are play money and gone when the app ends.",
            )
        else:
            title, text = "These are test tokens.", "They are worth nothing and cost nothing."
        self._meaning.set("info" if network.is_real else "warn", title, text)

    def first(self) -> QWidget | None:
        """The chosen card."""
        return self._networks.focus_chosen()
