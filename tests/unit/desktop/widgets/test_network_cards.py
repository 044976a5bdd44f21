"""The cards of networks."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.network_cards import NetworkCards
from router.networks import NETWORKS
from tests.support.looks import unnamed


@pytest.fixture
def cards(theme, qtbot):
    made = NetworkCards(theme, tuple(NETWORKS.values()))
    qtbot.addWidget(made)
    made.resize(824, 92)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def test_one_is_chosen_by_mouse_and_keyboard(cards, qtbot):
    told = []
    cards.chosen.connect(told.append)
    cards.choose("base")
    assert (cards.current, told) == ("base", [])
    qtbot.mouseClick(cards._cards["demo"], Qt.MouseButton.LeftButton)
    qtbot.keyClick(cards._cards["arbitrum"], Qt.Key.Key_Return)
    assert told == ["demo", "arbitrum"]
    assert cards.current == "arbitrum"
    assert cards.focus_chosen() is cards._cards["arbitrum"]


def test_each_says_what_its_money_is_worth(cards):
    assert unnamed(cards) == []
    assert cards._cards["demo"].accessibleName() == "Demo, Play money, offline, chain 1337"


@pytest.mark.parametrize(("width", "rows"), [(824, 1), (760, 2), (320, 3)])
def test_no_card_is_left_out_where_it_is_narrow(cards, width, rows):
    cards.resize(width, cards.heightForWidth(width))
    tops = {card.y() for card in cards._cards.values()}
    assert len(tops) == rows
    assert all(cards.rect().contains(card.geometry()) for card in cards._cards.values())
