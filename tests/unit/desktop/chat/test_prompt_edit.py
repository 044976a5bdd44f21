"""The box for a question: Enter sends, it grows to eight lines, huge pastes are refused whole."""

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl

from morpheus_desktop.chat.prompt_edit import PromptEdit
from router.errors import BadRequest


@pytest.fixture
def edit(qtbot, theme):
    made = PromptEdit(theme)
    qtbot.addWidget(made)
    made.resize(400, 40)
    made.show()
    return made


def mime(text: str = "", *urls: str) -> QMimeData:
    made = QMimeData()
    made.setText(text)
    if urls:
        made.setUrls([QUrl(url) for url in urls])
    return made


def test_enter_sends_and_shift_enter_is_a_new_line(qtbot, edit):
    edit.setPlainText("One")
    edit.moveCursor(edit.textCursor().MoveOperation.End)
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(edit, "Two")
    assert edit.toPlainText() == "One\nTwo"
    with qtbot.waitSignal(edit.submitted):
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    with qtbot.waitSignal(edit.submitted):
        qtbot.keyClick(edit, Qt.Key.Key_Enter)
    assert edit.toPlainText() == "One\nTwo"


def test_up_recalls_only_from_an_empty_box(qtbot, edit):
    with qtbot.waitSignal(edit.recalled):
        qtbot.keyClick(edit, Qt.Key.Key_Up)
    edit.setPlainText("x")
    with qtbot.assertNotEmitted(edit.recalled):
        qtbot.keyClick(edit, Qt.Key.Key_Up)
    with qtbot.waitSignal(edit.escaped):
        qtbot.keyClick(edit, Qt.Key.Key_Escape)


def test_it_grows_to_eight_lines(edit):
    heights = []
    for lines in (1, 4, 8, 30):
        edit.setPlainText("\n".join("line" for _ in range(lines)))
        heights.append(edit.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]
    assert edit.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded


def test_it_follows_the_text_size(edit, theme):
    edit.setPlainText("\n".join("line" for _ in range(5)))
    before = edit.height()
    theme.set_scale(1.5)
    assert edit.height() > before * 1.3
    assert edit.viewport().font().pixelSize() == theme.font("reading").pixelSize()


def test_fifty_megabytes_are_refused_and_nothing_is_changed(qtbot, edit):
    edit.setPlainText("typed")
    with qtbot.waitSignal(edit.refused) as signal:
        edit.insertFromMimeData(mime("x" * 50_000_000))
    (error,) = signal.args
    assert isinstance(error, BadRequest)
    assert "50,000,000 characters" in str(error)
    assert error.hint == "Paste a part of it, or save it as a file and attach that."
    assert edit.toPlainText() == "typed"


def test_files_are_offered_and_other_links_are_text(qtbot, edit):
    with qtbot.waitSignal(edit.files_offered) as signal:
        edit.insertFromMimeData(mime("", "file:///home/me/notes.txt"))
    assert [path.name for path in signal.args[0]] == ["notes.txt"]
    assert edit.toPlainText() == ""
    edit.insertFromMimeData(mime("https://example.com/", "https://example.com/"))
    assert edit.toPlainText() == "https://example.com/"


def test_markup_is_pasted_as_it_was_written(edit):
    data = mime("<b>bold</b>")
    data.setHtml("<b>bold</b>")
    edit.insertFromMimeData(data)
    assert edit.toPlainText() == "<b>bold</b>"
