"""router.store.chats: what a coroutine returns from is on disk, and everybody hears of it."""

import asyncio
from pathlib import Path

import pytest

from router.backends.base import Sampling
from router.errors import NotFound
from router.store.attachments import attachment_of
from router.store.chats import LONGEST_TITLE, ChatStore
from router.store.db import Database
from router.store.records import ChatChanged, NewMessage, Stats


async def texts(store: ChatStore, chat_id: str) -> list[str]:
    return [message.content for message in await store.messages(chat_id)]


async def test_chats_come_back_in_order(database: Database) -> None:
    times = iter(range(100, 200))
    store = ChatStore(database, clock=lambda: float(next(times)))
    first, second, third = [await store.create(model=f"m{n}") for n in range(3)]
    assert [chat.id for chat in await store.list()] == [third.id, second.id, first.id]
    await store.add(first.id, NewMessage("user", "Hi"))
    await store.pin(second.id, pinned=True)
    assert [chat.id for chat in await store.list()] == [second.id, first.id, third.id]
    assert await store.count() == 3
    assert len({chat.id for chat in (first, second, third)}) == 3
    assert all(len(chat.id) == 66 for chat in (first, second, third))
    assert (await store.get(first.id)).updated_at > first.updated_at
    assert await store.has(first.id)
    assert not await store.has("0x0")


async def test_settings_of_a_chat(store: ChatStore) -> None:
    chat = await store.create(system_prompt="a", sampling=Sampling(top_k=1))
    await store.set_model(chat.id, "m")
    await store.set_system_prompt(chat.id, "b")
    await store.set_sampling(chat.id, Sampling(temperature=0.0))
    await store.rename(chat.id, "t" * 500)
    found = await store.get(chat.id)
    assert (found.model, found.system_prompt, found.sampling) == (
        "m",
        "b",
        Sampling(temperature=0.0),
    )
    assert (found.title, found.named) == ("t" * LONGEST_TITLE, True)


async def test_add_is_all_or_nothing(store: ChatStore) -> None:
    chat, other = await store.create(), await store.create()
    (elsewhere,) = await store.add(other.id, NewMessage("user", "Hi"))
    with pytest.raises(NotFound):
        await store.add(chat.id, NewMessage("user", "a"), parent_id=elsewhere.id)
    with pytest.raises(NotFound):
        await store.add("0x0", NewMessage("user", "a"))
    with pytest.raises(NotFound):
        await store.select(chat.id, elsewhere.id)
    assert await texts(store, chat.id) == []


async def test_following_a_branch_or_staying(store: ChatStore) -> None:
    chat = await store.create()
    a, b = await store.add(chat.id, NewMessage("user", "a"), NewMessage("user", "b"))
    (c,) = await store.add(chat.id, NewMessage("user", "c"), parent_id=a.id, follow=False)
    assert await texts(store, chat.id) == ["a", "b"]
    await store.add(chat.id, NewMessage("user", "d"), parent_id=b.id, follow=False)
    assert await texts(store, chat.id) == ["a", "b", "d"]
    assert [m.content for m in await store.select(chat.id, c.id)] == ["a", "c"]
    assert [m.content for m in await store.path(b.id)] == ["a", "b"]
    await store.add(chat.id, NewMessage("user", "e"), parent_id=0)
    assert await texts(store, chat.id) == ["e"]
    with pytest.raises(NotFound):
        await store.path(5)


async def test_update_changes_what_is_named(store: ChatStore) -> None:
    chat = await store.create()
    (message,) = await store.add(chat.id, NewMessage("assistant", "a", "r", model="M"))
    changed = await store.update(message.id, content="b", stats=Stats(answer_tokens=2))
    assert (changed.content, changed.reasoning, changed.model) == ("b", "r", "M")
    assert changed.stats == Stats(answer_tokens=2)
    assert await store.update(message.id) == changed == await store.message(message.id)
    with pytest.raises(NotFound):
        await store.update(5, content="x")


