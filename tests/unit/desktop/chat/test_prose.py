"""Text that grows is shown as if it had been written at once."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.blocks import BOLD, CODE, Span, Text
from morpheus_desktop.chat.prose import Prose
from morpheus_desktop.chat.text_view import fragments, original_text
from morpheus_desktop.theme import Theme

_SPANS = st.lists(
    st.builds(
        Span,
        st.sampled_from(["a", "word ", "x\ny", "\u200b", "código"]),
        st.sampled_from([0, BOLD, CODE]),
        st.sampled_from(["", "https://a.example"]),
    ),
    max_size=4,
).map(tuple)
_BLOCKS = st.lists(
    st.builds(
        Text,
        _SPANS,
        st.sampled_from(["p", "h1", "hr"]),
        st.sampled_from(["", "•", "10."]),
        st.integers(0, 2),
        st.just(2),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=4,
)


@pytest.fixture
def prose(qtbot: QtBot, theme: Theme) -> Prose:
    made = Prose(theme)
    qtbot.addWidget(made)
    return made


def content(prose: Prose) -> list[object]:
    """Everything that is shown, with its formats."""
    out: list[object] = []
    block = prose.document().begin()
    while block.isValid():
        style = block.blockFormat()
        words: list[tuple[object, ...]] = []
        for text, chars in fragments(block):
            look = (chars.font().key(), chars.foreground().color().name(), chars.isAnchor())
            if words and words[-1][1:] == look:
                words[-1] = (str(words[-1][0]) + text, *look)
            else:
                words.append((text, *look))
        out.append((style.leftMargin(), style.topMargin(), words))
        block = block.next()
    return out


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_BLOCKS, min_size=1, max_size=4))
def test_any_change_ends_as_if_written_at_once(
    qtbot: QtBot, theme: Theme, versions: list[list[Text]]
) -> None:
    grown, fresh = Prose(theme), Prose(theme)
    qtbot.addWidget(grown)
    qtbot.addWidget(fresh)
    for blocks in versions:
        grown.set_blocks(blocks)
    fresh.set_blocks(versions[-1])
    assert content(grown) == content(fresh)
    assert grown.document().blockCount() == max(1, len(versions[-1]))


def test_more_text_only_adds(prose: Prose) -> None:
    prose.set_blocks([Text((Span("Hello"),))])
    changes: list[tuple[int, int, int]] = []
    prose.document().contentsChange.connect(lambda *change: changes.append(change))
    prose.set_blocks([Text((Span("Hello wor"),))])
    prose.set_blocks([Text((Span("Hello world"), Span("!", BOLD)))])
    assert prose.toPlainText() == "Hello world!"
    assert all(removed == 0 for _, removed, _ in changes)
    assert min(at for at, _, _ in changes) >= 5


def test_a_copy_has_markers_and_empty_lines(prose: Prose) -> None:
    prose.set_blocks(
        [
            Text((Span("Title"),), "h1"),
            Text((Span("one "), Span("code", CODE)), marker="•", depth=1),
            Text((Span("two"),), marker="•", depth=1, gap=False),
        ]
    )
    prose.selectAll()
    assert prose.selected_text() == "Title\n\n• one code\n• two"
    cursor = QTextCursor(prose.document().findBlockByNumber(2))
    cursor.movePosition(QTextCursor.MoveOperation.Right)
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    assert original_text(cursor) == "wo"


def test_restyle_keeps_the_text(prose: Prose, theme: Theme) -> None:
    blocks = [Text((Span("a "), Span("b", CODE))), Text((Span("c"),), marker="1.", depth=1)]
    prose.set_blocks(blocks)
    before = prose.height_for(300)
    theme.set_scale(1.5)
    prose.restyle()
    assert prose.height_for(300) > before
    prose.selectAll()
    assert prose.selected_text() == "a b\n\n1. c"


def test_links_can_be_reached_with_the_keyboard(prose: Prose) -> None:
    prose.set_blocks([Text((Span("no link"),))])
    assert not prose.focusPolicy() & Qt.FocusPolicy.TabFocus
    prose.set_blocks([Text((Span("no link"), Span("link", 0, "https://a.example")))])
    assert prose.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_it_paints_every_kind(prose: Prose) -> None:
    prose.set_blocks(
        [
            Text((Span("q "), Span("c", CODE)), quote=2),
            Text((), "hr"),
            Text((Span("x"),), marker="1.", depth=1),
        ]
    )
    prose.resize(400, prose.height_for(400))
    plain = prose.grab().toImage()
    prose.set_caret(shown=True)
    assert prose.grab().toImage() != plain
