"""The search field shows its shortcut, and knows the keys that lead out of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.chat.search_field import SearchField


class Page(QWidget):
    """Hears the keys that the field leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[int] = []

    def keyPressEvent(self, event) -> None:
        self.keys.append(event.key())


def test_keys(qtbot, theme):
    page = Page()
    qtbot.addWidget(page)
    field = SearchField(theme)
    QVBoxLayout(page).addWidget(field)
    page.show()
    qtbot.keyClicks(field, "ships")
    with qtbot.waitSignal(field.left):
        qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert page.keys == []
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert page.keys == [Qt.Key.Key_Escape]


def test_the_shortcut_makes_room_for_words(qtbot, theme):
    field = SearchField(theme)
    qtbot.addWidget(field)
    field.resize(240, 32)
    bare = field.grab().toImage()
    field.set_keys("Ctrl+F")
    empty = field.grab().toImage()
    assert empty != bare
    field.setPlaceholderText("")
    shortcut = field.grab(field.rect().adjusted(150, 4, -8, -4)).toImage()
    ground = shortcut.pixel(0, 0)
    assert any(
        shortcut.pixel(x, y) != ground
        for x in range(shortcut.width())
        for y in range(shortcut.height())
    )
    field.setText("x")
    assert field.grab().toImage() != empty
    assert field.accessibleName() == "Search chats and messages"
