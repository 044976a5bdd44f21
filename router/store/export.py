"""Writes chats to files: JSON that comes back without loss, Markdown for reading.

A file appears when it is complete. The work is done on the store's thread, chat by chat, so
that other work gets its turn in between.
"""

import base64
import contextlib
import dataclasses
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from router.errors import StorageError
from router.store import tree
from router.store.attachments import fenced
from router.store.chats import ChatStore
from router.store.copies import write_private
from router.store.records import Attachment, Chat, Message, sampling_values
from router.untrusted import one_line

FORMAT = "morpheus-desktop-chats"
VERSION = 1
_LONGEST_STEM = 200  # bytes; file systems take 255 for the whole name
_NOTES = {
    "stopped": "Stopped before it was complete.",
    "cut_off": "Cut off before it was complete.",
    "failed": "Not answered.",
    "writing": "Still being written.",
    "done": "",
}


async def export_json(store: ChatStore, target: Path, chat_ids: Iterable[str] | None = None) -> int:
    """Write chats, by default all, with every branch and file; returns how many.

    Raises:
        StorageError: the file cannot be written; there is none then.
        NotFound: there is no such chat.
    """
    ids = await _ids(store, chat_ids)
    head = {"format": FORMAT, "version": VERSION, "exported_at": time.time()}
    begin = json.dumps(head, indent=1).removesuffix("\n}") + ',\n "chats": ['

    def one(connection: sqlite3.Connection, chat_id: str) -> str:
        return json.dumps(chat_record(connection, chat_id), indent=1, ensure_ascii=False)

    await _write(store, target, ids, one, begin=begin, between=",\n", end="]\n}\n")
    return len(ids)


async def export_markdown(store: ChatStore, target: Path, chat_id: str) -> None:
    """Write the branch of one chat that is in view.

    Raises:
        StorageError: the file cannot be written; there is none then.
        NotFound: there is no such chat.
    """
    await _write(store, target, [chat_id], markdown, begin="", between="", end="")


async def export_all_markdown(store: ChatStore, folder: Path) -> int:
    """Write every chat to a file of its own, named after its title; returns how many."""
    taken: set[str] = set()
    chats = await store.list()
    for chat in chats:
        await export_markdown(store, folder / file_name(chat.title, taken), chat.id)
    return len(chats)


def chat_record(connection: sqlite3.Connection, chat_id: str) -> dict[str, Any]:
    """One chat as it stands in an export."""
    chat = tree.find_chat(connection, chat_id)
    record = dataclasses.asdict(chat)
    record["sampling"] = sampling_values(chat.sampling)
    del record["deleted_at"]
    record["messages"] = [
        _message_record(connection, message) for message in tree.all_messages(connection, chat_id)
    ]
    return record


def markdown(connection: sqlite3.Connection, chat_id: str) -> str:
    """The branch in view as Markdown, without reasoning."""
    chat = tree.find_chat(connection, chat_id)
    parts = [f"# {one_line(chat.title, 200) or 'Chat'}", *_heading(chat)]
    for message in tree.path_to(connection, chat.head):
        who = "You" if message.role == "user" else one_line(message.model) or "Answer"
        parts += _rerouted(message)
        parts.append(f"**{who}**{_origin(message)} · {_date(message.created_at)}")
        parts += [_file(connection, file) for file in message.attachments]
        parts += [message.content.strip()] if message.content.strip() else []
        if note := _NOTES[message.state]:
            parts.append(f"*{note} {one_line(message.error, 300)}".rstrip() + "*")
    return "\n\n".join(parts) + "\n"


def file_name(title: str, taken: set[str]) -> str:
    """A name for a file that every file system takes and that is not taken yet."""
    short = one_line(title, 80).encode("utf-8", "replace")[:_LONGEST_STEM].decode("utf-8", "ignore")
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f]', " ", short).strip(" .") or "Chat"
    if re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)\d", stem):
        stem += " chat"
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} ({number})"
    taken.add(name.casefold())
    return f"{name}.md"


def _message_record(connection: sqlite3.Connection, message: Message) -> dict[str, Any]:
    record = dataclasses.asdict(message)
    del record["versions"], record["chat_id"]
    record["attachments"] = [
        {
            "id": file.id,
            "name": file.name,
            "mime": file.mime,
            "data": base64.b64encode(tree.file_data(connection, file.id)).decode("ascii"),
        }
        for file in message.attachments
    ]
    return record


def _heading(chat: Chat) -> list[str]:
    lines = [_date(chat.created_at)]
    if chat.system_prompt.strip():
        lines.append("\n".join(f"> {line}" for line in chat.system_prompt.splitlines()))
    return lines


def _origin(message: Message) -> str:
    """Whose computer wrote an answer, where it was not this one."""
    if message.role == "user" or message.origin == "local":
        return ""
    provider = message.stats.provider if message.stats is not None else ""
    return f", {one_line(provider)}" if provider else ", remote"


def _rerouted(message: Message) -> list[str]:
    lines = message.stats.rerouted.splitlines() if message.stats is not None else []
    return [f"*{one_line(line, 600)}*" for line in lines]


def _file(connection: sqlite3.Connection, file: Attachment) -> str:
    if not file.is_text:
        return f"Attached: {one_line(file.name)}"
    return fenced(file.name, tree.file_data(connection, file.id).decode("utf-8", "replace"))


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


async def _ids(store: ChatStore, chat_ids: Iterable[str] | None) -> list[str]:
    if chat_ids is not None:
        return list(chat_ids)

    def work(connection: sqlite3.Connection) -> list[str]:
        rows = connection.execute("SELECT id FROM chat WHERE deleted_at IS NULL ORDER BY number")
        return [key for (key,) in rows]

    return await store.database.run(work)


async def _write(
    store: ChatStore,
    target: Path,
    ids: list[str],
    one: Callable[[sqlite3.Connection, str], str],
    *,
    begin: str,
    between: str,
    end: str,
) -> None:
    """Write a file of one part for each chat; whoever watches sees all of it or nothing."""
    unfinished = target.with_name(target.name + ".part")

    def append(text: str) -> None:
        with _explained(target), unfinished.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)

    def start(_connection: sqlite3.Connection) -> None:
        with _explained(target):
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            unfinished.unlink(missing_ok=True)
            write_private(unfinished)
        append(begin)

    def add(chat_id: str, before: str, connection: sqlite3.Connection) -> None:
        append(before + one(connection, chat_id))

    def finish(_connection: sqlite3.Connection) -> None:
        append(end)
        with _explained(target):
            unfinished.replace(target)

    try:
        await store.database.run(start)
        for position, chat_id in enumerate(ids):
            await store.database.run(partial(add, chat_id, between if position else ""))
        await store.database.run(finish)
    finally:
        with contextlib.suppress(OSError):  # what went wrong before is what counts
            unfinished.unlink(missing_ok=True)


@contextlib.contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Turn what the disk says about an export into words."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The chats could not be written to {target}: {error.strerror or error}.",
            safe="All chats are still here.",
            hint="Choose another folder, or free some space.",
        ) from error
