"""A painted secret."""

from PySide6.QtWidgets import QWidget

from morpheus_desktop.widgets.secret_view import SecretView

KEY = "0x" + "ab" * 32


def test_it_is_seen_in_the_active_window_only(theme, qtbot):
    view = SecretView(theme, lambda: KEY)
    other = QWidget()
    for widget in (view, other):
        qtbot.addWidget(widget)
        with qtbot.waitExposed(widget):
            widget.show()
    view.activateWindow()
    qtbot.waitUntil(lambda: view.visible_text == KEY)
    assert view.accessibleDescription() == KEY
    open_picture = view.grab().toImage()
    other.activateWindow()
    qtbot.waitUntil(lambda: view.accessibleDescription() == "")
    assert view.visible_text == ""
    assert view.grab().toImage() != open_picture


def test_it_has_room_for_all_lines(theme, qtbot):
    view = SecretView(theme, lambda: KEY)
    qtbot.addWidget(view)
    assert view.sizeHint().height() == 2 * theme.line_height("mono")
