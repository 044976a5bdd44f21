"""A card as a button: as high as its sentence needs, clicked anywhere, reached by keyboard."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.card_button import CardButton

LEAST = 240, 56
WORDS = "A sentence that is so long that it has to be wrapped in a narrow card. " * 3


@pytest.fixture
def card(theme, qtbot):
    made = CardButton(theme, "box", LEAST)
    made._row.addWidget(label(WORDS, "body", wrap=True), 1)
    made._let_clicks_through()
    made.paintEvent = lambda _event: None
    qtbot.addWidget(made)
    return made


def test_never_smaller_than_its_least(theme, qtbot):
    empty = CardButton(theme, "box", LEAST)
    qtbot.addWidget(empty)
    assert (empty.minimumSizeHint().width(), empty.minimumSizeHint().height()) == LEAST
    assert empty.sizeHint().height() == empty.heightForWidth(1000) == LEAST[1]


def test_a_narrow_one_is_higher(card):
    assert card.hasHeightForWidth()
    assert card.sizePolicy().hasHeightForWidth()
    assert card.heightForWidth(LEAST[0]) > card.heightForWidth(900) >= LEAST[1]


def test_its_words_can_be_clicked(card, qtbot):
    card.resize(400, 200)
    card.show()
    assert card.childAt(card.rect().center()) is None
    with qtbot.waitSignal(card.clicked):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert card.focusPolicy() is Qt.FocusPolicy.StrongFocus
