"""router.log: lines are kept, filtered and redacted, whatever happens to the file."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.log import LogBook, LogLine, part_of, redact


@pytest.fixture
def book(tmp_path: Path) -> Iterator[LogBook]:
    book = LogBook(tmp_path / "logs", "info")
    root = logging.getLogger()
    level = root.level
    book.install()
    yield book
    book.close()
    root.setLevel(level)


@pytest.mark.parametrize(
    "secret",
    [
        "Authorization: Basic YWRtaW46aHVudGVyMg==",
        "Authorization: Bearer mk-abcdefgh12345678",
        "password=hunter2",
        "api_key: s3cr3t-value",
        "key mk-Zm9vYmFyYmF6cXV4",
        "0x" + "ab12" * 16,
        "passphrase 'correcthorse'",
    ],
)
def test_secrets_are_removed(secret: str) -> None:
    cleaned = redact(f"before {secret} after")
    assert "[removed]" in cleaned
    for canary in (
        "YWRtaW46",
        "mk-abcdefgh",
        "hunter2",
        "s3cr3t",
        "mk-Zm9v",
        "ab12ab12",
        "correcthorse",
    ):
        assert canary not in cleaned


def test_ordinary_lines_are_untouched() -> None:
    line = "GET /v1/models 200 in 4 ms, model SmolLM2-135M-Instruct.Q4_1, pid 48213"
    assert redact(line) == line


def test_lines_reach_memory_and_file(book: LogBook) -> None:
    heard: list[LogLine] = []
    book.added.subscribe(heard.append)
    logging.getLogger("router.inference.host").info("worker started, pid %d", 7)
    logging.getLogger("router.api.server").debug("only in the window")
    assert [(line.part, line.text) for line in heard] == [
        ("local", "worker started, pid 7"),
        ("api", "only in the window"),
    ]
    written = (book.folder / "morpheus.log").read_text()
    assert "worker started, pid 7" in written
    assert "only in the window" not in written


def test_level_of_the_file_can_change(book: LogBook) -> None:
    book.set_level("debug")
    logging.getLogger("router.chat").debug("now written")
    assert "now written" in (book.folder / "morpheus.log").read_text()


def test_hostile_text_is_inert(book: LogBook) -> None:
    logging.getLogger("router.api").info("name %s", "\x1b[2Jboo\u202e")
    assert "\x1b" not in (book.folder / "morpheus.log").read_text()
    assert book.lines[-1].text == "name ␛[2Jboo⟨U+202E⟩"


def test_a_folder_that_cannot_be_written_is_said_and_survived(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    book = LogBook(tmp_path / "logs")
    book.handle(logging.makeLogRecord({"name": "router.chat", "msg": "kept", "levelno": 20}))
    assert "cannot be written" in book.problem
    assert book.lines[-1].text == "kept"
    book.close()


def test_parts() -> None:
    assert part_of("router.store.db") == "store"
    assert part_of("router.storefront") == "app"
    assert part_of("morpheus_desktop.app") == "app"
