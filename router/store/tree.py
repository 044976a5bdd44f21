"""The messages of a chat as a tree: every function works inside a transaction of the caller.

A message's id is greater than its parent's, so the newest message below another one is always
the end of a branch. Ids are times (milliseconds, with twelve random bits): they stay the same
through export and import, and two computers do not give out the same one.
"""

import json
import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from router.errors import NotFound
from router.store.records import (
    Attachment,
    Chat,
    Message,
    NewMessage,
    sampling_from,
    stats_from,
    stats_to_json,
    storable,
)

_IDS_START_S = 1_577_836_800  # 2020: the ids stay below 2**53, exact in every JSON reader, to 2089
_RANDOM_BITS = 12

MESSAGE_COLUMNS = "id, chat_id, parent_id, role, content, reasoning, state, error, model, origin, stats, created_at"
_COLUMNS_OF_PATH = ", ".join(f"message.{name}" for name in MESSAGE_COLUMNS.split(", "))

_PATH = f"""
WITH RECURSIVE path (id, parent_id) AS (
    SELECT id, parent_id FROM message WHERE id = ?
    UNION ALL
    SELECT message.id, message.parent_id FROM path JOIN message ON message.id = path.parent_id
)
SELECT {_COLUMNS_OF_PATH} FROM path CROSS JOIN message USING (id)
"""  # noqa: S608 - own names

CHAT_COLUMNS = """
SELECT chat.id, title, named, pinned, model, origin, system_prompt, sampling, head,
       coalesce(draft.text, ''), created_at, updated_at, deleted_at
FROM chat LEFT JOIN draft ON draft.chat_id = chat.id
"""


def chat_from(row: tuple[Any, ...]) -> Chat:
    """A Chat from a row of CHAT_COLUMNS."""
    return Chat(
        row[0], row[1], bool(row[2]), bool(row[3]), row[4], row[5], row[6],
        sampling_from(_json(row[7])), *row[8:],
    )  # fmt: skip


def find_chat(connection: sqlite3.Connection, chat_id: str) -> Chat:
    """One chat, deleted or not.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(f"{CHAT_COLUMNS} WHERE chat.id = ?", (chat_id,)).fetchone()
    if row is None:
        raise NotFound("This chat does not exist any more.", hint="Choose another chat.")
    return chat_from(row)


def find_message(connection: sqlite3.Connection, message_id: int) -> Message:
    """One message with its versions.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM message WHERE id = ?",  # noqa: S608 - own names
        (message_id,),
    ).fetchone()
    if row is None:
        raise NotFound("This message does not exist any more.")
    siblings = connection.execute(
        "SELECT id FROM message WHERE chat_id = ? AND parent_id IS ? ORDER BY id", (row[1], row[2])
    )
    files = connection.execute(
        "SELECT name, mime, size, id FROM attachment WHERE message_id = ? ORDER BY id",
        (message_id,),
    )
    attachments = tuple(Attachment(name, mime, size, id=key) for name, mime, size, key in files)
    return _message(row, attachments, tuple(key for (key,) in siblings))


def path_to(connection: sqlite3.Connection, message_id: int | None) -> tuple[Message, ...]:
    """The messages from the first one to this one; none for None."""
    return _messages(connection, connection.execute(_PATH, (message_id,)).fetchall())


def all_messages(connection: sqlite3.Connection, chat_id: str) -> tuple[Message, ...]:
    """The messages of all branches, oldest first."""
    rows = connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM message WHERE chat_id = ?",  # noqa: S608 - own names
        (chat_id,),
    )
    return _messages(connection, rows.fetchall())


def attachments_of(
    connection: sqlite3.Connection, chat_id: str
) -> dict[int, tuple[Attachment, ...]]:
    """The attachments of a chat by message, without their data."""
    found: dict[int, tuple[Attachment, ...]] = {}
    for message_id, name, mime, size, key in connection.execute(
        """SELECT message_id, name, mime, size, attachment.id
           FROM message CROSS JOIN attachment ON attachment.message_id = message.id
           WHERE message.chat_id = ? ORDER BY attachment.id""",
        (chat_id,),
    ):
        found[message_id] = (*found.get(message_id, ()), Attachment(name, mime, size, id=key))
    return found


