"""The composer stands under the reading column."""

from morpheus_desktop.chat.composer import Composer
from morpheus_desktop.chat.dock import Dock
from morpheus_desktop.chat.transcript import column_of


def test_it_follows_the_column(qtbot, theme):
    composer = Composer(theme)
    dock = Dock(composer, theme)
    qtbot.addWidget(dock)
    dock.show()
    for width in (1_000, 600):
        dock.resize(width, 120)
        assert (composer.x(), composer.width()) == column_of(width, theme)
