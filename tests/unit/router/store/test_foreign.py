"""router.store.foreign: chats of the original node and of ChatGPT, as they are and as they may be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadRequest
from router.store.foreign import chatgpts_chat, originals_chat
from router.store.imported import ImportedChat

NOW = 1_790_000_000.0
ID = "0x" + "ab" * 32


def original(*messages: Any, **values: Any) -> dict[str, Any]:
    return {
        "title": "Old chat",
        "modelId": "0x1",
        "isLocal": True,
        "messages": [*messages],
        **values,
    }


def pair(question: str, answer: str, at: int = 1_700_000_000, **prompt: Any) -> dict[str, Any]:
    asked = {"messages": [{"role": "user", "content": question}], **prompt}
    return {"prompt": asked, "response": answer, "promptAt": at, "responseAt": at + 2}


def said(chat: ImportedChat) -> list[tuple[str, str, int | None]]:
    return [(m.message.role, m.message.content, m.parent) for m in chat.messages]


def test_chat_of_the_original_node() -> None:
    chat = originals_chat(original(pair("Hi", "Hello"), pair("Bye", "See you")), ID, NOW)
    assert (chat.id, chat.title, chat.origin, chat.head) == (ID, "Old chat", "local", 4)
    assert said(chat) == [
        ("user", "Hi", None),
        ("assistant", "Hello", 1),
        ("user", "Bye", 2),
        ("assistant", "See you", 3),
    ]
    assert (chat.created_at, chat.updated_at) == (1_700_000_000, 1_700_000_002)


def test_whole_history_in_a_prompt_gives_the_last_question_and_the_system_prompt() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "And"}, {"type": "image_url"}, "now"],
        },
    ]
    chat = originals_chat(original(pair("", "Fine", messages=turns)), "no id", NOW)
    assert chat.system_prompt == "Be brief."
    assert said(chat)[0] == ("user", "And\n\nnow", None)
    assert chat.id == originals_chat(original(), "no id", NOW).id != ID


@pytest.mark.parametrize("prompt", [None, 3, "text", [], {"messages": 3}, {"messages": [None, 3]}])
def test_prompt_that_is_none(prompt: Any) -> None:
    chat = originals_chat(original({"prompt": prompt, "response": "Yes"}), ID, NOW)
    assert said(chat) == [("user", "", None), ("assistant", "Yes", 1)]
    assert chat.created_at == NOW


@pytest.mark.parametrize(
    "wrong",
    [
        original(3),
        original({"response": 3}),
        original({"promptAt": "yesterday"}),
        original({"promptAt": 10**400}),
        original(isLocal="yes"),
        original(title=[]),
        {"messages": {}, "modelId": ""},
    ],
)
def test_wrong_original_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="cannot be imported"):
        originals_chat(wrong, ID, NOW)


def node(parent: str | None, role: str = "", text: str = "", **values: Any) -> dict[str, Any]:
    message = {"author": {"role": role}, "content": {"parts": [text]}, **values} if role else None
    return {"parent": parent, "message": message}


def test_chat_of_chatgpt_with_branches_and_hidden_nodes() -> None:
    mapping = {
        "answer 2": node("question", "assistant", "Two", metadata={"model_slug": "model-4"}),
        "root": node(None),
        "system": node("root", "system", "hidden"),
        "question": node("system", "user", "Hi", create_time=5.0),
        "answer 1": node("question", "assistant", "One"),
        "tool": node("answer 1", "tool", "hidden"),
        "next": node("tool", "user", "More"),
    }
    value = {"mapping": mapping, "title": None, "conversation_id": "c1", "current_node": "tool"}
    chat = chatgpts_chat(value, "chat 1", NOW)
    texts = {m.message.content: m for m in chat.messages}
    assert set(texts) == {"Hi", "One", "Two", "More"}
    question = texts["Hi"].key
    assert [texts[text].parent for text in ("Hi", "One", "Two")] == [None, question, question]
    assert texts["More"].parent == texts["One"].key
    assert chat.head == texts["One"].key
    assert (texts["Two"].message.model, texts["Hi"].message.created_at) == ("model-4", 5.0)
    assert (chat.title, chat.origin) == ("", "remote")


def test_circles_and_loose_ends_are_left_out() -> None:
    mapping = {
        "a": node("b", "user", "in a circle"),
        "b": node("a", "user", "in a circle"),
        "c": node("c", "user", "its own parent"),
        "d": node("nobody", "user", "a beginning"),
        "e": node("d", "assistant", "an answer"),
        "f": None,
        "g": node("f", "user", "below nothing"),
        "h": {"parent": ["d"], "message": {"author": 3, "content": 4}},
    }
    chat = chatgpts_chat({"mapping": mapping, "current_node": "a"}, "chat 1", NOW)
    assert said(chat) == [("user", "a beginning", None), ("assistant", "an answer", 1)]
    assert chat.head == 2


def test_long_chains_of_hidden_nodes_are_walked_once() -> None:
    mapping = {str(n): node(str(n - 1)) for n in range(100_000)}
    mapping |= {f"m{n}": node("99999", "user", f"question {n}") for n in range(5_000)}
    chat = chatgpts_chat({"mapping": mapping}, "chat 1", NOW)
    assert len(chat.messages) == 5_000
    assert {message.parent for message in chat.messages} == {None}


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["parent", "message", "author", "role", "content", "parts", "a", "b"]),
            inner,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from("abcd"), ANY), ANY, ANY)
def test_whatever_stands_there_gives_a_tree_or_a_reason(
    mapping: object, current: object, title: object
) -> None:
    value = {"mapping": mapping, "current_node": current, "title": title}
    try:
        chat = chatgpts_chat(value, "chat 1", NOW)
    except BadRequest:
        return
    for message in chat.messages:
        assert message.parent is None or message.parent < message.key
