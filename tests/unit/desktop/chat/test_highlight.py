"""Code takes the colours of the theme, for known languages and sane sizes only."""

import pytest

from morpheus_desktop.chat import highlight

CODE = 'def f(n: int) -> str:\n    # no\n    return g(n) + "x" if n > 1 else None\n'


def coloured(code: str, language: str) -> list[tuple[str, str]]:
    lexer = highlight.load(language).result(10)
    return [
        (code[piece.start : piece.start + piece.length], piece.colour)
        for piece in highlight.pieces(code, lexer)
    ]


def test_python() -> None:
    assert coloured(CODE, "python") == [
        ("def", "violet"),
        ("f", "info"),
        ("# no", "text-3"),
        ("return", "violet"),
        ("g", "info"),
        ('"', "accent-text"),
        ("x", "accent-text"),
        ('"', "accent-text"),
        ("if", "violet"),
        ("1", "warn"),
        ("else", "violet"),
        ("None", "warn"),
    ]


@pytest.mark.parametrize("language", sorted(highlight._BY_NAME))
def test_every_language_loads(language: str) -> None:
    assert highlight.can_colour("x = 1", language)
    pieces = list(highlight.pieces(CODE, highlight.load(language).result(10)))
    assert all(0 <= piece.start < piece.start + piece.length <= len(CODE) for piece in pieces)


@pytest.mark.parametrize(
    ("code", "language"),
    [("x", "klingon"), ("x", ""), ("x\n" * 30_000, "python"), ("x" * 3_000, "json")],
)
def test_what_stays_plain(code: str, language: str) -> None:
    assert not highlight.can_colour(code, language)
