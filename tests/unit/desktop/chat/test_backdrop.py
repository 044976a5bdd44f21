"""A click beside the list ends it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.backdrop import Backdrop


def test_it_takes_the_click_and_darkens(qtbot, theme):
    below = QWidget()
    qtbot.addWidget(below)
    below.resize(100, 100)
    backdrop = Backdrop(below, theme)
    backdrop.setGeometry(below.rect())
    below.show()
    assert not backdrop.isVisible()
    before = below.grab().toImage()
    backdrop.show()
    assert below.grab().toImage() != before
    with qtbot.waitSignal(backdrop.clicked):
        qtbot.mouseClick(backdrop, Qt.MouseButton.LeftButton)
