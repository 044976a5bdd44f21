"""Every known kind of hostile model output, in the real transcript: shown, inert, in small pieces.

What a piece may cost is bounded by its size; the time itself is measured by `benchmarks gui`.
"""

import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication, QTextDocument, QTextFormat
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat import links, markdown, split
from morpheus_desktop.chat.answer import AnswerView
from morpheus_desktop.chat.blocks import Code, Table, Text
from morpheus_desktop.chat.code_view import CodeView
from morpheus_desktop.chat.text_view import InertText
from morpheus_desktop.chat.transcript import TranscriptView
from morpheus_desktop.theme import Theme
from router.store.records import Message
from router.untrusted import has_hidden

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "chat-output" / "hostile-output.json"
EXPECTED = 55

if not VECTORS.exists():
    pytest.skip("vectors/chat-output/hostile-output.json is not here", allow_module_level=True)

CASES: dict[str, str] = {
    case["name"]: case["text"] for case in json.loads(VECTORS.read_text(encoding="utf-8"))
}


def answer(text: str, **values: Any) -> Message:
    known: dict[str, Any] = {"reasoning": "", "state": "done", "error": "", "stats": None}
    known |= {"model": "M", "origin": "local", "created_at": 0.0, "id": 1, "parent_id": None}
    return Message(chat_id="0x1", role="assistant", content=text, **{**known, **values})


class Screen:
    """A transcript with one answer."""

    def __init__(self, qtbot: QtBot, theme: Theme) -> None:
        self.qtbot = qtbot
        self.view = TranscriptView(theme)
        qtbot.addWidget(self.view)
        self.view.resize(800, 600)
        self.view.show()

    def open(self, text: str) -> None:
        """The answer as it is read from the store, seen from end and top."""
        self.view.set_messages([answer(text)])
        self.settle()
        self.view.verticalScrollBar().setValue(0)
        self.settle()

    def stream(self, text: str) -> None:
        """The answer as it is written, in ten parts."""
        self.view.set_messages([answer("", state="writing")])
        step = len(text) // 10 + 1
        for start in range(0, len(text), step):
            self.view.append(1, text[start : start + step])
            self.settle()
        self.view.set_message(answer(text))
        self.settle()

    def settle(self) -> None:
        view = self.view
        self.qtbot.waitUntil(
            lambda: not (view._settler.isActive() or view._flusher.isActive()), timeout=30_000
        )

    def texts(self) -> list[InertText]:
        return self.view.findChildren(InertText)

    def shown(self) -> str:
        return "\n".join(text.toPlainText().replace("\u200b", "") for text in self.texts())

    def copied(self) -> str:
        parts = []
        for text in self.texts():
            text.selectAll()
            parts.append(text.selected_text())
        return "\n".join(parts)


@pytest.fixture
def screen(qtbot: QtBot, theme: Theme) -> Screen:
    return Screen(qtbot, theme)


@pytest.fixture
def leaks() -> Iterator[tuple[int, list[str]]]:
    """A server at which nobody may ever knock: its port and the knocks."""
    knocks: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def listen() -> None:
            while True:
                connection, address = server.accept()
                connection.close()
                if address == own:
                    return
                knocks.append(str(address))

        thread = threading.Thread(target=listen, name="listener")
        own: object = None
        thread.start()
        yield server.getsockname()[1], knocks
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            own = last.getsockname()
            last.connect(server.getsockname())
        thread.join()


def formats(document: QTextDocument) -> Iterator[QTextFormat]:
    return iter(document.allFormats())


def test_the_file_is_complete() -> None:
    assert len(CASES) == EXPECTED


@pytest.mark.parametrize("way", ["open", "stream"])
@pytest.mark.parametrize("name", CASES)
def test_it_is_shown_and_inert(
    screen: Screen, leaks: tuple[int, list[str]], tmp_path: Path, name: str, way: str
) -> None:
    port, knocks = leaks
    pipe = tmp_path / "fifo"
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)  # whoever opens it waits for ever, and the test with it
    text = CASES[name].replace("127.0.0.1:9/", f"127.0.0.1:{port}/")
    text = text.replace("/tmp/fifo", pipe.as_posix())
    getattr(screen, way)(text)
    assert screen.shown().strip()
    assert not has_hidden(screen.shown())
    for surface in screen.texts():
        kinds = [style for style in formats(surface.document()) if style.isImageFormat()]
        assert not kinds
        assert surface.source().isEmpty()
    screen.view.grab()
    assert not knocks


@pytest.mark.parametrize("name", CASES)
def test_no_piece_is_large(name: str) -> None:
    for section in split.split(CASES[name]):
        assert len(section.text) <= max(split.MAX_MARKDOWN, split.MAX_CODE) + split.MAX_LINE
        if section.kind == "plain":
            assert len(section.text) <= split.MAX_PLAIN
            assert section.text.count("\n") <= split.MAX_PLAIN_LINES
        for block in markdown.read(section):
            if isinstance(block, Table):
                assert len(block.head) <= markdown.MAX_COLUMNS
                assert len(block.head) * (len(block.rows) + 1) <= markdown.MAX_CELLS
            if isinstance(block, Text):
                assert block.depth < markdown.MAX_NESTING
                assert block.quote < markdown.MAX_NESTING


