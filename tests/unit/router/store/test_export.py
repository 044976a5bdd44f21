"""router.store.export: JSON comes back without loss, Markdown can be read."""

import json
import re
import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.backends.base import Sampling
from router.errors import NotFound, StorageError
from router.store.attachments import attachment_of
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.export import export_all_markdown, export_json, export_markdown, file_name
from router.store.imports import ImportReport, import_chats
from router.store.records import Chat, NewMessage, Stats

TABLES = ("chat", "message", "attachment", "draft")


async def fill(store: ChatStore) -> Chat:
    """Chats with branches, files, drafts and every state; returns the richest one."""
    rich = await store.create(
        model="m1", system_prompt="Be brief.\nAnd kind.", sampling=Sampling(top_k=3, stop=("x",))
    )
    question, *_ = await store.add(
        rich.id,
        NewMessage(
            "user",
            "Grüße 👋 \0 \ud83d",
            attachments=(attachment_of("a.txt", b"```\ntext"), attachment_of("b.png", b"\x89\0")),
        ),
        NewMessage("assistant", "One", "thought", model="M", stats=Stats(answer_tokens=3)),
        NewMessage("user", "More"),
        NewMessage("assistant", "", state="failed", error="It broke."),
        title="Rich *title*",
    )
    for state in ("stopped", "cut_off", "done"):
        answer = NewMessage("assistant", state, state=state, origin="remote")
        await store.add(rich.id, answer, parent_id=question.id)
    await store.add(rich.id, NewMessage("user", "Another beginning"), parent_id=0, follow=False)
    await store.pin(rich.id, pinned=True)
    await store.save_draft(rich.id, "not sent")
    await store.create()
    named = await store.create()
    await store.rename(named.id, "Named")
    gone = await store.create()
    await store.delete(gone.id)
    return rich


async def dump(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""

    def work(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            for table in TABLES
        }

    return await database.run(work)


async def test_export_wipe_import_gives_the_same_database(
    database: Database, store: ChatStore, tmp_path: Path
) -> None:
    await fill(store)
    await store.purge()
    before = await dump(database)
    assert await export_json(store, tmp_path / "all.json") == 3
    for chat in await store.list():
        await store.delete(chat.id)
    await store.purge()
    assert not any((await dump(database)).values())
    report = await import_chats(store, tmp_path / "all.json")
    assert report == ImportReport(chats=3, messages=8)
    assert await dump(database) == before
    again = await import_chats(store, tmp_path / "all.json")
    assert again == ImportReport(known=3)
    assert await dump(database) == before
    assert [hit.text for hit in await store.search("beginning")] == ["Another beginning"]


async def test_chosen_chats_only(store: ChatStore, tmp_path: Path) -> None:
    rich = await fill(store)
    assert await export_json(store, tmp_path / "one.json", [rich.id]) == 1
    (chat,) = json.loads((tmp_path / "one.json").read_text("utf-8"))["chats"]
    assert chat["id"] == rich.id
    with pytest.raises(NotFound):
        await export_json(store, tmp_path / "none.json", ["0x1"])
    assert sorted(path.name for path in tmp_path.glob("*.json*")) == ["one.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
async def test_files_are_private(store: ChatStore, tmp_path: Path) -> None:
    await export_json(store, tmp_path / "all.json")
    assert stat.S_IMODE((tmp_path / "all.json").stat().st_mode) == 0o600


async def test_disk_that_refuses(store: ChatStore, tmp_path: Path) -> None:
    await fill(store)
    (tmp_path / "taken").write_text("kept")
    with pytest.raises(StorageError) as caught:
        await export_json(store, tmp_path / "taken" / "all.json")
    assert caught.value.message.startswith("The chats could not be written to ")
    assert caught.value.safe == "All chats are still here."
    assert (tmp_path / "taken").read_text() == "kept"


async def test_markdown_reads_well(store: ChatStore, tmp_path: Path) -> None:
    rich = await fill(store)
    await export_markdown(store, tmp_path / "chat.md", rich.id)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", (tmp_path / "chat.md").read_text("utf-8"))
    assert text == (
        "# Rich *title*\n\nTIME\n\n> Be brief.\n> And kind.\n\n"
        "**You** · TIME\n\na.txt:\n````\n```\ntext\n````\n\nAttached: b.png\n\nGrüße 👋 \0 ?\n\n"
        "**Answer**, remote · TIME\n\ndone\n"
    )
    first = (await store.messages(rich.id))[-1].versions[0]
    await store.select(rich.id, first)
    await export_markdown(store, tmp_path / "chat.md", rich.id)
    text = (tmp_path / "chat.md").read_text("utf-8")
    assert "**M** · " in text
    assert "thought" not in text
    assert text.endswith("\n\n*Not answered. It broke.*\n")


async def test_markdown_says_who_answered(store: ChatStore, tmp_path: Path) -> None:
    chat = await store.create()
    stats = Stats(provider="0x9E04aa", rerouted="A failed.\nB answers instead.")
    await store.add(
        chat.id,
        NewMessage("user", "Hi"),
        NewMessage("assistant", "Hello", model="Llama", origin="remote", stats=stats),
        NewMessage("user", "And?"),
        NewMessage("assistant", "So", model="Old", origin="remote"),
    )
    await export_markdown(store, tmp_path / "chat.md", chat.id)
    text = (tmp_path / "chat.md").read_text("utf-8")
    assert "*A failed.*\n\n*B answers instead.*\n\n**Llama**, 0x9E04aa · " in text
    assert "**Old**, remote · " in text


async def test_every_chat_has_a_file_of_its_own(store: ChatStore, tmp_path: Path) -> None:
    for title in ("Same", "same", "", "a/b:c", "../up"):
        await store.rename((await store.create()).id, title)
    folder = tmp_path / "out"
    assert await export_all_markdown(store, folder) == 5
    assert sorted(path.name for path in folder.iterdir()) == [
        "Chat.md",
        "Same (2).md",
        "a b c.md",
        "same.md",
        "up.md",
    ]


@given(st.lists(st.text(max_size=100), max_size=5))
@example(["👋" * 80, "👋" * 80])
def test_names_are_fit_for_every_file_system(titles: list[str]) -> None:
    taken: set[str] = set()
    names = [file_name(title, taken) for title in titles]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        assert name == name.strip(" .")
        assert name.endswith(".md")
        assert name != ".md"
        assert len(name.encode()) < 255


@pytest.mark.parametrize("title", ["con", "NUL", "com1", "Lpt9", "aux"])
def test_names_that_are_devices_elsewhere(title: str) -> None:
    assert file_name(title, set()) == f"{title} chat.md"
