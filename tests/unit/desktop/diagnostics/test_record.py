"""A line in full."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QWidget

from morpheus_desktop.diagnostics.record import RecordDialog
from morpheus_desktop.viewmodels.log_lines import as_text, request_line
from router.api.request_log import RequestRecord
from router.log import LogLine

LINE = LogLine(1_700_000_000.5, 40, "store", "first line\nsecond line " + "x" * 2000)


@pytest.fixture
def show(theme, qtbot):
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(1000, 700)
    over.show()

    def show(line: LogLine) -> RecordDialog:
        dialog = RecordDialog(theme, over, line)
        dialog.open()
        return dialog

    return show


def texts(dialog) -> list[str]:
    return [each.text() for each in dialog.findChildren(QLabel) if not each.isHidden()]


def bodies(dialog) -> dict[str, str]:
    views = dialog.findChildren(QPlainTextEdit)
    return {view.accessibleName(): view.toPlainText() for view in views}


def test_all_of_the_text_is_there(show):
    dialog = show(LINE)
    assert bodies(dialog) == {"Text": LINE.text}
    assert {"error", "store", "2023-11-14 22:13:20"} <= set(texts(dialog))


def test_it_is_copied(show):
    dialog = show(LINE)
    dialog._copy.click()
    assert QGuiApplication.clipboard().text() == as_text(LINE)
    assert dialog._copy.text() == "Copied"


def record(**more) -> RequestRecord:
    return RequestRecord("77", 0.0, "POST", "/v1/chat/completions", 200, 3.0, "editor", **more)


def test_a_request_says_that_bodies_are_not_kept(show):
    dialog = show(request_line(record()))
    assert bodies(dialog) == {}
    assert {"POST /v1/chat/completions", "200", "editor", "77", "Not kept"} <= set(texts(dialog))


def test_bodies_that_were_kept_are_shown_inert(show):
    dialog = show(request_line(record(request_body="<b>hi</b>\u202e", answer_body="yes")))
    assert "Not kept" not in texts(dialog)
    shown = bodies(dialog)
    assert shown["Body of the answer"] == "yes"
    assert shown["Body of the request"].startswith("<b>hi</b>")
    assert "\u202e" not in shown["Body of the request"]
