"""Reads our own export: with ids, branches and files, so that nothing is lost (pure)."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from router.backends.base import Origin
from router.errors import BadRequest
from router.store.export import VERSION
from router.store.fields import Fields
from router.store.imported import CHAT_ID, ImportedChat, ImportedMessage
from router.store.records import (
    Attachment,
    NewMessage,
    Role,
    State,
    sampling_from,
    stats_from,
)

_ROLES: tuple[Role, ...] = get_args(Role)
_STATES: tuple[State, ...] = get_args(State)
_ORIGINS: tuple[Origin, ...] = get_args(Origin)


def own_chats(value: dict[str, Any], now: float) -> Iterator[ImportedChat]:
    """The chats of our own export.

    Raises:
        BadRequest: something in it is wrong: says where.
    """
    fields = Fields(value, "the file")
    if (fields.whole("version") or 0) > VERSION:
        raise BadRequest(
            "This file was written by a newer version of the app.",
            safe="Nothing was changed.",
            hint="Install the newest version of the app, then import it again.",
        )
    for position, chat in enumerate(fields.items("chats"), 1):
        yield _our_chat(Fields(chat, f"chat {position}"), now)


def _our_chat(fields: Fields, now: float) -> ImportedChat:
    chat_id = fields.text("id")
    if not CHAT_ID.fullmatch(chat_id):
        raise BadRequest(f"The file cannot be imported: {fields.place} has no proper id.")
    messages = [
        _our_message(Fields(message, f"message {position} of {fields.place}"), now)
        for position, message in enumerate(fields.items("messages"), 1)
    ]
    messages.sort(key=lambda found: found.key)
    _check_tree(messages, fields.place)
    return ImportedChat(
        id=chat_id,
        title=fields.text("title", ""),
        messages=tuple(messages),
        created_at=fields.time("created_at", now),
        updated_at=fields.time("updated_at", now),
        named=fields.flag("named"),
        pinned=fields.flag("pinned"),
        model=fields.text("model", ""),
        origin=fields.one_of("origin", _ORIGINS, "local"),
        system_prompt=fields.text("system_prompt", ""),
        sampling=sampling_from(fields.raw("sampling")),
        draft=fields.text("draft", ""),
        head=fields.whole("head"),
        keeps_ids=True,
    )


def _our_message(fields: Fields, now: float) -> ImportedMessage:
    key = fields.whole("id")
    if key is None:
        raise BadRequest(f"The file cannot be imported: {fields.place} has no id.")
    state = fields.one_of("state", _STATES, "done")
    files = [
        _our_file(Fields(file, f"file {position} of {fields.place}"))
        for position, file in enumerate(fields.items("attachments"), 1)
    ]
    message = NewMessage(
        role=fields.one_of("role", _ROLES),
        content=fields.text("content"),
        reasoning=fields.text("reasoning", ""),
        state="cut_off" if state == "writing" else state,
        error=fields.text("error", ""),
        model=fields.text("model", ""),
        origin=fields.one_of("origin", _ORIGINS, "local"),
        stats=stats_from(fields.raw("stats")),
        attachments=tuple(files),
        created_at=fields.time("created_at", now),
    )
    return ImportedMessage(key, fields.whole("parent_id"), message)


def _our_file(fields: Fields) -> Attachment:
    try:
        data = base64.b64decode(fields.text("data"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest(f"The file cannot be imported: {fields.place} is damaged.") from error
    name, mime = fields.text("name", "file"), fields.text("mime", "application/octet-stream")
    return Attachment(name, mime, len(data), data, fields.whole("id") or 0)


def _check_tree(messages: Iterable[ImportedMessage], place: str) -> None:
    """Every message once, and after its parent: no circles, nothing that hangs in the air."""
    seen: set[int] = set()
    for message in messages:
        if message.key in seen or (message.parent is not None and message.parent not in seen):
            raise BadRequest(
                f"The file cannot be imported: the messages of {place} do not fit together.",
                safe="Nothing was changed.",
            )
        seen.add(message.key)
