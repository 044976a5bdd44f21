"""One of a few ways."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.widgets.choice_card import ChoiceCard
from tests.support.looks import clipped, colors


def test_one_of_several_is_chosen_with_mouse_or_keys(theme, qtbot):
    box = QWidget()
    column = QVBoxLayout(box)
    cards = [ChoiceCard(theme, name, "A sentence about it.") for name in ("One", "Two")]
    for card in cards:
        column.addWidget(card)
    qtbot.addWidget(box)
    with qtbot.waitExposed(box):
        box.show()
    qtbot.mouseClick(cards[0], Qt.MouseButton.LeftButton)
    assert [card.isChecked() for card in cards] == [True, False]
    qtbot.keyClick(cards[1], Qt.Key.Key_Space)
    assert [card.isChecked() for card in cards] == [False, True]
    assert theme.color("accent").name() in colors(cards[1])


def test_the_figure_is_read_aloud(theme, qtbot):
    card = ChoiceCard(theme, "Stake", "It comes back.")
    qtbot.addWidget(card)
    card.set_fact("12.15 MOR")
    assert card.accessibleName() == "Stake, 12.15 MOR"
    assert card.accessibleDescription() == "It comes back."


def test_a_narrow_card_grows_and_cuts_nothing(theme, qtbot):
    card = ChoiceCard(theme, "Pay the provider", "The price of the time that was used is spent.")
    card.set_fact("12.15 MOR")
    qtbot.addWidget(card)
    card.resize(260, card.heightForWidth(260))
    with qtbot.waitExposed(card):
        card.show()
    assert card.heightForWidth(260) > card.heightForWidth(600)
    assert clipped(card) == []
