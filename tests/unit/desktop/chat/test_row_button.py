"""A button with widgets in it is still one button."""

from PySide6.QtCore import Qt

from morpheus_desktop.chat.row_button import RowButton
from morpheus_desktop.widgets.basic import label


def test_clicks_go_through_what_is_in_it(qtbot, theme):
    inside = label("Words")
    button = RowButton(theme, "Do it", inside)
    qtbot.addWidget(button)
    button.show()
    with qtbot.waitSignal(button.clicked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=inside.geometry().center())
    assert inside.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    assert button.accessibleName() == "Do it"


def test_it_is_as_wide_as_its_row_at_every_text_size(qtbot, theme):
    inside = label("Words")
    button = RowButton(theme, "Do it", inside, margin=12)
    qtbot.addWidget(button)
    assert button.sizeHint().height() == 32
    assert button.sizeHint().width() == inside.sizeHint().width() + 24
    theme.set_scale(1.5)
    assert button.sizeHint().height() == 48


def test_the_bar_is_seen(qtbot, theme):
    button = RowButton(theme, "Load", label("Words"))
    qtbot.addWidget(button)
    button.show()
    empty = button.grab().toImage()
    button.set_progress(0.5)
    half = button.grab().toImage()
    assert half != empty
    accent = theme.color("accent").rgb()
    row = half.height() - 3
    filled = [x for x in range(half.width()) if half.pixel(x, row) == accent]
    assert 0 < len(filled) < half.width() * 0.55
    button.set_progress(0)
    assert button.grab().toImage() == empty
