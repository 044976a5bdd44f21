"""Small buttons have names, sizes and a visible focus."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.buttons import CopyButton, PaintedButton
from morpheus_desktop.theme import Theme


def test_an_icon_needs_its_words_elsewhere(qtbot: QtBot, theme: Theme) -> None:
    icon = PaintedButton(theme, "copy", "Copy")
    words = PaintedButton(theme, "copy", "Copy code", "Copy")
    qtbot.addWidget(icon)
    qtbot.addWidget(words)
    assert (icon.toolTip(), icon.accessibleName()) == ("Copy", "Copy")
    assert (words.toolTip(), words.accessibleName()) == ("", "Copy code")
    assert icon.sizeHint().toTuple() == (32, 32)
    assert words.sizeHint().width() > 32
    theme.set_scale(1.5)
    assert icon.sizeHint().toTuple() == (48, 48)


def test_states_look_different(qtbot: QtBot, theme: Theme) -> None:
    button = PaintedButton(theme, "copy", "Copy")
    qtbot.addWidget(button)
    button.setCheckable(True)
    button.resize(button.sizeHint())
    rest = button.grab().toImage()
    button.setChecked(True)
    checked = button.grab().toImage()
    button.setChecked(False)
    button.setEnabled(False)
    disabled = button.grab().toImage()
    button.setEnabled(True)
    button.set_icon("check", "accent-text")
    done = button.grab().toImage()
    assert all(a != b for a, b in ((rest, checked), (rest, disabled), (rest, done)))


def test_the_keyboard_presses_it(qtbot: QtBot, theme: Theme) -> None:
    button = PaintedButton(theme, "copy", "Copy")
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def test_copying_is_told_for_a_moment(qtbot: QtBot, theme: Theme) -> None:
    button = CopyButton(theme)
    qtbot.addWidget(button)
    button.resize(button.sizeHint())
    rest = button.grab().toImage()
    button.click()
    assert button.grab().toImage() != rest
    button._rest.setInterval(0)
    qtbot.waitUntil(lambda: button.grab().toImage() == rest)
