"""How much may go to the next provider: ticked, typed, wrong."""

import pytest

from morpheus_desktop.dialogs.standby import StandbyChoice
from router.units import WEI
from tests.support.looks import clipped, unnamed

STAKE = 12 * WEI + 15 * WEI // 100


@pytest.fixture
def choice(theme, qtbot):
    made = StandbyChoice(theme)
    made.told = []
    made.chosen.connect(made.told.append)
    qtbot.addWidget(made)
    made.resize(360, 100)
    made.show()
    return made


def words(choice):
    return choice._about.text()


def test_at_first_nothing_is_put_in_unasked(choice):
    choice.show_limit(0, None)
    assert not choice._check.isEnabled()
    choice.show_limit(0, STAKE)
    assert (choice._check.isEnabled(), choice._check.isChecked()) == (True, False)
    assert not choice._amount.isEnabled()
    assert choice.told == []
    assert (unnamed(choice), clipped(choice)) == ([], [])


def test_ticked_it_suggests_a_quarter_more(choice):
    choice.show_limit(0, STAKE)
    choice._check.click()
    assert choice._amount.text() == "15.19 MOR"
    assert choice.told == [1519 * WEI // 100]
    choice._check.click()
    assert choice.told[-1] == 0
    choice._check.click()
    assert choice.told[-1] == 1519 * WEI // 100


def test_the_suggestion_follows_the_stake_until_somebody_types(choice, qtbot):
    choice.show_limit(0, 240 * WEI)
    choice._check.click()
    assert choice._amount.text() == "300 MOR"
    choice.show_limit(300 * WEI, None)
    choice.show_limit(300 * WEI, STAKE)
    assert choice._amount.text() == "15.19 MOR"
    assert choice.told[-1] == 1519 * WEI // 100
    choice._amount.clear()
    qtbot.keyClicks(choice._amount, "20")
    choice._amount.clearFocus()
    choice.show_limit(20 * WEI, WEI)
    assert choice._amount.text() == "20 MOR"
    assert choice.told[-1] == 20 * WEI


def test_a_kept_limit_does_not_follow(choice):
    choice.show_limit(15 * WEI, 12 * WEI)
    choice.show_limit(15 * WEI, 24 * WEI)
    assert choice._amount.text() == "15 MOR"
    assert choice.told == []


def test_a_long_amount_shows_its_first_digits(choice):
    choice.show_limit(123_456_789 * WEI + 1, STAKE)
    assert choice._amount.cursorPosition() == 0


def test_what_is_set_already_is_shown_and_not_told(choice):
    choice.show_limit(5 * WEI // 2, STAKE)
    assert choice._check.isChecked()
    assert choice._amount.text() == "2.5 MOR"
    assert choice.told == []


def test_what_is_typed_is_looked_at(choice, qtbot):
    choice.show_limit(2 * WEI, STAKE)
    choice._amount.clear()
    qtbot.keyClicks(choice._amount, "7.25 MOR")
    assert choice.told[-1] == 725 * WEI // 100
    assert "Holds for all sessions" in words(choice)
    choice._amount.clear()
    qtbot.keyClicks(choice._amount, "1,5")
    assert choice.told[-1] is None
    assert "comma" in words(choice)


def test_nobody_is_interrupted_while_typing(choice, qtbot):
    choice.show_limit(2 * WEI, STAKE)
    choice._amount.setFocus()
    qtbot.waitUntil(choice._amount.hasFocus)
    choice._amount.clear()
    qtbot.keyClicks(choice._amount, "1")
    choice.show_limit(WEI, STAKE)
    assert choice._amount.text() == "1"
