"""Chats without end, as a process that is there to be killed.

`python -m tests.support.chatting FOLDER SEED [MODEL]` says "open" before it opens the chats there;
then one JSON line for each message that the store has reported as saved, and for each chat before
it is wiped.
"""

import asyncio
import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any

from router.backends.base import Backend, Sampling
from router.backends.local import LocalBackend
from router.chat import Conversations
from router.config import Settings
from router.errors import Busy, NotFound
from router.inference.host import InferenceHost
from router.store.attachments import attachment_of
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import Message
from tests.support.library import FakeLibrary, local_model
from tests.support.scripted_backend import ScriptedBackend

CHATS = 4


def say(line: Any) -> None:
    """One line, in one piece: a killed process has written all of it or nothing."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def digest(text: str) -> str:
    """A text in short."""
    return hashlib.sha256(text.encode()).hexdigest()


class ReportingStore(ChatStore):
    """Says of each message when it has been saved."""

    async def add(self, *args: Any, **options: Any) -> tuple[Message, ...]:
        """Add, then say so."""
        added = await super().add(*args, **options)
        for message in added:
            _report(message)
        return added

    async def update(self, *args: Any, **options: Any) -> Message:
        """Change, then say so."""
        message = await super().update(*args, **options)
        _report(message)
        return message


def _report(message: Message) -> None:
    say(
        {
            "id": message.id,
            "chat": message.chat_id,
            "parent": message.parent_id,
            "role": message.role,
            "state": message.state,
            "length": len(message.content),
            "digest": digest(message.content),
            "files": len(message.attachments),
        }
    )


async def chat_on(folder: Path, dice: random.Random, backend: Backend) -> None:
    """Ask, stop, answer again, ask otherwise and wipe, in several chats at once."""
    say("open")
    database = Database(folder / "chats.db")
    await database.open()
    store = ReportingStore(database)
    conversations = Conversations(store, store, backend, save_every_s=0.005)
    await conversations.recover()
    while True:
        chats = await store.list()
        if len(chats) < CHATS:
            await store.create(sampling=Sampling(max_tokens=60))
            continue
        chat = dice.choice(chats)
        if dice.random() < 0.005:
            say({"gone": chat.id})
            await conversations.discard(chat.id)
            continue
        _write_something(backend, dice)
        await _act(conversations, store, chat.id, dice)


async def _act(
    conversations: Conversations, store: ChatStore, chat_id: str, dice: random.Random
) -> None:
    """One thing that people do."""
    messages = await store.messages(chat_id)
    question = f"{dice.random()} " * dice.choice((1, 10, 1_000))
    kind = dice.choice(("send", "send", "send", "file", "regenerate", "edit", "stop"))
    try:
        if kind == "stop":
            await conversations.stop(chat_id)
        elif kind == "file":
            await conversations.send(chat_id, question, [attachment_of("a.txt", b"x" * 20_000)])
        elif kind == "send" or not messages:
            await conversations.send(chat_id, question)
        elif kind == "regenerate":
            await conversations.regenerate(chat_id, messages[-1].id)
        else:
            await conversations.edit(chat_id, messages[0].id, question)
    except (Busy, NotFound):
        await asyncio.sleep(0)


def _write_something(backend: Backend, dice: random.Random) -> None:
    if isinstance(backend, ScriptedBackend):
        word = f"{dice.random()} "
        backend.says(*[word * dice.choice((1, 100))] * 30, pause_s=dice.choice((0, 0.002)))


def main(folder: str, seed: str, model: str = "") -> None:
    """Chat until killed."""
    backend: Backend = ScriptedBackend()
    if model:
        library = FakeLibrary(local_model("real", path=Path(model)))
        backend = LocalBackend(InferenceHost(library, Settings(Path(folder) / "settings.toml")))
    asyncio.run(chat_on(Path(folder), random.Random(seed), backend))


if __name__ == "__main__":
    main(*sys.argv[1:])
