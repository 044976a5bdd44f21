"""Code is shown exactly, grows cheaply and gets its colours in slices."""

import pytest
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.code_text import CodeText
from morpheus_desktop.theme import Theme

SOURCE = 'def f(n: int):\n    """Two\n    lines 😀"""\n    return g(n)  # done'


@pytest.fixture
def code(qtbot: QtBot, theme: Theme) -> CodeText:
    made = CodeText(theme)
    qtbot.addWidget(made)
    return made


def colours(code: CodeText, theme: Theme) -> list[tuple[str, str]]:
    names = {theme.hex(name).lower(): name for name in ("violet", "info", "accent-text", "text-3")}
    out: list[tuple[str, str]] = []
    block = code.document().begin()
    while block.isValid():
        units = block.text().encode("utf-16-le")
        for part in block.layout().formats():
            text = units[2 * part.start : 2 * (part.start + part.length)].decode("utf-16-le")
            out.append((text, names.get(part.format.foreground().color().name(), "")))
        block = block.next()
    return out


EXPECTED = [
    ("def", "violet"),
    ("f", "info"),
    ('"""Two', "accent-text"),
    ('    lines 😀"""', "accent-text"),
    ("return", "violet"),
    ("g", "info"),
    ("# done", "text-3"),
]


def joined(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbours of one colour as one: how a string is cut is the lexer's business."""
    out: list[tuple[str, str]] = []
    for text, colour in found:
        if out and colour == "accent-text" == out[-1][1] and not out[-1][0].endswith("Two"):
            out[-1] = (out[-1][0] + text, colour)
        else:
            out.append((text, colour))
    return out


def test_colours_arrive(qtbot: QtBot, code: CodeText, theme: Theme) -> None:
    code.set_source(SOURCE, "python")
    qtbot.waitUntil(lambda: joined(colours(code, theme)) == EXPECTED, timeout=10_000)


def test_colours_follow_growth(qtbot: QtBot, code: CodeText, theme: Theme) -> None:
    for end in range(5, len(SOURCE), 7):
        code.set_source(SOURCE[:end], "python")
        qtbot.wait(1)
    code.set_source(SOURCE, "python")
    qtbot.waitUntil(lambda: joined(colours(code, theme)) == EXPECTED, timeout=10_000)


def test_growth_only_adds(code: CodeText) -> None:
    code.set_source("a\nb", "")
    changes: list[tuple[int, int, int]] = []
    code.document().contentsChange.connect(lambda *change: changes.append(change))
    code.set_source("a\nb\nc", "")
    assert code.toPlainText() == "a\nb\nc"
    assert all(removed == 0 and at >= 3 for at, removed, _ in changes)


@pytest.mark.parametrize("source", ["a\r\nb\n\n  c", "x\u200by\n\x1b[0m", "tab\there", "\u2029"])
def test_a_copy_is_exact_but_for_line_breaks(code: CodeText, source: str) -> None:
    code.set_source(source, "python")
    code.selectAll()
    assert code.selected_text() == source.replace("\r\n", "\n")


def test_other_code_replaces(code: CodeText) -> None:
    code.set_source("long\nold", "")
    code.set_source("new", "")
    assert code.toPlainText() == "new"
    assert code.document().blockCount() == 1


def test_restyle(code: CodeText, theme: Theme) -> None:
    code.set_source("a\nb\nc", "")
    before = code.document().size().height()
    theme.set_scale(2.0)
    code.restyle()
    assert code.document().size().height() > before
    assert code.toPlainText() == "a\nb\nc"