@pytest.mark.parametrize("name", [name for name in CASES if len(CASES[name]) > 50_000])
def test_only_a_few_pieces_are_made(screen: Screen, name: str) -> None:
    screen.open(CASES[name])
    assert sum(len(text.toPlainText()) for text in screen.texts()) < 60_000


# --- what each kind asks for in particular ---------------------------------------------------

PICTURES = ("remote_image", "file_image", "dev_zero", "unc", "qrc", "data_svg", "png_bomb_hdr")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_its_address(screen: Screen, name: str) -> None:
    screen.open(CASES[name])
    address = re.search(r"\((.*)\)$", CASES[name])
    assert address is not None
    assert f"Image not loaded (x): {address[1]}" in screen.shown()


def test_a_reference_is_spelled_out(screen: Screen) -> None:
    screen.open(CASES["ref_image"])
    assert "http://127.0.0.1:9/leak?d=SECRET" in screen.shown()


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("link_")])
def test_only_web_addresses_are_links(screen: Screen, name: str) -> None:
    screen.open(CASES[name])
    match = re.match(r"\[(.*?)\]\(\s*(.*)\)$", CASES[name])
    assert match is not None
    shown, target = match.groups()
    addresses = [address for text in screen.texts() for address in text._links]
    if not target.startswith("https://"):
        assert not addresses
        assert screen.shown() == f"{shown} ({target})"
        return
    assert set(addresses) == {target}
    link = links.describe(target, shown)
    assert link.url == target
    assert link.warnings, "userinfo, punycode and another site are all told"
    if name == "link_text_mismatch":
        assert "https://evil.example" in screen.shown()


@pytest.mark.parametrize("name", ["html_img", "autolink", "script", "fake_ui"])
def test_markup_is_text(screen: Screen, name: str) -> None:
    screen.open(CASES[name])
    plain = CASES[name].replace(
        "<javascript:alert(1)> <file:///etc/passwd>", "javascript:alert(1) file:///etc/passwd"
    )
    assert screen.shown() == plain
    assert not screen.view.findChildren(QLineEdit)
    assert not screen.view.findChildren(QPlainTextEdit)


def test_entities_are_characters_and_still_inert(screen: Screen) -> None:
    screen.open(CASES["html_entities"])
    assert screen.shown() == "<b> <img src=x> ⟨U+202E⟩abc"


def test_a_model_cannot_speak_as_the_app(screen: Screen) -> None:
    screen.open(CASES["fake_system"])
    (view,) = screen.view.viewport().findChildren(AnswerView)
    assert all(view.isAncestorOf(text) for text in screen.texts())
    assert not [w for w in screen.view.findChildren(QWidget) if type(w).__name__ == "NoticeView"]


@pytest.mark.parametrize(
    "name", ["bidi", "zwsp_addr", "ansi_osc8", "zalgo", "lone_surrogate_escape"]
)
def test_a_copy_is_exact(screen: Screen, name: str) -> None:
    screen.open(CASES[name])
    assert screen.copied() == CASES[name]


def test_copying_hidden_characters_warns(screen: Screen) -> None:
    text = CASES["zwsp_addr"]
    screen.open(text)
    (view,) = screen.view.viewport().findChildren(AnswerView)
    with screen.qtbot.waitSignal(screen.view.copied) as signal:
        view.copy()
    assert signal.args == [True]
    assert QGuiApplication.clipboard().text() == text


@pytest.mark.parametrize(
    ("name", "marks"), [("nul", "a␀b␛[31mred␛[0m␇"), ("ansi_osc8", "␛]8;;http://evil␇link␛]8;;␇")]
)
def test_controls_are_marks(screen: Screen, name: str, marks: str) -> None:
    screen.open(CASES[name])
    assert screen.shown() == marks


def test_towers_of_marks_are_cut(screen: Screen) -> None:
    screen.open(CASES["zalgo"])
    (text,) = screen.texts()
    assert text.height() < 60
    assert text.toPlainText().count("\u0300") <= 4


CODE: dict[str, Callable[[Code], bool]] = {
    "open_fence": lambda code: code == Code("print(1)", "python"),
    "fence_html": lambda code: code == Code("<script>1</script>", "html"),
    "mermaid": lambda code: code.language == "mermaid" and "javascript:" in code.source,
}


@pytest.mark.parametrize("name", CODE)
def test_code_is_code(screen: Screen, name: str) -> None:
    screen.stream(CASES[name])
    (view,) = screen.view.findChildren(CodeView)
    assert CODE[name](view._code)


def test_math_is_not_expanded(screen: Screen) -> None:
    screen.open(CASES["math"])
    assert screen.shown() == CASES["math"]


def test_what_is_copied_is_what_is_shown(screen: Screen) -> None:
    screen.open(CASES["copy_trap"])
    (view,) = screen.view.findChildren(CodeView)
    view.copy()
    assert QGuiApplication.clipboard().text() == "echo hi"
    assert '<span style="font-size:0">; rm -rf ~</span>' in screen.shown()
