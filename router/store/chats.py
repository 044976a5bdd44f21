"""Conversations and their messages: everything that is asked of the store, as coroutines.

What a coroutine returns from has been written to disk. Over a Database in memory the same class
holds temporary chats.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from router.backends.base import Origin, Sampling
from router.errors import NotFound
from router.events import Emitter
from router.store import tree
from router.store.db import Database
from router.store.records import (
    Change,
    Chat,
    ChatChanged,
    Message,
    NewMessage,
    SearchHit,
    State,
    Stats,
    sampling_values,
    stats_to_json,
    storable,
)
from router.store.search import search

LONGEST_TITLE = 200
UNFINISHED_IN_COPY = "This answer was still being written when the copy was made."


class ChatStore:
    """The chats of one database.

    Every method raises StorageError when the disk does not let it, and NotFound for a chat or
    message that is not there; nothing has changed then. `changed` tells of every change, except
    of the text of an answer that is still being written.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self.changed: Emitter[ChatChanged] = Emitter()
        self.database = database
        self._clock = clock

    async def create(
        self,
        *,
        model: str = "",
        system_prompt: str = "",
        sampling: Sampling | None = None,
        chat_id: str = "",
    ) -> Chat:
        """A new, empty chat; by default with an id of its own."""
        chat_id = chat_id or "0x" + secrets.token_hex(32)
        now = self._clock()
        values = json.dumps(sampling_values(sampling or Sampling()))

        def work(connection: sqlite3.Connection) -> Chat:
            connection.execute(
                """INSERT INTO chat (id, title, named, pinned, model, origin, system_prompt,
                                     sampling, created_at, updated_at)
                   VALUES (?, '', 0, 0, ?, 'local', ?, ?, ?, ?)""",
                (chat_id, storable(model), storable(system_prompt), values, now, now),
            )
            return tree.find_chat(connection, chat_id)

        chat = await self.database.run(work)
        self._tell(chat_id, "created")
        return chat

    async def list(self) -> tuple[Chat, ...]:
        """All chats that are not deleted: pinned ones first, then by newest message."""
        order = "WHERE deleted_at IS NULL ORDER BY pinned DESC, updated_at DESC, number DESC"

        def work(connection: sqlite3.Connection) -> tuple[Chat, ...]:
            rows = connection.execute(f"{tree.CHAT_COLUMNS} {order}")
            return tuple(tree.chat_from(row) for row in rows)

        return await self.database.run(work)

    async def count(self) -> int:
        """How many chats are not deleted."""

        def work(connection: sqlite3.Connection) -> int:
            row = connection.execute("SELECT count(*) FROM chat WHERE deleted_at IS NULL")
            return int(row.fetchone()[0])

        return await self.database.run(work)

    async def get(self, chat_id: str) -> Chat:
        """One chat, also a deleted one that can still be restored."""
        return await self.database.run(lambda connection: tree.find_chat(connection, chat_id))

    async def has(self, chat_id: str) -> bool:
        """Whether there is such a chat."""

        def work(connection: sqlite3.Connection) -> bool:
            row = connection.execute("SELECT 1 FROM chat WHERE id = ?", (chat_id,)).fetchone()
            return row is not None

        return await self.database.run(work)

    async def messages(self, chat_id: str) -> tuple[Message, ...]:
        """The branch in view, first message first."""

        def work(connection: sqlite3.Connection) -> tuple[Message, ...]:
            return tree.path_to(connection, tree.find_chat(connection, chat_id).head)

        return await self.database.run(work)

    async def path(self, message_id: int) -> tuple[Message, ...]:
        """The messages from the first one to this one, whatever branch is in view."""

        def work(connection: sqlite3.Connection) -> tuple[Message, ...]:
            if not (found := tree.path_to(connection, message_id)):
                raise NotFound("This message does not exist any more.")
            return found

        return await self.database.run(work)

    async def message(self, message_id: int) -> Message:
        """One message."""
        return await self.database.run(lambda c: tree.find_message(c, message_id))

    async def add(
        self,
        chat_id: str,
        *messages: NewMessage,
        parent_id: int | None = None,
        follow: bool = True,
        title: str = "",
    ) -> tuple[Message, ...]:
        """Add messages, each below the one before it, all or none.

        Args:
            parent_id: where the first one goes; by default the end of the branch in view,
                0 for a new beginning.
            follow: bring the new branch into view; otherwise only if its parent was the end.
            title: the title of a chat that has none yet.
        """
        now = self._clock()

        def work(connection: sqlite3.Connection) -> tuple[Message, ...]:
            chat = tree.find_chat(connection, chat_id)
            parent = chat.head if parent_id is None else parent_id or None
            if parent is not None and tree.find_message(connection, parent).chat_id != chat_id:
                raise NotFound("This message does not exist any more.")
            ids = tree.insert(connection, chat_id, parent, messages, now)
            head = ids[-1] if follow or chat.head == parent else chat.head
            connection.execute(
                "UPDATE chat SET head = ?, updated_at = ? WHERE id = ?", (head, now, chat_id)
            )
            if title and not chat.title and not chat.named:
                _set_title(connection, chat_id, title)
            _note_origin(connection, chat_id, messages)
            return tuple(tree.find_message(connection, key) for key in ids)

        added = await self.database.run(work)
        self._tell(chat_id, "messages")
        return added

    async def update(
        self,
        message_id: int,
        *,
        content: str | None = None,
        reasoning: str | None = None,
        state: State | None = None,
        error: str | None = None,
        model: str | None = None,
        origin: Origin | None = None,
        stats: Stats | None = None,
    ) -> Message:
        """Change parts of a message; what is None stays as it is."""
        texts = {"content": content, "reasoning": reasoning, "error": error, "model": model}
        values: dict[str, str | None] = {
            name: storable(text) for name, text in texts.items() if text is not None
        }
        others = {"state": state, "origin": origin, "stats": stats_to_json(stats)}
        values |= {name: value for name, value in others.items() if value is not None}
        setting = ", ".join(f"{name} = ?" for name in values)

        def work(connection: sqlite3.Connection) -> Message:
            if values:
                connection.execute(
                    f"UPDATE message SET {setting} WHERE id = ?",  # noqa: S608 - own names
                    (*values.values(), message_id),
                )
            message = tree.find_message(connection, message_id)
            if origin is not None and message.role == "assistant":
                connection.execute(
                    "UPDATE chat SET origin = ?1 WHERE id = ?2 AND origin <> ?1",
                    (origin, message.chat_id),
                )
            return message

        message = await self.database.run(work)
        if message.state != "writing":
            self._tell(message.chat_id, "messages")
        return message

    async def select(self, chat_id: str, message_id: int) -> tuple[Message, ...]:
        """Bring the newest branch through a message into view; returns that branch."""

        def work(connection: sqlite3.Connection) -> tuple[Message, ...]:
            if tree.find_message(connection, message_id).chat_id != chat_id:
                raise NotFound("This message does not exist any more.")
            leaf = tree.newest_below(connection, message_id)
            connection.execute("UPDATE chat SET head = ? WHERE id = ?", (leaf, chat_id))
            return tree.path_to(connection, leaf)

        branch = await self.database.run(work)
        self._tell(chat_id, "messages")
        return branch

    async def branch(self, chat_id: str, message_id: int) -> Chat:
        """A new chat with copies of the messages up to this one, and the same settings."""
        old = await self.get(chat_id)
        new = await self.create(
            model=old.model, system_prompt=old.system_prompt, sampling=old.sampling
        )

        def work(connection: sqlite3.Connection) -> None:
            copies = [
                _copy(connection, message) for message in tree.path_to(connection, message_id)
            ]
            ids = tree.insert(connection, new.id, None, copies, self._clock())
            connection.execute("UPDATE chat SET head = ? WHERE id = ?", (ids[-1], new.id))
            _set_title(connection, new.id, f"{old.title} (branch)")
            _note_origin(connection, new.id, copies)

        await self.database.run(work)
        self._tell(new.id, "messages")
        return await self.get(new.id)

    async def attachment_data(self, attachment_id: int) -> bytes:
        """The content of an attached file."""
        return await self.database.run(lambda c: tree.file_data(c, attachment_id))

    async def rename(self, chat_id: str, title: str) -> None:
        """Give a chat a title that nothing but another rename changes."""
        await self._set(chat_id, "title = ?, named = 1", storable(title)[:LONGEST_TITLE])

    async def pin(self, chat_id: str, *, pinned: bool) -> None:
        """Keep a chat at the top of the list, or let it go."""
        await self._set(chat_id, "pinned = ?", int(pinned))

    async def set_model(self, chat_id: str, model: str) -> None:
        """Choose the model by id; empty is the default one."""
        await self._set(chat_id, "model = ?", storable(model))

    async def set_system_prompt(self, chat_id: str, text: str) -> None:
        """Choose what the model is told before the first message; empty is nothing."""
        await self._set(chat_id, "system_prompt = ?", storable(text))

    async def set_sampling(self, chat_id: str, sampling: Sampling) -> None:
        """Choose how answers are made; `Sampling()` is the model's own way."""
        await self._set(chat_id, "sampling = ?", json.dumps(sampling_values(sampling)))

    async def save_draft(self, chat_id: str, text: str) -> None:
        """Keep what was typed and not sent; the id "" is the page for a new chat."""

        def work(connection: sqlite3.Connection) -> None:
            if text:
                connection.execute("REPLACE INTO draft VALUES (?, ?)", (chat_id, storable(text)))
            else:
                connection.execute("DELETE FROM draft WHERE chat_id = ?", (chat_id,))

        await self.database.run(work)

    async def draft(self, chat_id: str = "") -> str:
        """What was typed and not sent."""

        def work(connection: sqlite3.Connection) -> str:
            found = connection.execute("SELECT text FROM draft WHERE chat_id = ?", (chat_id,))
            row = found.fetchone()
            return str(row[0]) if row else ""

        return await self.database.run(work)

    async def delete(self, chat_id: str) -> None:
        """Take a chat out of lists and search; it can be restored until it is purged."""
        await self._set(chat_id, "deleted_at = ?", self._clock(), what="deleted")

    async def restore(self, chat_id: str) -> None:
        """Undo `delete`."""
        await self._set(chat_id, "deleted_at = ?", None, what="restored")

    async def purge(self, *chat_ids: str) -> None:
        """Remove deleted chats for good: no byte of them stays in the database's files.

        Without ids: all deleted ones. A chat that is not deleted stays.
        """

        def work(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute("SELECT id FROM chat WHERE deleted_at IS NOT NULL")
            gone = [key for (key,) in rows if not chat_ids or key in chat_ids]
            connection.executemany("DELETE FROM chat WHERE id = ?", [(key,) for key in gone])
            return gone

        gone = await self.database.run(work)
        if gone:
            await self.database.scrub()
        for chat_id in gone:
            self._tell(chat_id, "purged")

    async def recover(self, error: str) -> int:
        """Mark answers that nobody is writing any more as cut off; returns how many."""

        def work(connection: sqlite3.Connection) -> int:
            return connection.execute(
                "UPDATE message SET state = 'cut_off', error = ? WHERE state = 'writing'", (error,)
            ).rowcount

        return await self.database.run(work)

    async def search(self, text: str, limit: int = 50) -> tuple[SearchHit, ...]:
        """Where words stand in titles and messages, the best first."""
        return await self.database.run(lambda connection: search(connection, text, limit))

    async def backup(self, target: Path | None = None) -> Path:
        """Copy all chats to a file, by default a dated one among the backups."""
        return await self.database.backup(target)

    async def restore_backup(self, source: Path) -> Path:
        """Replace all chats by those of a copy; returns where the present ones were put."""
        kept = await self.database.restore(source)
        await self.recover(UNFINISHED_IN_COPY)
        self.announce_all()
        return kept

    def announce_all(self) -> None:
        """Tell that any chat may have changed."""
        self._tell("", "all")

    async def _set(
        self, chat_id: str, setting: str, value: str | float | None, *, what: Change = "changed"
    ) -> None:
        def work(connection: sqlite3.Connection) -> None:
            tree.find_chat(connection, chat_id)
            connection.execute(
                f"UPDATE chat SET {setting} WHERE id = ?",  # noqa: S608 - own names
                (value, chat_id),
            )

        await self.database.run(work)
        self._tell(chat_id, what)

    def _tell(self, chat_id: str, what: Change) -> None:
        self.changed.emit(ChatChanged(chat_id, what))


def _set_title(connection: sqlite3.Connection, chat_id: str, title: str) -> None:
    connection.execute(
        "UPDATE chat SET title = ? WHERE id = ?", (storable(title)[:LONGEST_TITLE], chat_id)
    )


def _note_origin(
    connection: sqlite3.Connection, chat_id: str, messages: Iterable[NewMessage]
) -> None:
    for message in messages:
        if message.role == "assistant":
            connection.execute("UPDATE chat SET origin = ? WHERE id = ?", (message.origin, chat_id))


def _copy(connection: sqlite3.Connection, message: Message) -> NewMessage:
    files = tuple(
        replace(file, data=tree.file_data(connection, file.id)) for file in message.attachments
    )
    state = "cut_off" if message.state == "writing" else message.state
    return NewMessage(
        message.role, message.content, message.reasoning, state, message.error, message.model,
        message.origin, message.stats, files, message.created_at,
    )  # fmt: skip
