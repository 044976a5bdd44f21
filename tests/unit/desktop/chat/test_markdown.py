"""Markdown becomes blocks that show everything and can do nothing."""

import pytest

from morpheus_desktop.chat import markdown
from morpheus_desktop.chat.blocks import (
    BOLD,
    CHIP,
    CODE,
    ITALIC,
    STRIKE,
    Block,
    Code,
    Span,
    Table,
    Text,
    plain_text,
)
from morpheus_desktop.chat.split import split


def read(text: str) -> list[Block]:
    return [block for section in split(text) for block in markdown.read(section)]


def words(text: str) -> str:
    return "".join(plain_text(block.spans) for block in read(text) if isinstance(block, Text))


def test_inline_styles() -> None:
    (block,) = read("a **b *c*** ~~d~~ `e*`")
    assert isinstance(block, Text)
    assert block.spans == (
        Span("a "),
        Span("b ", BOLD),
        Span("c", BOLD | ITALIC),
        Span(" "),
        Span("d", STRIKE),
        Span(" "),
        Span("e*", CODE),
    )


def test_a_line_break_stays_a_line_break() -> None:
    assert words("roses\nviolets  \nend") == "roses\nviolets\nend"


def test_lists() -> None:
    blocks = read("- a\n  - b\n    - c\n- d\n\n9. e\n10. f")
    assert [(b.marker, b.depth) for b in blocks if isinstance(b, Text)] == [
        ("•", 1),
        ("◦", 2),
        ("▪", 3),
        ("•", 1),
        ("9.", 1),
        ("10.", 1),
    ]


def test_second_paragraph_of_an_entry_has_no_marker() -> None:
    first, second = read("1. a\n\n   b")
    assert (first.marker, second.marker, second.depth) == ("1.", "", 1)  # type: ignore[union-attr]


def test_code_inside_an_entry() -> None:
    _, code = read("1. Run\n   ```sh\n   ls\n   ```")
    assert code == Code("ls", "sh", 1)


def test_headings_quotes_and_rules() -> None:
    blocks = read("# One\n\n#### Four\n\n> a\n> > b\n\n---")
    assert [(b.kind, b.quote) for b in blocks if isinstance(b, Text)] == [
        ("h1", 0),
        ("h3", 0),
        ("p", 1),
        ("p", 2),
        ("hr", 0),
    ]


def test_table() -> None:
    (table,) = read("|a|b|\n|:-:|--:|\n|**1**|2|\n|3|")
    assert table == Table(
        ((Span("a"),), (Span("b"),)),
        (((Span("1", BOLD),), (Span("2"),)), ((Span("3"),), ())),
        ("center", "right"),
    )


@pytest.mark.parametrize("columns", [41, 300])
def test_a_wide_table_is_shown_as_written(columns: int) -> None:
    text = "|a" * columns + "|\n" + "|-" * columns + "|\n" + "|1" * columns + "|"
    assert read(text) == [Code(text)]


def test_a_table_of_many_cells_is_shown_as_written() -> None:
    text = "|a|b|\n|-|-|\n" + "|1|2|\n" * 250
    assert read(text) == [Code(text.strip())]


def test_pictures_are_text() -> None:
    (block,) = read("![cat](http://a.example/leak.png?d=1)")
    assert isinstance(block, Text)
    assert block.spans == (Span("Image not loaded (cat): http://a.example/leak.png?d=1", CHIP),)


def test_a_reference_is_not_swallowed() -> None:
    assert "http://a.example/leak" in words("![x][1]\n\n[1]: http://a.example/leak")


def test_other_schemes_are_text_with_their_target() -> None:
    (block,) = read("[click](javascript:alert(1))")
    assert isinstance(block, Text)
    assert block.spans == (Span("click (javascript:alert(1))"),)


def test_a_link_that_names_another_site_tells_its_own() -> None:
    assert words("[https://mor.org](https://evil.example)") == (
        "https://mor.org (https://evil.example)"
    )


def test_bare_addresses_are_links() -> None:
    (block,) = read("See https://a.example/x_(y), or `https://b.example`.")
    assert isinstance(block, Text)
    assert [span.link for span in block.spans if span.link] == ["https://a.example/x_(y)"]
    assert plain_text(block.spans) == "See https://a.example/x_(y), or https://b.example."


def test_html_is_text() -> None:
    text = '<b onclick="x">a</b> <script>1</script>'
    assert words(text) == text
    assert words("<div>\n<p>x</p>\n</div>") == "<div>\n<p>x</p>\n</div>"


def test_too_deep_is_shown_as_written() -> None:
    text = ">" * 200 + " x"
    assert words(text) == text


def test_a_long_address_is_cut() -> None:
    (block,) = read(f"![x](data:image/png;base64,{'A' * 5_000})")
    assert isinstance(block, Text)
    assert len(plain_text(block.spans)) < 400
    assert "5,022 characters" in plain_text(block.spans)


@pytest.mark.parametrize(
    ("info", "language"),
    [("", ""), ("Python", "python"), ("{.rust .numberLines}", "rust"), ("c++ x=1", "c++")],
)
def test_language(info: str, language: str) -> None:
    assert markdown.language_of(info) == language


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("a **b", "a **b**"),
        ("a **", "a "),
        ("a `b", "a `b`"),
        ("a `", "a "),
        ("a **b**", "a **b**"),
        ("**a\nb", "**a\nb"),
    ],
)
def test_mend(text: str, mended: str) -> None:
    assert markdown.mend(text) == mended


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no code", None),
        ("```\na\n```\ntext\n```sh\nb\n```\nend", "b"),
        ("1. x\n   ```\n   nested\n   ```\n", "nested"),
        ("```\n" + "line\n" * 1_000 + "```", "line\n" * 999 + "line"),
    ],
)
def test_last_code(text: str, code: str | None) -> None:
    assert markdown.last_code(text) == code
