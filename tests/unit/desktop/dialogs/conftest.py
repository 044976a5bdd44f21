"""A window for dialogs to lie over."""

import pytest
from PySide6.QtWidgets import QWidget


@pytest.fixture
def over(qtbot, theme) -> QWidget:
    made = QWidget()
    made.resize(960, 640)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made
