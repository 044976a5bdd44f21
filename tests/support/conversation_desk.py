"""Conversations over a scripted backend, without a window, and everything they say."""

import asyncio
import sqlite3
from typing import Any

from router.answer import (
    ChatEvent,
)
from router.chat import Conversations
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import Chat, Message
from tests.support.scripted_backend import ScriptedBackend


class Desk:
    """Store, backend and conversations; `events` is all that was told."""

    def __init__(self, database: Database, memory: Database) -> None:
        self.database = database
        self.store = ChatStore(database)
        self.temporary = ChatStore(memory)
        self.backend = ScriptedBackend()
        self.chats = self.new()
        self.events: list[ChatEvent] = []
        self.chats.changed.subscribe(self.events.append)

    def new(self, **options: Any) -> Conversations:
        return Conversations(
            self.store,
            self.temporary,
            self.backend,
            name_of=lambda model: model.title() or "Default",
            save_every_s=0.01,
            retry_every_s=0.01,
            undo_s=0.05,
            **options,
        )

    async def chat(self, **options: Any) -> Chat:
        return await self.store.create(**options)

    async def ask(self, chat_id: str, text: str) -> Message:
        answer = await self.chats.send(chat_id, text)
        await answer.ended()
        return answer.message

    async def until(self, kind: type, *, count: int = 1) -> None:
        """Wait for so many events of a kind."""
        while sum(isinstance(event, kind) for event in self.events) < count:
            heard = asyncio.Event()
            stop = self.chats.changed.subscribe(lambda _event, heard=heard: heard.set())
            async with asyncio.timeout(30):
                await heard.wait()
            stop()

    async def texts(self, chat_id: str) -> list[str]:
        return [message.content for message in await self.store.messages(chat_id)]

    async def break_disk(self, *, broken: bool) -> None:
        """Let the database grow no further, as on a full disk, or let it again."""

        def work(connection: sqlite3.Connection) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages if broken else 1_000_000}")

        await self.database.run(work)
