"""Blocks are values: two of the same content are the same."""

from morpheus_desktop.chat.blocks import BOLD, Code, Span, Text, plain_text


def test_plain_text() -> None:
    assert plain_text((Span("a "), Span("b", BOLD), Span("c", 0, "https://a.example"))) == "a bc"
    assert plain_text(()) == ""


def test_equality_is_by_content() -> None:
    assert Text((Span("a"),)) == Text((Span("a"),))
    assert Text((Span("a"),)) != Text((Span("a"),), gap=False)
    assert Code("x", "c") != Code("x", "c", joined=True)
