"""`kill -9` at any moment of chatting loses no message that was reported as saved."""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from router.chat import APP_ENDED, Conversations
from router.errors import StorageError
from router.store import tree
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import Message
from tests.support.chatting import digest
from tests.support.headless import ROOT
from tests.support.model import model_path
from tests.support.scripted_backend import ScriptedBackend

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KILLED = -signal.SIGKILL if sys.platform != "win32" else 1


@dataclass
class Reported:
    """What was reported as saved, over all lives of a data folder.

    Args:
        messages: the newest report of each, by id.
        gone: chats that were wiped, or about to be.
        reports: how many there were.
        cut_off: how many answers were being written when it was killed.
    """

    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    reports: int = 0
    cut_off: int = 0

    def hear(self, line: str) -> None:
        """Take in one line of a chatting process."""
        value = json.loads(line)
        if "gone" in value:
            self.gone.add(value["gone"])
        else:
            self.reports += 1
            self.messages[value["id"]] = value


def live_and_die(
    folder: Path, reported: Reported, seed: int, longest_s: float, *model: str
) -> None:
    """Let a process chat, and kill it at a random moment after it began to open the chats."""
    command = [sys.executable, "-m", "tests.support.chatting", str(folder), str(seed), *model]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == '"open"\n'
        timer = threading.Timer(random.Random(seed).uniform(0, longest_s), process.kill)
        timer.start()
        workers = []
        for line in process.stdout:
            reported.hear(line)
            workers = workers or psutil.Process(process.pid).children()
        timer.join()
    assert process.returncode == KILLED, "it ended before it was killed"
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive, "the model's process outlived the app"


async def opened(folder: Path) -> Database:
    """The chats, as soon as a worker that was just being started has followed its app."""
    async with asyncio.timeout(30):
        while True:
            database = Database(folder / "chats.db")
            try:
                report = await database.open()
            except StorageError as error:
                if "another Morpheus Desktop" not in error.message:
                    raise
                await asyncio.sleep(0.02)
            else:
                assert report.salvaged is None
                return database


async def check_after_restart(folder: Path, reported: Reported) -> None:
    """Start again: all that was reported is there, and no answer is taken for running."""
    database = await opened(folder)
    store = ChatStore(database)
    conversations = Conversations(store, store, ScriptedBackend())
    before = await database.run(_all_messages)
    await conversations.recover()
    after = await database.run(_all_messages)
    await conversations.close()
    for check, wanted in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
        query = f"PRAGMA {check}"
        assert await database.run(lambda c, query=query: c.execute(query).fetchall()) == wanted
    await database.close()
    for key, message in reported.messages.items():
        if message["chat"] not in reported.gone:
            _check(message, after[key])
    for key, message in before.items():
        if message.state == "writing":
            reported.cut_off += 1
            assert (after[key].state, after[key].error) == ("cut_off", APP_ENDED)
            assert after[key].content == message.content


def _all_messages(connection: sqlite3.Connection) -> dict[int, Message]:
    chats = connection.execute("SELECT id FROM chat").fetchall()
    return {m.id: m for (chat_id,) in chats for m in tree.all_messages(connection, chat_id)}


def _check(reported: dict[str, Any], found: Message) -> None:
    """A message has what was reported of it: its place, its files, and its text or more."""
    assert (found.chat_id, found.parent_id, found.role, len(found.attachments)) == (
        reported["chat"],
        reported["parent"],
        reported["role"],
        reported["files"],
    )
    length = reported["length"]
    assert digest(found.content[:length]) == reported["digest"]
    if reported["state"] != "writing":
        assert (found.state, len(found.content)) == (reported["state"], length)


async def kill_often(folder: Path, seeds: range, longest_s: float, *model: str) -> None:
    """Live and die once for each seed, all in one data folder; says what came of it."""
    reported = Reported()
    for seed in seeds:
        await asyncio.to_thread(live_and_die, folder, reported, seed, longest_s, *model)
        await check_after_restart(folder, reported)
    kept = [m for m in reported.messages.values() if m["chat"] not in reported.gone]
    print(  # noqa: T201 - the figures, with -s
        f"{len(seeds)} kills: {reported.reports} reports of {len(kept)} messages that are all there, "
        f"{reported.cut_off} answers cut off, {len(reported.gone)} chats wiped"
    )
    assert kept
    assert reported.cut_off


@pytest.mark.parametrize("first", [0, 50])
async def test_a_hundred_random_moments(tmp_path: Path, first: int) -> None:
    await kill_often(tmp_path, range(first, first + 50), 0.3)


@pytest.mark.model
async def test_with_the_real_model(tmp_path: Path) -> None:
    await kill_often(tmp_path, range(5), 3.0, str(model_path()))
