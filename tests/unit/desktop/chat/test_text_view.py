"""The surface under all text: nothing is loaded, copies are exact, links are only told."""

import pytest
from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QKeyEvent, QTextCharFormat, QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.text_view import InertText, original_text, utf16
from morpheus_desktop.theme import Theme


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> InertText:
    made = InertText(theme)
    qtbot.addWidget(made)
    return made


def put(view: InertText, text: str, link: str = "") -> None:
    cursor = QTextCursor(view.document())
    cursor.movePosition(QTextCursor.MoveOperation.End)
    style = QTextCharFormat()
    view.put(cursor, text, view.link_format(style, link) if link else style)


def test_no_resource_is_ever_loaded(view: InertText) -> None:
    kind = QTextDocument.ResourceType.ImageResource.value
    url = QUrl("file:///etc/hostname")
    assert view.loadResource(kind, url) is None
    assert view.document().resource(kind, url) is None
    view.document().setHtml("<img src='file:///etc/hostname'>")  # even if somebody did
    assert view.document().resource(kind, url) is None


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "two\nlines",
        "zero\u200bwidth \u202ebidi\u202c",
        "nul\x00 esc\x1b[31m",
        "paragraph\u2029separator \ufffc",
        "long" * 300,
        "emoji 👩‍👧 and 日本",
        "Z" + "\u0301" * 50,
    ],
)
def test_what_is_copied_is_what_was_written(view: InertText, text: str) -> None:
    put(view, text)
    assert view.document().blockCount() == 1
    view.selectAll()
    assert view.selected_text() == text
    assert view.createMimeDataFromSelection().text() == text
    assert not view.createMimeDataFromSelection().hasHtml()


def test_hidden_characters_are_seen(view: InertText) -> None:
    put(view, "a\u200bb\x07")
    assert view.toPlainText() == "a⟨U+200B⟩b␇"


@pytest.mark.parametrize(("text", "hidden"), [("a\u200bb", True), ("ab", False)])
def test_copying_tells_of_hidden_characters(
    qtbot: QtBot, view: InertText, text: str, *, hidden: bool
) -> None:
    put(view, text)
    view.selectAll()
    with qtbot.waitSignal(view.copied) as signal:
        qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert signal.args == [hidden]
    assert QGuiApplication.clipboard().text() == text


def test_part_of_a_selection(view: InertText) -> None:
    put(view, "😀ab\u200bcd")
    cursor = QTextCursor(view.document())
    cursor.setPosition(3)  # behind the emoji (two units) and the a
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    assert original_text(cursor) == "b\u200bcd"
    cursor.clearSelection()
    assert original_text(cursor) == ""


def test_a_link_is_told_and_not_opened(qtbot: QtBot, view: InertText) -> None:
    put(view, "see ")
    put(view, "the docs", "https://mor.org/x")
    with qtbot.waitSignal(view.link_clicked) as signal:
        view.anchorClicked.emit(QUrl("#0"))
    assert signal.args == ["https://mor.org/x", "the docs"]
    assert view.source().isEmpty()
    assert "the docs" in view.toPlainText()


def test_keys_for_scrolling_are_left_to_the_transcript(qtbot: QtBot, view: InertText) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier)
    view.keyPressEvent(event)
    assert not event.isAccepted()


def test_height_follows_width(view: InertText) -> None:
    put(view, "word " * 100)
    assert view.height_for(200) > view.height_for(600) > 0


def test_units() -> None:
    assert [utf16(text) for text in ("ab", "é", "😀", "\ud800")] == [2, 1, 2, 1]


def test_an_address_in_a_tooltip_is_not_markup(view: InertText) -> None:
    address = "https://a.example/<img/src='file:///dev/zero'>"
    style = view.link_format(QTextCharFormat(), address)
    assert "<img" not in style.toolTip()
    assert "&lt;img" in style.toolTip()
