"""Blocks under each other are kept when they only grow."""

import pytest
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.blocks import Block, Code, Span, Table, Text
from morpheus_desktop.chat.code_view import CodeView
from morpheus_desktop.chat.flow import Flow, runs_of
from morpheus_desktop.chat.prose import Prose
from morpheus_desktop.chat.table_view import TableView
from morpheus_desktop.theme import Theme

TABLE = Table(((Span("a"),),), (((Span("1"),),),), ("left",))


def text(words: str) -> Text:
    return Text((Span(words),))


@pytest.fixture
def flow(qtbot: QtBot, theme: Theme) -> Flow:
    made = Flow(theme, 400)
    qtbot.addWidget(made)
    return made


def shown(flow: Flow) -> list[type]:
    flow.height_for(400)
    found = [*flow.findChildren(Prose), *flow.findChildren(CodeView), *flow.findChildren(TableView)]
    parts = [part for part in found if part.isVisibleTo(flow)]
    return [type(part) for part in sorted(parts, key=lambda part: part.y())]


def test_runs() -> None:
    blocks: list[Block] = [text("a"), text("b"), Code("c"), TABLE, text("d")]
    assert list(runs_of(blocks)) == [(text("a"), text("b")), Code("c"), TABLE, (text("d"),)]


def test_parts_stand_in_order(flow: Flow) -> None:
    flow.set_blocks([text("a"), Code("c"), TABLE, text("d")])
    assert shown(flow) == [Prose, CodeView, TableView, Prose]
    assert flow.first == text("a")


def test_growing_keeps_the_widgets(flow: Flow) -> None:
    flow.set_blocks([text("a"), Code("c")])
    before = flow.findChildren(Prose) + flow.findChildren(CodeView)
    flow.set_blocks([text("a b"), Code("c\nd")])
    assert flow.findChildren(Prose) + flow.findChildren(CodeView) == before


def test_another_kind_replaces(flow: Flow) -> None:
    flow.set_blocks([text("a"), text("|a|"), Code("x")])
    flow.set_blocks([text("a"), TABLE])
    assert shown(flow) == [Prose, TableView]
    flow.set_blocks([])
    assert shown(flow) == []
    assert flow.height_for(400) == 0


def test_nested_code_is_indented(flow: Flow) -> None:
    flow.set_blocks([text("a"), Code("x", "sh", 1)])
    flow.height_for(400)
    assert flow.findChildren(CodeView)[0].x() == 20


def test_the_caret_is_at_the_end_only(flow: Flow) -> None:
    flow.set_blocks([text("a"), Code("x"), text("b")])
    flow.set_caret(shown=True)
    flow.resize(400, flow.height_for(400))
    first, last = sorted(flow.findChildren(Prose), key=lambda part: part.y())
    assert (first._caret, last._caret) == (False, True)


def test_natural_width(flow: Flow) -> None:
    flow.set_blocks([text("ab")])
    flow.height_for(400)
    assert 0 < flow.natural_width < 60
