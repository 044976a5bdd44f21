"""The floating button."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.pill import Pill
from morpheus_desktop.theme import Theme


def test_it_floats_in_the_middle_of_the_column(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(800, 600)
    pill = Pill(theme, "Jump to latest", parent)
    pill.place((100, 500), 600)
    assert abs(pill.geometry().center().x() - 350) <= 1
    assert pill.geometry().bottom() == 600 - 12 - 1
    assert pill.accessibleName() == "Jump to latest"
    assert not pill.grab().isNull()
