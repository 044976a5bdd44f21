"""router.store.search: words are found wherever they stand, and are never query syntax."""

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import NewMessage, SearchHit


async def saved(store: ChatStore, *texts: str, title: str = "") -> str:
    chat = await store.create()
    await store.add(chat.id, *(NewMessage("user", text) for text in texts), title=title)
    return chat.id


def marked(hit: SearchHit) -> list[str]:
    return [hit.text[start:end] for start, end in hit.marks]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("quick", ["Quick"]),
        ("QUI", ["Quick"]),
        ("gruße", ["Grüße"]),
        ("cafe", ["café"]),
        ("fox quick", ["Quick", "fox"]),
        ("quick absent", []),
        ("日本", ["日本語"]),
        ("l'eau", ["l", "eau"]),
        ('"quick" OR absent*', []),
        ("NEAR(quick fox)", []),
        ("content:quick", []),
        ("-quick", ["Quick"]),
        ("...", []),
        ("", []),
        (" \0 ", []),
    ],
)
async def test_words_are_found_and_marked(store: ChatStore, query: str, found: list[str]) -> None:
    await saved(store, "The Quick brown fox says Grüße in a café, 日本語, l'eau", "other words")
    hits = await store.search(query)
    assert [sorted(marked(hit)) for hit in hits] == ([sorted(found)] if found else [])


async def test_titles_come_first_and_deleted_chats_not_at_all(store: ChatStore) -> None:
    in_text = await saved(store, "zanzibar in a text")
    in_title = await saved(store, "nothing", title="To Zanzibar")
    gone = await saved(store, "zanzibar", title="zanzibar")
    await store.delete(gone)
    first, second = await store.search("zanzibar")
    assert (first.chat_id, first.message_id, first.title) == (in_title, None, "To Zanzibar")
    assert (second.chat_id, second.role) == (in_text, "user")
    await store.restore(gone)
    assert len(await store.search("zanzibar")) == 4
    assert len(await store.search("zanzibar", limit=1)) == 2


async def test_text_around_the_words_of_a_long_message(store: ChatStore) -> None:
    await saved(
        store, "lonely needle " + "hay " * 500 + "the sharp needle\nis here " + "hay " * 500
    )
    (hit,) = await store.search("sharp needle")
    assert hit.text.startswith("…")
    assert hit.text.endswith("…")
    assert "the sharp needle is here" in hit.text
    assert marked(hit) == ["sharp", "needle"]
    assert len(hit.text) < 260


async def test_edited_and_unfinished_texts(store: ChatStore) -> None:
    chat = await store.create()
    _, answer = await store.add(
        chat.id, NewMessage("user", "ask"), NewMessage("assistant", "half", state="writing")
    )
    assert await store.search("half") == ()
    await store.update(answer.id, content="half and whole")
    assert await store.search("whole") == ()
    await store.update(answer.id, state="done")
    assert len(await store.search("whole")) == 1
    await store.update(answer.id, content="changed")
    assert await store.search("whole") == ()


@given(st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
async def test_nothing_that_is_typed_is_an_error(store: ChatStore, query: str) -> None:
    await store.search(query)


@pytest.mark.slow
async def test_a_hundred_thousand_messages(database: Database, store: ChatStore) -> None:
    chats = [await store.create() for _ in range(10)]

    def work(connection: sqlite3.Connection) -> None:
        connection.executemany(
            """INSERT INTO message (id, chat_id, role, state, error, model, origin, created_at,
                                    content, reasoning)
               VALUES (?, ?, 'user', 'done', '', '', 'local', 0, ?, '')""",
            (
                (key, chats[key % 10].id, f"message number{key} about everything")
                for key in range(1, 100_001)
            ),
        )

    await database.run(work)
    (hit,) = await store.search("number77777")
    assert (hit.message_id, hit.chat_id) == (77_777, chats[7].id)
    assert len(await store.search("everything")) == 50
    assert len(await store.search("e")) == 50
    await store.delete(chats[7].id)
    assert await store.search("number77777") == ()
