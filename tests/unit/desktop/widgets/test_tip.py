"""Tooltips: text that looks like markup is read as it is."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, Qt, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QLabel, QListWidgetItem, QToolTip, QWidget

from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.tip import plain_tip, set_tip, show_tip

HOSTILE = "<img src='file:///etc/passwd'><b>Sent  twice</b>\n& more"


def read(tip: str) -> str:
    """What is read in a tooltip: Qt guesses of each whether it is markup."""
    if not Qt.mightBeRichText(tip):
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@pytest.mark.parametrize("text", ["", "Send (Enter)", "a < b & c", "one\ntwo"])
def test_a_plain_text_stays_what_it_is(qapp, text):
    assert plain_tip(text) == text


@pytest.mark.parametrize("text", [HOSTILE, "<b>bold", "<!--x--><p>y</p>", "x <a href='y'>z</a>"])
def test_what_looks_like_markup_is_read_letter_by_letter(qapp, text):
    assert read(plain_tip(text)) == text


def test_long_lines_are_broken_on_request_and_read_the_same(qapp):
    assert read(plain_tip("a  <b> c", wrap=True)) == "a  <b> c"
    assert plain_tip("a", wrap=True).startswith("<p")


def test_whatever_has_a_tooltip_has_a_plain_one(qapp, qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    for target in (widget, QAction(), QListWidgetItem(), QTextCharFormat()):
        set_tip(target, HOSTILE)
        assert read(target.toolTip()) == HOSTILE


def test_a_cut_label_tells_all_of_a_hostile_name_as_it_is(theme, qtbot):
    made = label(HOSTILE.replace("\n", " "), cut=True)
    qtbot.addWidget(made)
    made.resize(60, 24)
    with qtbot.waitExposed(made):
        made.show()
    qtbot.waitUntil(lambda: bool(made.toolTip()))
    assert read(made.toolTip()) == made.text()


def test_a_tooltip_that_is_shown_at_once_is_plain_as_well(qtbot):
    widget = QLabel("x")
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    show_tip(widget.mapToGlobal(QPoint(1, 1)), HOSTILE, widget)
    assert read(QToolTip.text()) == HOSTILE
    QToolTip.hideText()
