"""A chat with models of the network: what is saved and told when a provider lies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from router.answer import AnswerEnded, ChatEvent
from router.backends.routing import RoutingBackend
from router.chat import Conversations
from router.consumer.failover import Rules
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import Message, Stats
from tests.support.lying_provider import LyingProvider, Script
from tests.support.open_sessions import MODEL, RemoteDesk

STAY = Rules(local=False)  # nobody else answers


class RemoteChat:
    """Conversations over open sessions; `told` is all that was said."""

    def __init__(self, store: ChatStore, temporary: ChatStore, desk: RemoteDesk) -> None:
        self.store = store
        self.desk = desk
        self.conversations = Conversations(
            store, temporary, RoutingBackend(desk.local, lambda: desk.backend), save_every_s=0.01
        )
        self.told: list[ChatEvent] = []
        self.conversations.changed.subscribe(self.told.append)

    async def provider(self, name: str, *scripts: Script, **options: Any) -> LyingProvider:
        return await self.desk.provider(name, *scripts, **options)

    async def ask(self, text: str = "Hello", chat_id: str = "", *, within_s: float = 50) -> Message:
        """Ask in a chat, by default a new one; the answer as it was saved."""
        chat_id = chat_id or (await self.store.create(model=MODEL)).id
        answer = await self.conversations.send(chat_id, text)
        async with asyncio.timeout(within_s):
            await answer.ended()
        return await self.store.message(answer.message_id)

    @property
    def code(self) -> str:
        """Why the last answer failed; empty when it did not."""
        ended = [event for event in self.told if isinstance(event, AnswerEnded)]
        return ended[-1].error.code if ended[-1].error is not None else ""

    def told_of(self, kind: type) -> list[Any]:
        return [event for event in self.told if isinstance(event, kind)]


@asynccontextmanager
async def remote_chat(file: Path | None = None, **limits: Any) -> AsyncIterator[RemoteChat]:
    """A chat whose providers nobody stands in for, unless the test says so."""
    database, memory = Database(file), Database(None)
    await database.open()
    await memory.open()
    desk = RemoteDesk(rules=STAY)
    desk.limits = replace(desk.limits, **limits)
    chat = RemoteChat(ChatStore(database), ChatStore(memory), desk)
    try:
        yield chat
    finally:
        await chat.conversations.close()
        await desk.close()
        await memory.close()
        await database.close()


def stats_of(message: Message) -> Stats:
    assert message.stats is not None
    return message.stats
