"""Dialogs inside the window: they cover it, keep the keyboard, and give it back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.overlay import MARGIN, Overlay
from morpheus_desktop.widgets.scrolled import Scrolled


@pytest.fixture
def window(qtbot, theme):
    made = QWidget()
    made.below = QLineEdit()
    QVBoxLayout(made).addWidget(made.below)
    made.resize(900, 600)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.below.setFocus()
    return made


@pytest.fixture
def dialog(theme, window):
    made = Overlay(theme, window, "Rename", subtitle="Only the title changes.")
    made.field = QLineEdit()
    made.body.addWidget(made.field)
    made.cancel, made.go = button(theme, "Cancel"), button(theme, "Rename", "primary")
    made.cancel.clicked.connect(made.reject)
    made.go.clicked.connect(made.accept)
    made.footer.addWidget(made.cancel)
    made.footer.addWidget(made.go)
    return made


def test_the_focus_goes_into_it_and_back(dialog, window, qtbot):
    dialog.open()
    assert window.focusWidget() is dialog.field
    qtbot.keyClick(dialog.field, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert window.focusWidget() is window.below


def test_tab_goes_round_inside(dialog, window, qtbot):
    dialog.open()
    seen = []
    for _ in range(5):
        seen.append(window.focusWidget())
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.below not in seen
    assert seen[0] in seen[1:]
    assert {dialog.field, dialog.cancel, dialog.go} <= set(seen)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Backtab)
    assert window.focusWidget() in seen


def test_the_answer_is_told_once(dialog):
    told = []
    dialog.finished.connect(told.append)
    dialog.open()
    dialog.accept()
    dialog.reject()
    dialog.close()
    assert told == [1]


def test_it_cannot_be_left_while_it_must_not(dialog, window, qtbot):
    dialog.open()
    dialog.closable = False
    qtbot.keyClick(dialog.field, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    dialog.close()
    assert not dialog.isVisible()


def test_clicks_beside_it_reach_nothing(dialog, window, qtbot):
    pressed = []
    below = QPushButton("below", window)
    below.clicked.connect(lambda: pressed.append(1))
    below.setGeometry(0, 0, 80, 30)
    below.show()
    dialog.open()
    qtbot.mouseClick(window.childAt(10, 10), Qt.MouseButton.LeftButton)
    assert pressed == []
    assert dialog.isVisible()


def test_it_stays_in_the_middle_of_a_window_that_changes(dialog, window, qtbot):
    dialog.open()
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: dialog.size() == window.size())
    assert abs(dialog.panel.geometry().center().x() - 500) <= 1
    assert abs(dialog.panel.geometry().center().y() - 350) <= 1


def test_it_is_never_larger_than_the_window(theme, window, qtbot):
    dialog = Overlay(theme, window, "Terms", width=2000)
    dialog.body.addWidget(label("word " * 2000, wrap=True))
    dialog.open()
    assert (
        window.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN).contains(dialog.panel.geometry())
    )


def test_a_widget_that_is_gone_gets_no_focus(dialog, window):
    dialog.open()
    window.below.setParent(None)
    window.below.deleteLater()
    dialog.accept()
    assert not dialog.isVisible()


def test_it_takes_the_height_of_what_comes_later(dialog):
    """What is inside a scrolled column has no say in the layout around it by itself."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    dialog.body.addWidget(Scrolled(inside, "Lines"))
    dialog.open()
    before = dialog.panel.height()
    for _ in range(5):
        line = label("A line")
        column.addWidget(line)
        line.show()
    dialog.refit()
    assert dialog.panel.height() >= before + 5 * label("A line").sizeHint().height()
