"""router.api.chats: the history in the shapes of the original router."""

from typing import Any

import jsonschema

from router.api.schemas import SCHEMAS
from router.store.records import NewMessage
from tests.support.api_client import Api


async def a_chat(api: Api, *messages: NewMessage) -> str:
    chat = await api.chats.create(model="small-one")
    await api.chats.add(chat.id, *messages, title="A title")
    return chat.id


def check(value: Any, name: str) -> None:
    jsonschema.validate(value, {**SCHEMAS[name], "components": {"schemas": SCHEMAS}})


async def test_the_list(api: Api) -> None:
    assert (await api.send("GET", "/v1/chats")).json == []
    chat_id = await a_chat(api, NewMessage("user", "One?"))
    (entry,) = (await api.send("GET", "/v1/chats")).json
    assert entry.pop("createdAt") > 1_700_000_000
    assert entry == {
        "chatId": chat_id,
        "modelId": "small-one",
        "title": "A title",
        "isLocal": True,
    }


async def test_one_chat(api: Api) -> None:
    chat_id = await a_chat(
        api,
        NewMessage("user", "One?", created_at=1000.5),
        NewMessage("assistant", "Yes.", model="Small One", created_at=1001.5),
        NewMessage("user", "Two?", created_at=1002.0),
    )
    body = (await api.send("GET", f"/v1/chats/{chat_id}")).json
    check(body, "ChatHistory")
    flags = {"isImageContent": False, "isVideoRawContent": False, "isAudioContent": False}
    assert body == {
        "title": "A title",
        "modelId": "small-one",
        "isLocal": True,
        "messages": [
            {
                "prompt": {
                    "model": "Small One",
                    "messages": [{"role": "user", "content": "One?"}],
                },
                "response": "Yes.",
                "promptAt": 1000,
                "responseAt": 1001,
                **flags,
            },
            {
                "prompt": {"model": "", "messages": [{"role": "user", "content": "Two?"}]},
                "response": "",
                "promptAt": 1002,
                "responseAt": 0,
                **flags,
            },
        ],
    }
    assert (await api.send("GET", f"/v1/chats/{chat_id.removeprefix('0x')}")).json == body


async def test_answers_without_a_question_are_shown(api: Api) -> None:
    chat_id = await a_chat(
        api, NewMessage("assistant", "First."), NewMessage("assistant", "Second.")
    )
    messages = (await api.send("GET", f"/v1/chats/{chat_id}")).json["messages"]
    assert [entry["response"] for entry in messages] == ["First.", "Second."]
    assert messages[0]["prompt"]["messages"] == []


async def test_renaming_and_deleting(api: Api) -> None:
    chat_id = await a_chat(api, NewMessage("user", "One?"))
    path = f"/v1/chats/{chat_id}"
    assert (await api.send("POST", path, {"title": "Other"})).json == {"result": True}
    assert (await api.send("GET", path)).json["title"] == "Other"
    assert (await api.send("POST", path, {"title": ""})).status == 400
    assert (await api.send("DELETE", path)).json == {"result": True}
    for method in ("GET", "POST", "DELETE"):
        answer = await api.send(method, path, {"title": "x"} if method == "POST" else None)
        assert (answer.status, answer.code) == (404, "not_found"), method
    assert (await api.send("GET", "/v1/chats")).json == []
    assert not await api.chats.has(chat_id)


async def test_a_chat_deleted_in_the_window_is_gone_here(api: Api) -> None:
    chat_id = await a_chat(api, NewMessage("user", "One?"))
    await api.chats.delete(chat_id)
    assert (await api.send("GET", f"/v1/chats/{chat_id}")).status == 404
    assert await api.chats.has(chat_id)


async def test_wrong_ids(api: Api) -> None:
    assert (await api.send("GET", "/v1/chats/5")).status == 400
    assert (await api.send("GET", "/v1/chats/0x" + "1" * 64)).status == 404
