"""The arc turns with the clock."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from morpheus_desktop.chat import spinner
from morpheus_desktop.theme import Theme


def picture(theme: Theme) -> QImage:
    image = QImage(20, 20, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    spinner.paint_spinner(painter, theme, QRect(2, 2, 14, 14))
    painter.end()
    return image


def test_it_turns(theme: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spinner, "monotonic", lambda: 10.0)
    first = picture(theme)
    monkeypatch.setattr(spinner, "monotonic", lambda: 10.3)
    assert picture(theme) != first
    turn = theme.motion("spinner_turn") / 1000
    monkeypatch.setattr(spinner, "monotonic", lambda: 10.0 + turn)
    assert picture(theme) == first
