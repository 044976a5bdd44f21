"""router.store.own_format: our own export is read exactly, and nothing wrong is guessed at."""

import base64
from typing import Any

import pytest

from router.backends.base import Sampling
from router.errors import BadRequest
from router.store.export import VERSION
from router.store.own_format import own_chats

NOW = 1_790_000_000.0
ID = "0x" + "0" * 64


def file(*messages: Any, **chat: Any) -> dict[str, Any]:
    return {"version": VERSION, "chats": [{"id": ID, "messages": [*messages], **chat}]}


def message(key: int, parent: int | None = None, **values: Any) -> dict[str, Any]:
    return {"id": key, "parent_id": parent, "role": "user", "content": "Hi", **values}


def test_everything_is_taken_over() -> None:
    data = base64.b64encode(b"\0content").decode()
    attached = {"id": 9, "name": "a.bin", "mime": "application/x", "data": data}
    stats = {"answer_tokens": 7, "unknown": 1}
    (chat,) = own_chats(
        file(
            message(5, 2, role="assistant", state="stopped", stats=stats, model="M", error="e"),
            message(2, attachments=[attached], created_at=3.0, reasoning="hm", origin="remote"),
            title="T",
            named=True,
            pinned=True,
            sampling={"top_k": 3},
            system_prompt="S",
            draft="D",
            head=5,
            created_at=1.0,
            updated_at=2.0,
            origin="remote",
        ),
        NOW,
    )
    question, answer = chat.messages
    assert (question.key, question.parent, answer.key, answer.parent) == (2, None, 5, 2)
    assert question.message.attachments[0].data == b"\0content"
    assert (question.message.attachments[0].id, question.message.created_at) == (9, 3.0)
    assert answer.message.stats is not None
    assert (answer.message.stats.answer_tokens, answer.message.state) == (7, "stopped")
    assert (chat.title, chat.named, chat.pinned, chat.draft) == ("T", True, True, "D")
    assert (chat.sampling, chat.system_prompt) == (Sampling(top_k=3), "S")
    assert (chat.head, chat.created_at, chat.updated_at, chat.origin) == (5, 1.0, 2.0, "remote")
    assert chat.keeps_ids


def test_answer_that_nobody_writes_any_more() -> None:
    (chat,) = own_chats(file(message(1, state="writing")), NOW)
    assert chat.messages[0].message.state == "cut_off"


def test_newer_file_is_refused() -> None:
    with pytest.raises(BadRequest, match="newer version") as caught:
        list(own_chats({"version": VERSION + 1, "chats": []}, NOW))
    assert caught.value.safe == "Nothing was changed."


@pytest.mark.parametrize(
    "wrong",
    [
        file(3),
        file(message(1, 1)),
        file(message(1, 2), message(2, 1)),
        file(message(1), message(1)),
        file(message(5, 7)),
        file(message(0)),
        file(message(-4)),
        file(message(2**62)),
        file(message(10**300)),
        file({"role": "user", "content": "no id"}),
        file(message(1, role="system")),
        file(message(1, state="unknown")),
        file(message(1, content=None)),
        file(message(1, content=["Hi"])),
        file(message(1, created_at="now")),
        file(message(1, created_at=10**300)),
        file(message(1, attachments=[{"data": "*"}])),
        file(message(1, attachments=[{"data": 3}])),
        file(message(1, attachments=[3])),
        file(message(1, attachments={})),
        file(message(1), id="0x12"),
        file(message(1), id=f"{ID}\n"),
        file(message(1), id=3),
        file(message(1), named="yes"),
        file(message(1), head=1.5),
        file(message(1), title=3),
        {"version": "1", "chats": []},
        {"version": 1, "chats": {}},
        {"version": 1, "chats": [[]]},
    ],
)
def test_wrong_file_is_refused_with_the_place(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match=r"^The file cannot be imported: .*(chat|file|message)"):
        list(own_chats(wrong, NOW))
