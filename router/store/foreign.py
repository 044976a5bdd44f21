"""Reads chats of other programs: the original node's files and ChatGPT's export (pure)."""

from typing import Any

from router.backends.base import Origin
from router.store.fields import Fields
from router.store.imported import CHAT_ID, ImportedChat, ImportedMessage, id_from
from router.store.records import NewMessage


def originals_chat(value: dict[str, Any], name: str, now: float) -> ImportedChat:
    """One chat file of the original node: pairs of a request and the text of its answer.

    Args:
        name: of the file without its extension, which is the chat's id.
        now: the time of what has none.

    Raises:
        BadRequest: something in it is wrong: says where.
    """
    fields = Fields(value, "the file")
    origin: Origin = "local" if fields.flag("isLocal") else "remote"
    messages: list[ImportedMessage] = []
    system = ""
    for position, pair in enumerate(fields.items("messages"), 1):
        entry = Fields(pair, f"message {position}")
        asked_at = entry.time("promptAt", now)
        question, told = _asked(entry.raw("prompt"))
        system = told or system
        answer = NewMessage(
            "assistant",
            entry.text("response", ""),
            origin=origin,
            created_at=entry.time("responseAt", asked_at),
        )
        for message in (NewMessage("user", question, created_at=asked_at), answer):
            key = len(messages) + 1
            messages.append(ImportedMessage(key, key - 1 or None, message))
    times = [found.message.created_at or now for found in messages] or [now]
    return ImportedChat(
        id=name if CHAT_ID.fullmatch(name) else id_from("original", name),
        title=fields.text("title", ""),
        messages=tuple(messages),
        created_at=times[0],
        updated_at=times[-1],
        model="",
        origin=origin,
        system_prompt=system,
        head=len(messages) or None,
    )


def _asked(prompt: object) -> tuple[str, str]:
    """(last question, system prompt) of a request as the original node stores it."""
    if not isinstance(prompt, dict):
        return "", ""
    turns = prompt.get("messages")
    question, system = str(prompt.get("prompt") or prompt.get("input") or ""), ""
    for turn in turns if isinstance(turns, list) else []:
        if isinstance(turn, dict):
            text = _text_of(turn.get("content"))
            if turn.get("role") == "user":
                question = text
            elif turn.get("role") == "system":
                system = text
    return question, system


def _text_of(content: object) -> str:
    """The text of a message in OpenAI's shape: a text, or parts of which some are text."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    return "\n\n".join(text for text in texts if isinstance(text, str))


def chatgpts_chat(value: dict[str, Any], place: str, now: float) -> ImportedChat:
    """One chat of ChatGPT's export: a tree of nodes, of which some are not shown.

    Raises:
        BadRequest: something in it is wrong: says where.
    """
    fields = Fields(value, place)
    mapping = fields.raw("mapping")
    nodes: dict[str, Any] = mapping if isinstance(mapping, dict) else {}
    created = fields.time("create_time", now)
    shown: dict[str | None, int | None] = {}  # by node: its key, or that of the nearest one above
    messages: list[ImportedMessage] = []
    for node_id in _parents_first(nodes):
        message = _chatgpt_message(nodes[node_id], created)
        key = shown.get(_text_or_none(nodes[node_id].get("parent")))
        if message is not None:
            messages.append(ImportedMessage(len(messages) + 1, key, message))
            key = len(messages)
        shown[node_id] = key
    identity = value.get("conversation_id") or value.get("id") or repr(sorted(nodes))
    return ImportedChat(
        id=id_from("chatgpt", str(identity)),
        title=fields.text("title", "") if value.get("title") else "",
        messages=tuple(messages),
        created_at=created,
        updated_at=fields.time("update_time", created),
        origin="remote",
        head=shown.get(_text_or_none(value.get("current_node"))) or len(messages) or None,
    )


def _parents_first(nodes: dict[str, Any]) -> list[str]:
    """The node ids in an order in which parents come before children; circles are left out."""
    children: dict[str | None, list[str]] = {}
    for node_id, node in nodes.items():
        parent = _text_or_none(node.get("parent")) if isinstance(node, dict) else None
        known = parent if parent in nodes else None
        children.setdefault(known, []).append(node_id)
    order = [node_id for node_id in children.get(None, []) if isinstance(nodes[node_id], dict)]
    for node_id in order:  # grows while it is walked
        order += [child for child in children.get(node_id, []) if child != node_id]
    return order


def _chatgpt_message(node: dict[str, Any], default_time: float) -> NewMessage | None:
    message = node.get("message")
    if not isinstance(message, dict):
        return None
    author, content = message.get("author"), message.get("content")
    role = author.get("role") if isinstance(author, dict) else None
    text = _text_of(content.get("parts")) if isinstance(content, dict) else ""
    if role not in ("user", "assistant") or not text.strip():
        return None
    metadata = message.get("metadata")
    model = metadata.get("model_slug") if isinstance(metadata, dict) else None
    shown = model if isinstance(model, str) and role == "assistant" else ""
    fields = Fields(message, "a message")
    return NewMessage(
        "user" if role == "user" else "assistant", text, model=shown, origin="remote",
        created_at=fields.time("create_time", default_time),
    )  # fmt: skip


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
