"""router.store.imports: chats come in once, whole, or not at all with a reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from router.errors import BadRequest
from router.store import imports
from router.store.attachments import attachment_of
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.export import FORMAT, export_json
from router.store.imports import ImportReport, import_chats
from router.store.records import NewMessage, Stats

ID = "0x" + "0a" * 32


def own(*messages: dict[str, Any], chat_id: str = ID, **chat: Any) -> dict[str, Any]:
    chats = [{"id": chat_id, "messages": [*messages], **chat}]
    return {"format": FORMAT, "version": 1, "chats": chats}


def message(key: int, parent: int | None = None, text: str = "Hi") -> dict[str, Any]:
    return {"id": key, "parent_id": parent, "role": "user", "content": text}


def written(folder: Path, value: Any, name: str = "file.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(value))
    return path


async def texts(store: ChatStore, chat_id: str = ID) -> list[str]:
    return [message.content for message in await store.messages(chat_id)]


async def test_messages_that_are_missing_are_added(store: ChatStore, tmp_path: Path) -> None:
    """Two computers that go on with the same chat end up with both branches."""
    await import_chats(store, written(tmp_path, own(message(1, None, "a"), message(5, 1, "b"))))
    await store.add(ID, NewMessage("user", "here"))
    other = own(message(1, None, "changed"), message(7, 1, "c"), message(8, 7, "d"), updated_at=1)
    report = await import_chats(store, written(tmp_path, other))
    assert report == ImportReport(messages=2)
    assert await texts(store) == ["a", "b", "here"]
    assert [m.content for m in await store.select(ID, 7)] == ["a", "c", "d"]


async def test_newer_branch_comes_into_view(store: ChatStore, tmp_path: Path) -> None:
    await import_chats(store, written(tmp_path, own(message(1), updated_at=5.0, head=1)))
    newer = own(message(1), message(2, 1, "new"), updated_at=9.0, head=2)
    await import_chats(store, written(tmp_path, newer))
    assert await texts(store) == ["Hi", "new"]


async def test_ids_of_another_chat_are_replaced(store: ChatStore, tmp_path: Path) -> None:
    await import_chats(store, written(tmp_path, own(message(1), message(2, 1))))
    clash = own(message(1, None, "x"), message(2, 1, "y"), chat_id="0x" + "0b" * 32, head=2)
    path = written(tmp_path, clash)
    assert await import_chats(store, path) == ImportReport(chats=1, messages=2)
    assert await texts(store, "0x" + "0b" * 32) == ["x", "y"]
    assert await texts(store) == ["Hi"] * 2
    assert await import_chats(store, path) == ImportReport(known=1)


async def test_deleted_chat_comes_back(store: ChatStore, tmp_path: Path) -> None:
    chat = await store.create()
    await store.add(chat.id, NewMessage("user", "Hi"))
    await export_json(store, tmp_path / "all.json")
    await store.delete(chat.id)
    assert (await import_chats(store, tmp_path / "all.json")).chats == 1
    assert [found.id for found in await store.list()] == [chat.id]
    assert await texts(store, chat.id) == ["Hi"]


async def test_others_chats_come_in_once(store: ChatStore, tmp_path: Path) -> None:
    old = {"modelId": "", "messages": [{"prompt": {"prompt": "Hi"}, "response": "Hello"}]}
    chatgpts = [{"id": "c", "mapping": {"a": {"message": {"author": {"role": "user"}, "content":
                {"parts": ["Hello there"]}}}}}]  # fmt: skip
    for value, name, count in ((old, f"{ID}.json", 2), (chatgpts, "conversations.json", 1)):
        path = written(tmp_path, value, name)
        changes: list[str] = []
        stop = store.changed.subscribe(lambda event, to=changes: to.append(event.what))
        assert await import_chats(store, path) == ImportReport(chats=1, messages=count)
        assert await import_chats(store, path) == ImportReport(known=1)
        stop()
        assert changes == ["all"]
    assert await texts(store) == ["Hi", "Hello"]


async def test_folder_of_the_original_node(
    store: ChatStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {"modelId": "", "messages": [{"prompt": {"prompt": "Hi"}, "response": "Hello"}]}
    other = "0x" + "0c" * 32
    written(tmp_path, old, f"{ID}.json")
    written(tmp_path, {"half": 1}, f"{other}.json")
    written(tmp_path, old, "notes.json")
    report = await import_chats(store, tmp_path)
    assert (report.chats, report.messages) == (1, 2)
    (problem,) = report.problems
    assert problem.startswith("0x0c0c0c0c…: This is not a file of chats")
    monkeypatch.setattr(imports, "MOST_FILES", 1)
    with pytest.raises(BadRequest, match="more than 1 chats"):
        await import_chats(store, tmp_path)


async def test_folder_without_chats(store: ChatStore, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadRequest, match="There are no chats in empty"):
        await import_chats(store, tmp_path / "empty")


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        "text",
        {},
        [1],
        [[]],
        {"format": "other"},
        own(message(1), message(1)),
        {"format": FORMAT, "version": 99, "chats": []},
        {"format": FORMAT, "version": 1, "chats": [*own(message(1))["chats"], {"id": "bad"}]},
        [{"mapping": {}}, {"mapping": {}, "create_time": "x"}],
    ],
)
async def test_wrong_file_changes_nothing(store: ChatStore, tmp_path: Path, value: Any) -> None:
    """Also when its first chats are good."""
    with pytest.raises(BadRequest) as caught:
        await import_chats(store, written(tmp_path, value))
    assert caught.value.message
    assert await store.list() == ()


@pytest.mark.parametrize("place", ["content", "reasoning", "error", "draft", "system_prompt"])
async def test_text_that_cannot_be_shown_is_refused(
    store: ChatStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(imports, "LONGEST_TEXT", 1_000)
    long = {place: "x" * 1_001}
    in_chat = place in ("draft", "system_prompt")
    chats = own(message(1) | ({} if in_chat else long), title="Big", **(long if in_chat else {}))
    with pytest.raises(BadRequest, match="A text in the chat “Big” has 1,001 letters; at most"):
        await import_chats(store, written(tmp_path, chats))
    assert await store.list() == ()
    chats = own(message(1, text="x" * 1_000))
    assert await import_chats(store, written(tmp_path, chats)) == ImportReport(chats=1, messages=1)


async def test_empty_export_of_others_is_no_error(store: ChatStore, tmp_path: Path) -> None:
    assert await import_chats(store, written(tmp_path, [])) == ImportReport()


@pytest.mark.slow
async def test_file_of_a_hundred_megabytes(store: ChatStore, tmp_path: Path) -> None:
    """A hundred chats, each a branch of ten messages."""
    text = "word " * 20_000
    chats = [
        own(*(message(n * 10 + k, n * 10 + k - 1 if k else None, text) for k in range(10)),
            chat_id=f"0x{n:064x}")["chats"][0]
        for n in range(1, 101)
    ]  # fmt: skip
    path = written(tmp_path, {"format": FORMAT, "version": 1, "chats": chats})
    assert path.stat().st_size > 100_000_000
    assert await import_chats(store, path) == ImportReport(chats=100, messages=1_000)
    assert await store.count() == 100
    assert await texts(store, f"0x{50:064x}") == [text] * 10


async def test_who_answered_comes_back(store: ChatStore, tmp_path: Path) -> None:
    """Answers of the network keep provider, session and cost, of any size."""
    chat = await store.create(model="0x" + "aa" * 32)
    stats = Stats(provider="0xA1", session_id="0x51", cost=2**200, is_direct=True, claimed=True)
    file = attachment_of("a.txt", b"content")
    await store.add(
        chat.id,
        NewMessage("user", "Hi", attachments=(file,)),
        NewMessage("assistant", "Yes", model="Llama", origin="remote", stats=stats),
    )
    await export_json(store, tmp_path / "all.json")
    database = Database(None)
    await database.open()
    other = ChatStore(database)
    await import_chats(other, tmp_path / "all.json")
    question, answer = await other.messages(chat.id)
    assert (answer.model, answer.origin, answer.stats) == ("Llama", "remote", stats)
    assert await other.attachment_data(question.attachments[0].id) == b"content"
    assert (await other.get(chat.id)).origin == "remote"
    await database.close()
