"""Colours source code: which characters take which colour of the theme.

Pure but for the loading of a lexer, which takes up to 40 ms the first time and therefore happens in
a thread. The pieces come one by one, so the caller stops whenever its time is up.
"""

import importlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from functools import lru_cache
from typing import NamedTuple

from pygments.lexer import Lexer
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    _TokenType,
)

MAX_CHARS = 50_000
MAX_LINE = 2_000  # a longer line is data; patterns take too long on it

# Only these lexers ever see text of a model: module, class, and the names that stand for it.
_LEXERS: dict[tuple[str, str], str] = {
    ("python", "PythonLexer"): "python py python3 py3",
    ("javascript", "JavascriptLexer"): "javascript js mjs node",
    ("javascript", "TypeScriptLexer"): "typescript ts",
    ("jsx", "JsxLexer"): "jsx",
    ("jsx", "TsxLexer"): "tsx",
    ("data", "JsonLexer"): "json jsonc json5 jsonl",
    ("data", "YamlLexer"): "yaml yml",
    ("configs", "TOMLLexer"): "toml",
    ("configs", "IniLexer"): "ini cfg conf properties env dotenv",
    ("configs", "DockerLexer"): "dockerfile docker",
    ("configs", "NginxConfLexer"): "nginx",
    ("shell", "BashLexer"): "bash sh shell zsh",
    ("shell", "BashSessionLexer"): "console shell-session terminal",
    ("shell", "PowerShellLexer"): "powershell ps1 pwsh",
    ("shell", "BatchLexer"): "bat batch cmd",
    ("html", "HtmlLexer"): "html htm",
    ("html", "XmlLexer"): "xml svg",
    ("css", "CssLexer"): "css",
    ("css", "ScssLexer"): "scss",
    ("c_cpp", "CLexer"): "c h",
    ("c_cpp", "CppLexer"): "cpp c++ cc hpp cxx",
    ("dotnet", "CSharpLexer"): "csharp cs c#",
    ("jvm", "JavaLexer"): "java",
    ("jvm", "KotlinLexer"): "kotlin kt",
    ("objective", "SwiftLexer"): "swift",
    ("go", "GoLexer"): "go golang",
    ("rust", "RustLexer"): "rust rs",
    ("ruby", "RubyLexer"): "ruby rb",
    ("php", "PhpLexer"): "php",
    ("perl", "PerlLexer"): "perl pl",
    ("scripting", "LuaLexer"): "lua",
    ("r", "SLexer"): "r",
    ("haskell", "HaskellLexer"): "haskell hs",
    ("solidity", "SolidityLexer"): "solidity sol",
    ("sql", "SqlLexer"): "sql postgresql mysql sqlite",
    ("make", "MakefileLexer"): "make makefile",
    ("diff", "DiffLexer"): "diff patch",
    ("markup", "MarkdownLexer"): "markdown md",
}
_BY_NAME = {name: where for where, names in _LEXERS.items() for name in names.split()}

# From the particular to the general: the first that contains the token decides.
_COLOURS: tuple[tuple[_TokenType, str], ...] = (
    (Keyword.Constant, "warn"),
    (Keyword.Type, "info"),
    (Keyword, "violet"),
    (Operator.Word, "violet"),
    (Number, "warn"),
    (String, "accent-text"),
    (Literal, "warn"),
    (Comment, "text-3"),
    (Name.Function, "info"),
    (Name.Class, "info"),
    (Name.Decorator, "info"),
    (Name.Tag, "info"),
    (Name.Attribute, "violet"),
    (Generic.Deleted, "danger"),
    (Generic.Inserted, "accent-text"),
    (Generic.Heading, "info"),
    (Generic.Subheading, "info"),
    (Generic.Prompt, "text-3"),
)


class Piece(NamedTuple):
    """`length` characters from `start` in the colour token `colour`."""

    start: int
    length: int
    colour: str


def can_colour(code: str, language: str) -> bool:
    """Whether this code is in a known language and of a size that patterns can take."""
    return (
        language in _BY_NAME
        and len(code) <= MAX_CHARS
        and max(map(len, code.split("\n")), default=0) <= MAX_LINE
    )


def load(language: str) -> Future[Lexer]:
    """The lexer of a language that `can_colour` knows, made in a thread of its own."""
    future: Future[Lexer] = Future()

    def run() -> None:
        module, name = _BY_NAME[language]
        lexers = importlib.import_module(f"pygments.lexers.{module}")
        future.set_result(getattr(lexers, name)())

    threading.Thread(target=run, name=f"lexer {language}", daemon=True).start()
    return future


def pieces(code: str, lexer: Lexer) -> Iterator[Piece]:
    """The coloured parts of the code, from its start, made while they are asked for."""
    name_start = name_end = -1
    for start, token, text in lexer.get_tokens_unprocessed(code):
        if token in Punctuation and text[:1] == "(" and name_end == start:
            yield Piece(name_start, name_end - name_start, "info")
        if token in Name and (colour := _colour(token)) == "":
            name_start, name_end = start, start + len(text)
        elif colour := _colour(token):
            yield Piece(start, len(text), colour)


@lru_cache
def _colour(token: _TokenType) -> str:
    for kind, colour in _COLOURS:
        if token in kind:
            return colour
    return ""
