"""Brings chats in from files. Importing the same file twice adds nothing."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from router.errors import BadRequest, MorpheusError
from router.store import tree
from router.store.chats import LONGEST_TITLE, ChatStore
from router.store.export import FORMAT
from router.store.fields import read_json
from router.store.foreign import chatgpts_chat, originals_chat
from router.store.imported import CHAT_ID, ImportedChat, ImportedMessage
from router.store.own_format import own_chats
from router.store.records import sampling_values, storable
from router.untrusted import one_line

MOST_FILES = 20_000
LONGEST_TEXT = 2_000_000  # letters, as of a question: showing more would stop the window


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    Args:
        chats: new chats.
        messages: new messages, also in chats that were there.
        known: chats of which everything was there already.
        problems: files of a folder that could not be read, each with the reason.
    """

    chats: int = 0
    messages: int = 0
    known: int = 0
    problems: tuple[str, ...] = ()


async def import_chats(store: ChatStore, source: Path) -> ImportReport:
    """Import a file, or a folder of chat files of the original node.

    Raises:
        BadRequest: the file cannot be imported, or the folder has no chats; nothing changed.
        StorageError: the disk is full; what was imported up to then stays.
    """
    chats, problems = await asyncio.to_thread(_read, source, time.time())
    report = ImportReport(problems=problems)
    try:
        for chat in chats:
            is_new, added = await store.database.run(partial(_insert_chat, chat=chat))
            report = replace(
                report,
                chats=report.chats + is_new,
                messages=report.messages + added,
                known=report.known + (not is_new and not added),
            )
    finally:
        if report.chats or report.messages:
            store.announce_all()
    return report


def _read(source: Path, now: float) -> tuple[list[ImportedChat], tuple[str, ...]]:
    """All chats of a file or folder, checked, and what was wrong with files of a folder."""
    if not source.is_dir():
        return _checked(_chats_in(read_json(source), source.stem, now)), ()
    paths = sorted(path for path in source.glob("0x*.json") if CHAT_ID.fullmatch(path.stem))
    if not paths:
        raise BadRequest(
            f"There are no chats in {source.name}.",
            hint="The original node keeps them in a folder named chats, in files named 0x….json.",
        )
    if len(paths) > MOST_FILES:
        raise BadRequest(f"There are more than {MOST_FILES:,} chats in {source.name}.")
    chats: list[ImportedChat] = []
    problems: list[str] = []
    for path in paths:
        try:
            chats += _checked(_chats_in(read_json(path), path.stem, now))
        except MorpheusError as error:
            problems.append(f"{path.name[:10]}…: {error.message}")
    return chats, tuple(problems)


def _chats_in(value: object, name: str, now: float) -> Iterator[ImportedChat]:
    """The chats of a parsed file; `name` is the file's, without its extension."""
    if isinstance(value, dict) and value.get("format") == FORMAT:
        yield from own_chats(value, now)
    elif isinstance(value, dict) and "messages" in value and "modelId" in value:
        yield originals_chat(value, name, now)
    elif isinstance(value, list) and all(isinstance(c, dict) and "mapping" in c for c in value):
        for position, chat in enumerate(value, 1):
            yield chatgpts_chat(chat, f"chat {position}", now)
    else:
        raise BadRequest(
            "This is not a file of chats that can be imported.",
            safe="Nothing was changed.",
            hint="Use an export of this app, a chat file of the original node, or "
            "conversations.json from ChatGPT.",
        )


def _checked(chats: Iterable[ImportedChat]) -> list[ImportedChat]:
    """The chats, if all their texts can be shown."""
    found = list(chats)
    for chat in found:
        longest = max(len(chat.draft), len(chat.system_prompt), *map(_letters, chat.messages))
        if longest > LONGEST_TEXT:
            raise BadRequest(
                f"A text in the chat “{one_line(chat.title)}” has {longest:,} letters; "
                f"at most {LONGEST_TEXT:,} can be imported.",
                safe="Nothing was changed.",
                hint="Take this chat out of the file, then import the others.",
            )
    return found


def _letters(found: ImportedMessage) -> int:
    message = found.message
    return max(len(message.content), len(message.reasoning), len(message.error))


def _insert_chat(connection: sqlite3.Connection, chat: ImportedChat) -> tuple[bool, int]:
    """Add what is missing of a chat; returns whether it is new and how many messages are."""
    row = connection.execute(
        "SELECT updated_at, deleted_at FROM chat WHERE id = ?", (chat.id,)
    ).fetchone()
    if row is not None and not chat.keeps_ids:
        return False, 0
    if row is None:
        _insert_settings(connection, chat)
    else:
        connection.execute("UPDATE chat SET deleted_at = NULL WHERE id = ?", (chat.id,))
    is_new = row is None or row[1] is not None
    ids: dict[int, int] = {}
    added = sum(
        _insert_message(connection, chat, found, ids, is_new=row is None) for found in chat.messages
    )
    if row is None or (added and chat.updated_at > row[0]):
        head = ids.get(chat.head or 0) or max(ids.values(), default=None)
        connection.execute("UPDATE chat SET head = ? WHERE id = ?", (head, chat.id))
    return is_new, added


def _insert_settings(connection: sqlite3.Connection, chat: ImportedChat) -> None:
    connection.execute(
        """INSERT INTO chat (id, title, named, pinned, model, origin, system_prompt, sampling,
                             created_at, updated_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            chat.id,
            storable(chat.title)[:LONGEST_TITLE],
            chat.named,
            chat.pinned,
            storable(chat.model),
            chat.origin,
            storable(chat.system_prompt),
            json.dumps(sampling_values(chat.sampling)),
            chat.created_at,
            chat.updated_at,
        ),
    )
    if chat.draft:
        connection.execute(
            "REPLACE INTO draft (chat_id, text) VALUES (?, ?)", (chat.id, storable(chat.draft))
        )


def _insert_message(
    connection: sqlite3.Connection,
    chat: ImportedChat,
    found: ImportedMessage,
    ids: dict[int, int],
    *,
    is_new: bool,
) -> bool:
    """Add one message if it is missing; notes in `ids` which id its key has here.

    An id that another chat uses is replaced in a new chat. In a chat that was there already
    such a message was imported before, under its new id, and is passed over.
    """
    parent = None if found.parent is None else ids.get(found.parent)
    if found.parent is not None and parent is None:
        return False
    key = found.key
    row = connection.execute("SELECT chat_id FROM message WHERE id = ?", (key,)).fetchone()
    if chat.keeps_ids and row is not None and row[0] == chat.id:
        ids[key] = key
        return False
    if row is not None or not chat.keeps_ids or (parent or 0) >= key:
        if not is_new:
            return False
        key = tree.next_id(connection, chat.updated_at)
    tree.insert_as(connection, key, chat.id, parent, found.message, chat.updated_at)
    ids[found.key] = key
    return True
