"""Bars in the shape of what is loaded, after a while only."""

from morpheus_desktop.widgets.skeleton import Skeleton
from tests.support.looks import colors


def test_nothing_is_painted_before_its_time(theme, qtbot):
    skeleton = Skeleton(theme, [(0.3, 0.5), (0.2,)])
    qtbot.addWidget(skeleton)
    bars = theme.hex("bg-active").lower()
    skeleton.show()
    assert bars not in colors(skeleton)
    qtbot.waitUntil(lambda: skeleton.shown)
    assert bars in colors(skeleton)


def test_it_waits_anew_each_time(theme, qtbot):
    skeleton = Skeleton(theme, [(0.3,)])
    qtbot.addWidget(skeleton)
    skeleton.show()
    qtbot.waitUntil(lambda: skeleton.shown)
    skeleton.hide()
    skeleton.show()
    assert not skeleton.shown


def test_it_is_as_high_as_its_rows(theme, qtbot):
    skeleton = Skeleton(theme, [(1.0,)] * 3)
    qtbot.addWidget(skeleton)
    assert skeleton.sizeHint().height() == 96