def file_data(connection: sqlite3.Connection, attachment_id: int) -> bytes:
    """The content of an attached file.

    Raises:
        NotFound: there is none.
    """
    found = connection.execute("SELECT data FROM attachment WHERE id = ?", (attachment_id,))
    if (row := found.fetchone()) is None:
        raise NotFound("This file does not exist any more.")
    return bytes(row[0])


def newest_below(connection: sqlite3.Connection, message_id: int) -> int:
    """The end of the newest branch through a message."""
    (leaf,) = connection.execute(
        """WITH RECURSIVE below (id) AS (
               SELECT ?
               UNION ALL
               SELECT message.id FROM below JOIN message ON message.parent_id = below.id
           ) SELECT max(id) FROM below""",
        (message_id,),
    ).fetchone()
    return int(leaf)


def insert(
    connection: sqlite3.Connection,
    chat_id: str,
    parent_id: int | None,
    messages: Iterable[NewMessage],
    now: float,
) -> list[int]:
    """Add messages, each below the one before it; returns their ids."""
    ids: list[int] = []
    for message in messages:
        key = next_id(connection, now)
        insert_as(connection, key, chat_id, parent_id, message, now)
        ids.append(key)
        parent_id = key
    return ids


def insert_as(
    connection: sqlite3.Connection,
    key: int,
    chat_id: str,
    parent_id: int | None,
    message: NewMessage,
    now: float,
) -> None:
    """Add one message under a given id, with its attachments.

    An attachment keeps the id that it brings when nothing else has it.
    """
    connection.execute(
        f"INSERT INTO message ({MESSAGE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (
            key,
            chat_id,
            parent_id,
            message.role,
            storable(message.content),
            storable(message.reasoning),
            message.state,
            storable(message.error),
            storable(message.model),
            message.origin,
            stats_to_json(message.stats),
            now if message.created_at is None else message.created_at,
        ),
    )
    connection.executemany(
        """INSERT INTO attachment (id, message_id, name, mime, size, data) VALUES (
               (SELECT :id WHERE :id > 0 AND NOT EXISTS (SELECT 1 FROM attachment WHERE id = :id)),
               :message, :name, :mime, :size, :data)""",
        [
            {
                "id": file.id,
                "message": key,
                "name": storable(file.name),
                "mime": storable(file.mime),
                "size": len(file.data or b""),
                "data": file.data or b"",
            }
            for file in message.attachments
        ],
    )


def next_id(connection: sqlite3.Connection, now: float) -> int:
    """An id greater than all there are."""
    (last,) = connection.execute("SELECT max(id) FROM message").fetchone()
    milliseconds = max(0, int((now - _IDS_START_S) * 1000))
    by_time = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return max(by_time, (last or 0) + 1)


def _messages(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> tuple[Message, ...]:
    """Messages of one chat from their rows, oldest first."""
    if not rows:
        return ()
    rows.sort()  # by id; quicker here than there, where the texts are moved too
    chat_id = rows[0][1]
    versions: dict[int | None, list[int]] = defaultdict(list)
    for parent, key in connection.execute(
        "SELECT parent_id, id FROM message WHERE chat_id = ? ORDER BY parent_id, id", (chat_id,)
    ):
        versions[parent].append(key)
    shared = {parent: tuple(keys) for parent, keys in versions.items()}
    files = attachments_of(connection, chat_id)
    return tuple(_message(row, files.get(row[0], ()), shared[row[2]]) for row in rows)


def _message(
    row: tuple[Any, ...], attachments: tuple[Attachment, ...], versions: tuple[int, ...]
) -> Message:
    stats = None if row[10] is None else stats_from(_json(row[10]))
    key, chat_id, parent_id, role, content, reasoning, state, error, model, origin = row[:10]
    return Message(
        key, chat_id, parent_id, role, content, reasoning, state, error, model, origin,
        stats, row[11], attachments, versions,
    )  # fmt: skip


def _json(text: str) -> object:
    """Parsed JSON, None when a damaged file was saved with something else in it."""
    try:
        return json.loads(text)
    except ValueError:
        return None
