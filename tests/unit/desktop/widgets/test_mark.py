"""The product mark."""

from morpheus_desktop.widgets.mark import Mark
from tests.support.looks import paints


def test_it_is_drawn_in_the_accent_and_grows_with_the_text(theme, qtbot):
    mark = Mark(24, theme)
    qtbot.addWidget(mark)
    mark.show()
    assert paints(mark, theme.hex("accent"))
    width = mark.width()
    theme.set_scale(2.0)
    assert mark.width() == 2 * width


def test_it_follows_the_theme(theme, qtbot):
    mark = Mark(24, theme)
    qtbot.addWidget(mark)
    dark = mark.grab().toImage()
    theme.set_mode("light")
    assert mark.grab().toImage() != dark
