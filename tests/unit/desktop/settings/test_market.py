"""Settings of the market."""

import pytest
from PySide6.QtWidgets import QLabel

from morpheus_desktop.settings.market import BLOCKED, CLOSE, DIRECT, GAS, MarketSection
from router.config import EXTRA_STAKE
from tests.support.looks import unnamed

ADDRESS = "0x" + "ab" * 20
OTHER = "0x" + "cd" * 20


@pytest.fixture
def section(settings_vm, theme, qtbot):
    made = MarketSection(settings_vm, theme)
    qtbot.addWidget(made)
    made.show()
    return made


def said(section, setting):
    rows = [row for card in section._cards for row in card.rows]
    return next(row.said for row in rows if row.setting == setting)


def write(section, setting, text):
    section._texts[setting].setText(text)
    section._texts[setting].editingFinished.emit()


def test_the_limit_is_an_amount(section, below):
    write(section, EXTRA_STAKE, " 15.5 ")
    assert below.settings.current.market.extra_stake_limit == "15.5"
    write(section, EXTRA_STAKE, "much")
    assert "an amount of MOR" in said(section, EXTRA_STAKE)
    assert below.settings.current.market.extra_stake_limit == "15.5"
    write(section, GAS, "0.25")
    assert below.settings.current.market.claim_gas_cap == "0.25"
    assert said(section, EXTRA_STAKE) == ""
    assert section._texts[EXTRA_STAKE].text() == "15.5"


def test_titles_are_plain_words(section):
    titles = [each.accessibleName() for each in section._texts.values()]
    assert titles[:2] == ["Most for the next provider, MOR", "Highest network price for it, gwei"]
    shown = [each.text() for each in section.findChildren(QLabel)]
    assert "Automatic" in shown
    assert not any("gas" in text.casefold() for text in shown)


def test_what_is_done_by_itself(section, below):
    for setting in (DIRECT, CLOSE):
        section._switches[setting].click()
    market = below.settings.current.market
    assert (market.allow_direct, market.auto_close, market.auto_claim) == (True, False, True)


def test_providers_are_named_once(section, below):
    write(section, BLOCKED, f"{ADDRESS}, {OTHER}\t{ADDRESS}")
    assert below.settings.current.market.blocked == (ADDRESS, OTHER)
    assert section._texts[BLOCKED].text() == f"{ADDRESS} {OTHER}"
    write(section, BLOCKED, "0x12")
    assert "addresses that start with 0x" in said(section, BLOCKED)
    write(section, BLOCKED, "")
    assert below.settings.current.market.blocked == ()


def test_what_changes_elsewhere_is_shown(section, below):
    below.settings.change({EXTRA_STAKE: "7", CLOSE: False})
    assert section._texts[EXTRA_STAKE].text() == "7"
    assert not section._switches[CLOSE].isChecked()
    assert unnamed(section) == []
