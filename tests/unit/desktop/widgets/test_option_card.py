"""A large choice."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.option_card import OptionCard
from tests.support.looks import clipped

SENTENCE = "Uses the bundled model, which is small and quick. Works offline."


@pytest.fixture
def make(theme, qtbot):
    def made(*, lit=False, width=700):
        card = OptionCard(theme, lit=lit)
        qtbot.addWidget(card)
        card.show_option(
            "cpu", "Chat free", SENTENCE, "No wallet", chip="Fastest", chip_tone="accent"
        )
        card.resize(width, card.heightForWidth(width))
        card.show()
        return card

    return made


def test_all_its_words_are_its_name(make):
    name = "Chat free. Fastest. Uses the bundled model, which is small and quick. Works offline. No wallet"
    assert make().accessibleName() == name


def test_it_is_one_button(make, qtbot):
    card = make()
    with qtbot.waitSignals([card.clicked, card.clicked]):
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
        qtbot.keyClick(card, Qt.Key.Key_Space)


def test_the_lit_one_has_the_ground_of_the_accent(make, theme):
    def ground(card):
        return card.grab().toImage().pixelColor(8, card.height() // 2).name()

    assert ground(make(lit=True)) == theme.hex("accent-soft").lower()
    assert ground(make()) == theme.hex("bg-surface").lower()


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("width", [900, 420])
def test_words_wrap_and_the_fact_gives_way(make, theme, qtbot, width, scale):
    theme.set_scale(scale)
    card = make(width=round(width * scale))
    qtbot.waitUntil(lambda: clipped(card) == [])
    assert card._fact.isVisible() is (width > 520)
    assert card.heightForWidth(theme.px(280)) > card.heightForWidth(theme.px(900))
