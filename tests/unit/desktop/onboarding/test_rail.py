"""The steps at the left."""

from morpheus_desktop.onboarding.rail import StepRail
from tests.support.looks import paints


def test_done_open_and_to_come(theme, qtbot):
    rail = StepRail(theme)
    qtbot.addWidget(rail)
    rail.resize(280, 600)
    rail.show()
    rail.show_steps("Create a wallet", ("One", "Two", "Three"), 1, "Not yet.")
    assert rail._steps.accessibleName() == "Step 2 of 3: Two"
    assert rail._steps.sizeHint().height() == 3 * 44
    qtbot.waitUntil(lambda: paints(rail._steps, theme.hex("accent")))
    assert rail._foot.text() == "Not yet."
