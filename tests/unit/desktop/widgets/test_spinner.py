"""What turns while something is waited for, and what fills."""

import pytest

from morpheus_desktop.widgets.spinner import Ring, Spinner
from tests.support.looks import colors, paints


@pytest.fixture
def spinner(theme, qtbot):
    made = Spinner(theme, 28)
    qtbot.addWidget(made)
    return made


def test_it_costs_nothing_while_nobody_sees_it(spinner, qtbot):
    assert not spinner.turning
    spinner.show()
    assert spinner.turning
    spinner.hide()
    assert not spinner.turning


def test_it_turns(spinner, qtbot):
    spinner.show()
    first = spinner.grab().toImage()
    qtbot.waitUntil(lambda: spinner.grab().toImage() != first)


def test_without_movement_it_is_a_dot(spinner, theme):
    theme.set_reduced_motion(on=True)
    spinner.show()
    image = spinner.grab().toImage()
    ground = image.pixelColor(0, 14).name()
    assert image.pixelColor(14, 14).name() != ground
    assert theme.hex("bg-active").lower() not in colors(spinner)


def test_a_ring_fills_and_says_so(theme, qtbot):
    ring = Ring(theme, 28, name="Session")
    qtbot.addWidget(ring)
    assert not paints(ring, theme.hex("accent"))
    ring.set_value(1.4, words="42 minutes left")
    assert ring.value == 1.0
    assert ring.accessibleDescription() == "42 minutes left"
    assert paints(ring, theme.hex("accent"))


def test_a_ring_takes_another_colour(theme, qtbot):
    ring = Ring(theme, 28)
    qtbot.addWidget(ring)
    ring.set_value(0.9, "danger")
    assert paints(ring, theme.hex("danger"))
    assert not paints(ring, theme.hex("accent"))


def test_both_grow_with_the_text(spinner, theme, qtbot):
    theme.set_scale(2.0)
    assert spinner.size().toTuple() == (56, 56)
