"""router.api.history: what was asked over HTTP is in the history, however it ended."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from router.api.history import chat_id_from
from router.errors import BackendError, BadRequest
from router.store.records import Message
from tests.support.api_client import QUESTION, Api, running_api, said

CHAT = "/v1/chat/completions"
ID = "0x" + "ab" * 32


async def ask(api: Api, text: str, *, chat_id: str = ID, **values: Any) -> int:
    call = {"messages": [{"role": "user", "content": text}], **values}
    return (await api.send("POST", CHAT, call, chat_id=chat_id)).status


async def kept(api: Api) -> tuple[Message, ...]:
    return await api.chats.messages(ID)


async def kept_if_there(api: Api) -> tuple[Message, ...]:
    return await kept(api) if await api.chats.has(ID) else ()


async def test_questions_and_answers_are_kept_in_order(api: Api) -> None:
    assert await ask(api, "One?") == 200
    assert await ask(api, "Two?", stream=True) == 200
    assert [(m.role, m.content, m.state) for m in await kept(api)] == [
        ("user", "One?", "done"),
        ("assistant", "Good day.", "done"),
        ("user", "Two?", "done"),
        ("assistant", "Good day.", "done"),
    ]
    chat = await api.chats.get(ID)
    assert (chat.title, chat.model) == ("One", "small-one")
    answer = (await kept(api))[1]
    assert answer.model == "Small One"
    assert answer.stats is not None
    assert (answer.stats.prompt_tokens, answer.stats.answer_tokens) == (7, 3)


async def test_nothing_is_kept_without_a_chat_id(api: Api) -> None:
    await api.send("POST", CHAT, QUESTION)
    assert await ask(api, "One?", chat_id="0x" + "0" * 64) == 200
    assert await api.chats.list() == ()


async def test_only_the_last_message_of_a_conversation_is_added(api: Api) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Old"},
        {"role": "assistant", "content": "Old answer"},
        {"role": "user", "content": "New"},
    ]
    await api.send("POST", CHAT, {"messages": messages}, chat_id=ID)
    assert [message.content for message in await kept(api)] == ["New", "Good day."]
    assert (await api.chats.get(ID)).system_prompt == "Be brief."


async def test_the_question_is_saved_before_it_is_asked(api: Api) -> None:
    go_on = asyncio.Event()
    api.backend.steps = [go_on, *said("One")]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask(api, "One?"))
        while not api.backend.running:
            await asyncio.sleep(0)
        assert [(m.content, m.state) for m in await kept(api)] == [
            ("One?", "done"),
            ("", "writing"),
        ]
        answer = await api.send("POST", CHAT, QUESTION, chat_id=ID)
        assert (answer.status, answer.code) == (409, "busy")
        go_on.set()
        assert await task == 200
    assert (await kept(api))[-1].state == "done"


async def test_a_failure_is_kept(api: Api) -> None:
    api.backend.steps = [*said("One")[:2], BackendError("The model stopped.")]
    assert await ask(api, "One?") == 502
    answer = (await kept(api))[-1]
    assert (answer.content, answer.state, answer.error) == ("One", "failed", "The model stopped.")


@pytest.mark.parametrize("stream", [True, False])
async def test_what_was_said_before_the_client_left_is_kept(api: Api, stream: bool) -> None:
    api.backend.steps = [*said("One")[:2], asyncio.Event()]
    task = asyncio.TaskGroup()
    async with task as group:
        asking = group.create_task(ask(api, "One?", stream=stream))
        while not api.backend.running:
            await asyncio.sleep(0)
        # Stopping the server is one more way to lose the connection.
        await api.server.stop()
        asking.cancel()
    answer = (await kept(api))[-1]
    assert (answer.content, answer.state) == ("One", "stopped")


async def test_an_answer_is_saved_while_it_is_written(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.api.history.SAVE_EVERY_S", 0.0)
    go_on = asyncio.Event()
    start, one, end = said("One")
    api.backend.steps = [start, one, go_on, end]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask(api, "One?"))
        async with asyncio.timeout(30):
            while not (messages := await kept_if_there(api)) or not messages[-1].content:
                await asyncio.sleep(0)
        assert (messages[-1].content, messages[-1].state) == ("One", "writing")
        go_on.set()
        assert await task == 200
    assert (await kept(api))[-1].state == "done"


async def test_removing_the_chat_does_not_end_the_answer(api: Api) -> None:
    go_on = asyncio.Event()
    api.backend.steps = [go_on, *said("One")]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask(api, "One?"))
        while not api.backend.running:
            await asyncio.sleep(0)
        assert (await api.send("DELETE", f"/v1/chats/{ID}")).status == 200
        go_on.set()
        assert await task == 200
    assert await api.chats.list() == ()


async def test_a_deleted_chat_is_not_written_to(api: Api) -> None:
    await ask(api, "One?")
    await api.chats.delete(ID)
    assert await ask(api, "Two?") == 404
    assert len(await kept(api)) == 2


async def test_a_wrong_id_is_refused(api: Api) -> None:
    for wrong in ("5", "0x" + "g" * 64, "0x" + "a" * 63):
        assert await ask(api, "One?", chat_id=wrong) == 400
    assert not api.backend.questions


def test_ids() -> None:
    assert chat_id_from("", "id") == ""
    assert chat_id_from("AB" * 32, "id") == ID
    assert chat_id_from(ID, "id") == ID
    with pytest.raises(BadRequest) as caught:
        chat_id_from("x", "id")
    assert caught.value.param == "id"


async def test_keys_need_the_scope_for_chats(tmp_path: Path) -> None:
    async with running_api(tmp_path) as api:
        _, text = await api.keys.create("both", ["chat", "chats"])
        assert (await api.send("POST", CHAT, QUESTION, key=text, chat_id=ID)).status == 200
