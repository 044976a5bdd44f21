"""Settings: what the app may do by itself with sessions, and whom it asks."""

import re
from collections.abc import Sequence

from morpheus_desktop.settings.form import Card, Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.switch import Switch
from router.config import EXTRA_STAKE

GAS = "market.claim_gas_cap"
DIRECT, CLOSE, CLAIM = "market.allow_direct", "market.auto_close", "market.auto_claim"
BLOCKED, FAVOURITES = "market.blocked", "market.favourites"
AMOUNT_WIDTH = 132


class MarketSection(Section):
    """Failover, closing and claiming, providers."""

    def __init__(self, vm: SettingsViewModel, theme: Theme) -> None:
        super().__init__(theme, "Market")
        self._vm = vm
        self._switches: dict[str, Switch] = {}
        self._texts: dict[str, LineEdit] = {}
        self._failing(self.card("When a provider fails"))
        self._by_itself(self.card("Automatic"))
        self._whom(self.card("Providers", "Addresses, with spaces between them."))
        vm.refused.connect(lambda name, error: self.show_problem(name, error.message))
        vm.changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def _failing(self, card: Card) -> None:
        self._amount(
            card,
            EXTRA_STAKE,
            "coins",
            "Most for the next provider, MOR",
            "The most that is staked without asking for another provider, before the first word "
            "of an answer. 0 stakes nothing: the local model answers then.",
        )
        self._switch(
            card,
            DIRECT,
            "hand-coins",
            "Pay the provider directly",
            "Within the same limit, where staking does not work. What is paid is spent.",
        )

    def _by_itself(self, card: Card) -> None:
        self._switch(
            card,
            CLOSE,
            "hourglass",
            "Close sessions at their end",
            "The stake returns with that. It needs no password; a network fee is paid.",
        )
        self._switch(
            card,
            CLAIM,
            "clock",
            "Claim what is no longer on hold",
            "A minute after midnight UTC. It needs no password; a network fee is paid.",
        )
        self._amount(
            card,
            GAS,
            "zap",
            "Highest network price for it, gwei",
            "Above it, claiming waits for a better day.",
        )

    def _whom(self, card: Card) -> None:
        for setting, icon, title, about in (
            (FAVOURITES, "check", "Favourite providers", "Come first where there is a choice."),
            (BLOCKED, "circle-x", "Blocked providers", "Are never used."),
        ):
            field = self._texts[setting] = LineEdit(self.theme, title, hint="0x…")
            field.editingFinished.connect(
                lambda setting=setting: self._vm.change({setting: _words(self._texts[setting])})
            )
            card.row(icon, title, about, setting=setting).add_below(field)

    def _switch(self, card: Card, setting: str, icon: str, title: str, about: str) -> None:
        made = self._switches[setting] = Switch(self.theme, title)
        made.toggled.connect(lambda on: self._vm.change({setting: on}))
        card.row(icon, title, about, made, setting=setting)

    def _amount(self, card: Card, setting: str, icon: str, title: str, about: str) -> None:
        field = self._texts[setting] = LineEdit(self.theme, title)
        field.editingFinished.connect(lambda: self._vm.change({setting: field.text().strip()}))
        card.row(icon, title, about, field, setting=setting)

    def _show(self) -> None:
        market = self._vm.config.market
        for setting, on in (
            (DIRECT, market.allow_direct),
            (CLOSE, market.auto_close),
            (CLAIM, market.auto_claim),
        ):
            self._switches[setting].show_state(on=on)
        for setting, text in (
            (EXTRA_STAKE, market.extra_stake_limit),
            (GAS, market.claim_gas_cap),
            (FAVOURITES, _text(market.favourites)),
            (BLOCKED, _text(market.blocked)),
        ):
            self._texts[setting].setText(text)
        for setting in (EXTRA_STAKE, GAS):
            self._texts[setting].setFixedWidth(self.theme.px(AMOUNT_WIDTH))
        self.clear_problems()


def _words(field: LineEdit) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[^\s,;]+", field.text())))


def _text(addresses: Sequence[str]) -> str:
    return " ".join(addresses)
