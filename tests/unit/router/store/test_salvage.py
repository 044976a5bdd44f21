"""router.store.salvage: whatever is still readable in a damaged file comes over."""

import logging
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from router.errors import StorageError
from router.store import salvage
from router.store.attachments import attachment_of
from router.store.chats import ChatStore
from router.store.db import Database, OpenReport
from router.store.records import NewMessage

CHATS, MESSAGES = 10, 30
PAGE = 4096


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A closed file with a few hundred messages, some of them long."""
    path = tmp_path / "chats.db"
    database = Database(path)
    await database.open()
    store = ChatStore(database)
    for number in range(CHATS):
        chat = await store.create(system_prompt="Be brief.")
        await store.rename(chat.id, f"chat {number}")
        letters = "long " * 900 if number % 3 == 0 else "short"
        await store.add(
            chat.id,
            *(NewMessage("user", f"message {number}.{n} {letters}") for n in range(MESSAGES - 1)),
            NewMessage("user", "file", attachments=(attachment_of("a.txt", b"content"),)),
        )
    await database.close()
    return path


async def reopen(path: Path) -> tuple[OpenReport, dict[str, list[str]]]:
    """Open a file and read everything in it."""
    database = Database(path)
    report = await database.open()
    store = ChatStore(database)
    texts = {
        chat.title: [message.content for message in await store.messages(chat.id)]
        for chat in await store.list()
    }
    chat = await store.create()
    await store.add(chat.id, NewMessage("user", "quagmire"))
    assert [hit.text for hit in await store.search("quagmire")] == ["quagmire"]
    checks = await database.run(lambda c: c.execute("PRAGMA integrity_check").fetchall())
    assert checks == [("ok",)]
    assert await database.run(lambda c: c.execute("PRAGMA foreign_key_check").fetchall()) == []
    await database.close()
    assert not list(path.parent.glob(".salvage-*"))
    return report, texts


def overwrite(path: Path, page: int, data: bytes | None = None) -> None:
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(data if data is not None else random.Random(page).randbytes(PAGE))


def pages(path: Path) -> int:
    return path.stat().st_size // PAGE


async def test_sound_file_is_left_alone(path: Path) -> None:
    report, texts = await reopen(path)
    assert report.salvaged is None
    assert len(texts) == CHATS
    assert {len(messages) for messages in texts.values()} == {MESSAGES}


async def test_damaged_header(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    overwrite(path, 0)
    damaged = path.read_bytes()
    report, texts = await reopen(path)
    saved = report.salvaged
    assert saved is not None
    assert saved.kept_as.read_bytes() == damaged
    assert (saved.chats, saved.messages, saved.lost, saved.cut) == (CHATS, CHATS * MESSAGES, 0, 0)
    assert {len(messages) for messages in texts.values()} == {MESSAGES}
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
async def test_damaged_pages(path: Path, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Any three pages may break: what comes back was there, and most of it comes back.

    A long text may end where a broken page begins, which is told. SQLite keeps the first 489
    bytes of a row in a page of their own, and some 70 of them are not text.
    """
    connection = sqlite3.connect(path)
    before = {content for (content,) in connection.execute("SELECT content FROM message")}
    connection.close()
    for page in random.Random(seed).sample(range(1, pages(path)), 3):
        overwrite(path, page)
    report, texts = await reopen(path)
    found = [text for messages in texts.values() for text in messages]
    damaged = set(found) - before
    for text in damaged:
        assert any(whole.startswith(text[: len(text) - 20]) for whole in before)
        assert len(text) > 400
    if report.salvaged is None:
        assert not damaged
    else:
        assert report.salvaged.cut >= len(damaged)
        assert report.salvaged.messages >= CHATS * MESSAGES * 0.5
        assert len(found) >= CHATS * MESSAGES * 0.5


async def test_chat_that_is_lost_leaves_its_messages(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(path) as connection:
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'chat'"
        ).fetchone()
    connection.close()
    overwrite(path, root - 1)
    report, texts = await reopen(path)
    assert report.salvaged is not None
    assert report.salvaged.messages == CHATS * MESSAGES
    assert set(texts) == {"Recovered chat"}


async def test_message_that_is_lost_leaves_the_chat_whole(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What stood below a lost message hangs below the one before it."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = OFF")
    (gone,) = connection.execute("SELECT id FROM message ORDER BY id LIMIT 1 OFFSET 5").fetchone()
    connection.execute("DELETE FROM message WHERE id = ?", (gone,))
    connection.commit()
    connection.close()
    overwrite(path, 0)
    report, texts = await reopen(path)
    assert report.salvaged is not None
    assert report.salvaged.messages == CHATS * MESSAGES - 1
    assert len(texts["chat 0"]) == MESSAGES - 1


async def test_nothing_readable_still_gives_a_working_store(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "chats.db"
    path.write_bytes(random.Random(1).randbytes(50_000))
    report, texts = await reopen(path)
    assert report.salvaged is not None
    assert (report.salvaged.chats, report.salvaged.messages) == (0, 0)
    assert texts == {}
    assert report.salvaged.kept_as.stat().st_size == 50_000


@pytest.mark.parametrize("size", [1, 100, 5_000, 100_000])
async def test_truncated_file(path: Path, size: int, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(path.read_bytes()[:size])
    report, _ = await reopen(path)
    assert report.salvaged is not None


async def test_work_of_a_killed_rescue_is_swept_up(path: Path) -> None:
    left = path.parent / f"{salvage.WORK_PREFIX}abc"
    left.mkdir()
    (left / "new.db").write_text("half")
    await reopen(path)
    assert not left.exists()


async def test_disk_that_refuses_leaves_the_damaged_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    overwrite(path, 0)
    damaged = path.read_bytes()

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copy2", full)
    with pytest.raises(StorageError) as caught:
        await Database(path).open()
    assert "No space left" in caught.value.message
    assert path.read_bytes() == damaged
