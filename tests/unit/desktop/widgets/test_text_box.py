"""A field of several lines: what would hold up the window is not taken, and it is said."""

import pytest
from PySide6.QtCore import QMimeData

from morpheus_desktop.widgets.text_box import LONGEST_TEXT, TextBox
from router.errors import BadRequest


@pytest.fixture
def box(qtbot, theme):
    made = TextBox()
    qtbot.addWidget(made)
    made.show()
    return made


def mime(text: str) -> QMimeData:
    made = QMimeData()
    made.setText(text)
    return made


def test_fifty_megabytes_are_refused_and_nothing_is_changed(qtbot, qapp, box):
    box.setPlainText("typed")
    qapp.clipboard().setMimeData(mime("x " * 25_000_000))
    with qtbot.waitSignal(box.refused) as signal:
        box.paste()
    (error,) = signal.args
    assert isinstance(error, BadRequest)
    assert "50,000,000 characters; at most 200,000 fit" in str(error)
    assert error.hint == "Paste a part of it."
    assert box.toPlainText() == "typed"


def test_the_limit_counts_what_is_there_already(qtbot, box):
    box.insertFromMimeData(mime("x" * (LONGEST_TEXT - 10)))
    assert len(box.toPlainText()) == LONGEST_TEXT - 10
    with qtbot.waitSignal(box.refused):
        box.insertFromMimeData(mime("x" * 100))


def test_a_limit_of_its_own(qtbot, theme):
    box = TextBox(most=10, hint="Less.")
    qtbot.addWidget(box)
    with qtbot.waitSignal(box.refused) as signal:
        box.insertFromMimeData(mime("x" * 11))
    assert signal.args[0].hint == "Less."
    box.insertFromMimeData(mime("short"))
    assert box.toPlainText() == "short"
