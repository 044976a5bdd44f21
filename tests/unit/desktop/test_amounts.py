"""Amounts are shown or hidden everywhere, also in tooltips and for screen readers."""

from morpheus_desktop.amounts import HIDDEN, HIDDEN_TIP, Amounts
from morpheus_desktop.prefs import Prefs

WEI = 12_150_000_000_000_000_000


def test_amounts_are_shown_until_they_are_hidden(qapp, prefs, tmp_path):
    amounts = Amounts(prefs)
    told = []
    amounts.changed.connect(lambda: told.append(amounts.hidden))
    assert amounts.text(WEI, "MOR") == "12.15\u00a0MOR"
    assert amounts.movement(-WEI, "MOR") == "−12.15\u00a0MOR"
    assert amounts.exact(WEI + 1, "MOR") == "12.150000000000000001\u00a0MOR"
    assert "12,150,000,000,000,000,000" in amounts.tip(WEI, "MOR", 7)
    assert amounts.spoken(WEI, "MOR") == "12 point 15 MOR"
    amounts.toggle()
    assert told == [True]
    for text in (
        amounts.text(WEI, "MOR"),
        amounts.movement(-WEI, "MOR"),
        amounts.exact(WEI, "MOR"),
        amounts.tip(WEI, "MOR", 7),
        amounts.spoken(WEI, "MOR"),
    ):
        assert not any(character.isdigit() for character in text), text
    assert amounts.text(WEI, "MOR").startswith(HIDDEN)
    assert amounts.text(WEI) == HIDDEN
    assert amounts.tip(WEI, "MOR") == HIDDEN_TIP
    assert Amounts(Prefs(tmp_path / "window.ini")).hidden  # kept
    amounts.toggle()
    assert amounts.text(None, "MOR") == "—"
