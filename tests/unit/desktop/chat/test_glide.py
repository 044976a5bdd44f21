"""Scrolling glides, adds up and stays inside."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollBar
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.glide import NOTCH, Glide
from morpheus_desktop.theme import Theme


@pytest.fixture
def bar(qtbot: QtBot) -> QScrollBar:
    made = QScrollBar()
    qtbot.addWidget(made)
    made.setRange(0, 1_000)
    made.setValue(500)
    return made


def wheel(pixels: int, angle: int) -> QWheelEvent:
    return QWheelEvent(
        QPointF(),
        QPointF(),
        QPoint(0, pixels),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


def test_a_touchpad_is_followed_exactly(bar: QScrollBar, theme: Theme) -> None:
    Glide(bar, theme).wheel(wheel(-30, -10))
    assert bar.value() == 530


def test_notches_add_up(qtbot: QtBot, bar: QScrollBar, theme: Theme) -> None:
    glide = Glide(bar, theme)
    glide.wheel(wheel(0, 120))
    glide.wheel(wheel(0, 120))
    assert bar.value() > 500 - 2 * NOTCH
    qtbot.waitUntil(lambda: bar.value() == 500 - 2 * NOTCH)


def test_the_end_is_the_end(qtbot: QtBot, bar: QScrollBar, theme: Theme) -> None:
    glide = Glide(bar, theme)
    glide.by(100_000)
    glide.by(-50)
    qtbot.waitUntil(lambda: bar.value() == 950)


def test_content_that_moves_takes_the_glide_along(
    qtbot: QtBot, bar: QScrollBar, theme: Theme
) -> None:
    glide = Glide(bar, theme)
    glide.by(100)
    glide.shift(200)
    qtbot.waitUntil(lambda: bar.value() == 800)


def test_stop(qtbot: QtBot, bar: QScrollBar, theme: Theme) -> None:
    glide = Glide(bar, theme)
    glide.by(400)
    glide.stop()
    assert glide._motion.state().value == 0
    assert bar.value() < 900


def test_without_motion_it_jumps(
    bar: QScrollBar, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "motion", lambda name: 0)
    Glide(bar, theme).by(100)
    assert bar.value() == 600
