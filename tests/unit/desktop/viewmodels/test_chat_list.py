"""The list of chats: groups, search, pins, deletion with a way back."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from morpheus_desktop.viewmodels.chat_list import Row, group_of, grouped
from router.errors import NotFound
from router.store.records import NewMessage
from tests.support.chat_desk import ChatDesk, on_qt_loop

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=timezone(timedelta(hours=2)))


async def make_chat(desk: ChatDesk, title: str, text: str = "Hello") -> str:
    chat = await desk.store.create()
    await desk.store.add(chat.id, NewMessage("user", text), title=title)
    await desk.until(lambda: title in titles(desk))
    return chat.id


def titles(desk: ChatDesk) -> list[str]:
    return [row.title for row in desk.chats.model.rows if row.kind != "group"]


@pytest.mark.parametrize(
    ("hours", "title"),
    [
        (0, "Today"),
        (12, "Today"),
        (12.1, "Yesterday"),
        (36.1, "Previous 7 days"),
        (7 * 24, "Previous 7 days"),
        (8 * 24, "March"),
        (20 * 24, "February"),
        (90 * 24, "December 2025"),
        (-2, "Today"),
    ],
)
def test_groups_go_by_the_calendar(hours: float, title: str) -> None:
    assert group_of(NOW.timestamp() - hours * 3600, NOW) == title


@on_qt_loop
async def test_new_chats_come_first_and_pinned_ones_before_them(desk: ChatDesk) -> None:
    first = await make_chat(desk, "First")
    await make_chat(desk, "Second")
    assert titles(desk) == ["Second", "First"]
    desk.chats.pin(first, pinned=True)
    await desk.until(lambda: titles(desk) == ["First", "Second"])
    assert [row.title for row in desk.chats.model.rows] == ["Pinned", "First", "Today", "Second"]
    desk.chats.pin(first, pinned=False)
    await desk.until(lambda: titles(desk) == ["Second", "First"])


@on_qt_loop
async def test_search_finds_titles_and_texts(desk: ChatDesk) -> None:
    await make_chat(desk, "About ships")
    await make_chat(desk, "Other", "A question on lighthouses")
    desk.chats.search("lighthouse")
    await desk.until(lambda: titles(desk) == ["Other"])
    (group, row) = desk.chats.model.rows
    assert group.title == "1 found"
    assert row.hit is not None
    assert row.hit.message_id is not None
    desk.chats.search("ships")
    await desk.until(lambda: titles(desk) == ["About ships"])
    desk.chats.search("nowhere")
    await desk.until(lambda: desk.chats.model.rows == [])
    desk.chats.search("  ")
    await desk.until(lambda: titles(desk) == ["Other", "About ships"])
    assert desk.chats.count == 2


@on_qt_loop
async def test_a_deleted_chat_can_be_brought_back(desk: ChatDesk) -> None:
    chat_id = await make_chat(desk, "Precious")
    deleted: list[str] = []
    desk.chats.deleted.connect(deleted.append)
    desk.chats.delete(chat_id)
    await desk.until(lambda: deleted == [chat_id] and titles(desk) == [])
    desk.chats.undo_delete(chat_id)
    await desk.until(lambda: titles(desk) == ["Precious"])


@on_qt_loop
async def test_a_title_of_the_users_own(desk: ChatDesk) -> None:
    chat_id = await make_chat(desk, "Old")
    desk.chats.rename(chat_id, "  New ")
    await desk.until(lambda: titles(desk) == ["New"])
    desk.chats.rename(chat_id, "   ")
    await desk.quiet()
    assert (await desk.store.get(chat_id)).title == "New"


@on_qt_loop
async def test_a_chat_that_is_gone_is_told(desk: ChatDesk) -> None:
    desk.chats.rename("0x" + "0" * 64, "New")
    await desk.until(lambda: desk.failures)
    assert isinstance(desk.failures[0], NotFound)


@on_qt_loop
async def test_chats_in_which_is_written_are_marked(desk: ChatDesk) -> None:
    hold = asyncio.Event()
    desk.backend.says("Done", hold=hold)
    desk.vm.send("Go")
    await desk.until(lambda: any(row.writing for row in desk.chats.model.rows))
    hold.set()
    await desk.until(lambda: not any(row.writing for row in desk.chats.model.rows))


@on_qt_loop
async def test_the_model_says_what_a_list_needs(desk: ChatDesk) -> None:
    chat_id = await make_chat(desk, "One")
    model = desk.chats.model
    assert model.row_of(chat_id) == 1
    assert model.row_of("0x0") == -1
    assert model.data(model.index(1)) == "One"
    assert not model.flags(model.index(0)) & model.flags(model.index(1))
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.set_rows(list(model.rows))
    model.set_rows([*model.rows[:1], Row("chat", "New", chat=model.rows[1].chat)])
    assert resets == []
    assert model.data(model.index(1)) == "New"


@on_qt_loop
async def test_grouping_ignores_the_order_of_the_store(desk: ChatDesk) -> None:
    for title in ("One", "Two"):
        await make_chat(desk, title)
    chats = await desk.store.list()
    now = datetime.now().astimezone()
    assert grouped(chats, now, frozenset()) == grouped(chats[::-1], now, frozenset())