async def test_branch_is_a_chat_of_its_own(store: ChatStore) -> None:
    chat = await store.create(model="m", system_prompt="s", sampling=Sampling(seed=3))
    file = attachment_of("a.txt", b"content")
    _, middle, _ = await store.add(
        chat.id,
        NewMessage("user", "a", attachments=(file,)),
        NewMessage("assistant", "b", state="writing", stats=Stats(answer_tokens=1)),
        NewMessage("user", "c"),
        title="Title",
    )
    new = await store.branch(chat.id, middle.id)
    assert (new.title, new.model, new.system_prompt, new.sampling) == (
        "Title (branch)", "m", "s", Sampling(seed=3)
    )  # fmt: skip
    question, answer = await store.messages(new.id)
    assert (question.content, answer.content, answer.state) == ("a", "b", "cut_off")
    assert answer.stats == Stats(answer_tokens=1)
    assert await store.attachment_data(question.attachments[0].id) == b"content"
    await store.delete(chat.id)
    await store.purge()
    assert await texts(store, new.id) == ["a", "b"]
    assert await store.attachment_data(question.attachments[0].id) == b"content"


async def test_drafts(store: ChatStore) -> None:
    chat = await store.create()
    await store.save_draft(chat.id, "half\ud83d")
    await store.save_draft("", "on the first page")
    assert (await store.get(chat.id)).draft == await store.draft(chat.id) == "half?"
    await store.save_draft(chat.id, "")
    assert (await store.draft(chat.id), await store.draft()) == ("", "on the first page")


async def test_delete_restore_purge(store: ChatStore, tmp_path: Path) -> None:
    kept, gone = await store.create(), await store.create()
    await store.add(gone.id, NewMessage("user", "quagmire " * 2_000), title="quagmire")
    await store.save_draft(gone.id, "quagmire")
    await store.delete(gone.id)
    assert [chat.id for chat in await store.list()] == [kept.id]
    assert (await store.get(gone.id)).deleted_at is not None
    await store.restore(gone.id)
    assert await store.count() == 2
    await store.purge(gone.id, kept.id)
    assert await store.count() == 2
    await store.delete(gone.id)
    await store.purge(kept.id)
    assert await store.has(gone.id)
    await store.purge()
    assert not await store.has(gone.id)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"uagmire" not in path.read_bytes()
    with pytest.raises(NotFound):
        await store.restore(gone.id)


async def test_recover_ends_what_nobody_writes(store: ChatStore) -> None:
    chat = await store.create()
    await store.add(
        chat.id, NewMessage("user", "a"), NewMessage("assistant", "half", state="writing")
    )
    assert await store.recover("It ended.") == 1
    assert await store.recover("It ended.") == 0
    _, answer = await store.messages(chat.id)
    assert (answer.content, answer.state, answer.error) == ("half", "cut_off", "It ended.")
    assert len(await store.search("half")) == 1


async def test_answer_that_was_unfinished_in_a_copy(store: ChatStore) -> None:
    chat = await store.create()
    (answer,) = await store.add(chat.id, NewMessage("assistant", "half", state="writing"))
    copy = await store.backup()
    await store.update(answer.id, content="half and whole", state="done")
    await store.restore_backup(copy)
    restored = await store.message(answer.id)
    assert (restored.content, restored.state) == ("half", "cut_off")
    assert "when the copy was made" in restored.error


async def test_everybody_hears_of_every_change(store: ChatStore) -> None:
    heard: list[ChatChanged] = []
    store.changed.subscribe(heard.append)
    chat = await store.create()
    (message,) = await store.add(chat.id, NewMessage("assistant", "a", state="writing"))
    await store.update(message.id, content="b")  # each second while it is written: no news
    await store.update(message.id, state="done")
    await store.select(chat.id, message.id)
    await store.rename(chat.id, "t")
    await store.delete(chat.id)
    await store.restore(chat.id)
    await store.delete(chat.id)
    await store.purge()
    assert {event.chat_id for event in heard} == {chat.id}
    assert [event.what for event in heard] == [
        "created", "messages", "messages", "messages", "changed", "deleted", "restored",
        "deleted", "purged",
    ]  # fmt: skip


async def test_many_at_once_keep_their_order(store: ChatStore) -> None:
    chat = await store.create()
    await asyncio.gather(*(store.add(chat.id, NewMessage("user", str(n))) for n in range(100)))
    assert await texts(store, chat.id) == [str(n) for n in range(100)]


async def test_origin_is_that_of_the_newest_answer(store: ChatStore) -> None:
    chat = await store.create()
    await store.add(chat.id, NewMessage("assistant", "a", origin="remote"))
    assert (await store.get(chat.id)).origin == "remote"
    await store.add(chat.id, NewMessage("user", "a", origin="local"))
    assert (await store.get(chat.id)).origin == "remote"
