"""What goes wrong around the node is said in words, and nothing that was saved is lost."""

import asyncio
import contextlib
import shutil
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from router.__main__ import main
from router.answer import AnswerDelta, AnswerEnded, ChatEvent, SavingChanged
from router.backends.base import Sampling
from router.backends.local import LocalBackend
from router.chat import Conversations
from router.config import Settings
from router.errors import StorageError
from router.inference.host import InferenceHost
from router.inference.library import LocalModel
from router.store import sqlite
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import Message
from tests.support.disk import read_only, small_disk
from tests.support.headless import headless
from tests.support.library import FakeLibrary, local_model
from tests.support.model import model_path
from tests.support.scripted_backend import ScriptedBackend

E = TypeVar("E")

pytestmark = pytest.mark.slow
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")


# The whole node, started as a user would


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[api]\nport = ", "is not valid TOML"),
        ("[api]\nport = 'x'", "The setting api.port must be a whole number, not 'x'."),
        ("[inference]\nthreads = -4", "The setting inference.threads must be 0 to 1024."),
    ],
)
def test_wrong_settings_are_set_aside(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "settings.toml").write_text(text)
    with headless(tmp_path) as node:
        node.ready()
        code, said = node.stop()
    assert code == 0
    assert words in said
    assert "The default settings are used. Your file was kept as settings.bad-1.toml." in said
    assert (tmp_path / "settings.bad-1.toml").read_text() == text


def test_unknown_settings_stay(tmp_path: Path) -> None:
    text = "[inference]\nthreads = 3\nsails = 4\n"
    (tmp_path / "settings.toml").write_text(text)
    with headless(tmp_path) as node:
        node.ready()
        _, said = node.stop()
    assert "This version has no settings named inference.sails." in said
    assert (tmp_path / "settings.toml").read_text() == text


@posix
def test_data_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run in this process: a new one of root would get its rights back."""
    with read_only(tmp_path):
        assert main(["--data-dir", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert f"The data folder {tmp_path} cannot be written: Permission denied." in said
    assert "start with --data-dir and another folder" in said
    assert list(tmp_path.iterdir()) == []


def test_taken_port_gives_the_next_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with headless(tmp_path, "--api", f"127.0.0.1:{port}") as node:
            shown = int(node.ready().url.rpartition(":")[2])
            assert port < shown <= port + 20
            assert node.get("/healthcheck")


def test_second_node_leaves_the_chats_of_the_first_alone(tmp_path: Path) -> None:
    with headless(tmp_path) as first:
        first.ready()
        with headless(tmp_path) as second:
            second.ready()
            _, said = second.stop()
        assert f"The chats in {tmp_path} are open in another Morpheus Desktop." in said
        assert "Close the other one, or start with --data-dir and another folder." in said
        assert first.get("/v1/chats") == []


def test_damaged_chats_are_kept_and_the_readable_ones_shown(tmp_path: Path) -> None:
    chat_id = asyncio.run(_a_chat(tmp_path / "chats.db"))
    with (tmp_path / "chats.db").open("r+b") as file:
        file.write(b"\0" * 4096)
    damaged = (tmp_path / "chats.db").read_bytes()
    with headless(tmp_path) as node:
        (chat,) = node.ready().get("/v1/chats")
        assert chat["chatId"] == chat_id
        _, said = node.stop()
    assert "The chat file was damaged. 1 chat with 2 messages were moved into a new file." in said
    (kept,) = tmp_path.glob("chats.damaged-*.db")
    assert kept.name in said
    assert kept.read_bytes() == damaged


def test_log_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    with headless(tmp_path) as node:
        node.ready()
        code, said = node.stop()
    assert code == 0
    assert "The log file cannot be written: File exists." in said


async def _a_chat(path: Path) -> str:
    database = Database(path)
    await database.open()
    conversations = Conversations(ChatStore(database), ChatStore(database), ScriptedBackend())
    chat = await ChatStore(database).create()
    answer = await conversations.send(chat.id, "Hello")
    await answer.ended()
    await conversations.close()
    await database.close()
    return chat.id


# The disk while somebody chats


@posix
async def test_disk_that_fills_while_an_answer_is_written(tmp_path: Path) -> None:
    """The answer goes on, is told to be unsaved, and is saved once there is space."""
    with small_disk(tmp_path, 1_000_000) as disk:
        database = Database(tmp_path / "chats.db")
        await database.open()
        store, backend = ChatStore(database), ScriptedBackend()
        conversations = Conversations(store, store, backend, save_every_s=0.01, retry_every_s=0.01)
        told: asyncio.Queue[ChatEvent] = asyncio.Queue()
        conversations.changed.subscribe(told.put_nowait)
        chat = await store.create()
        text = "long " * 300_000
        backend.says(text)
        answer = await conversations.send(chat.id, "First")
        with pytest.raises(StorageError) as caught:
            await conversations.send(chat.id, "x" * 2_000_000)
        assert caught.value.message.startswith(disk.words)
        await answer.ended()
        assert (answer.state, answer.message.content) == ("done", text)
        unsaved = await _next(told, SavingChanged)
        assert unsaved.error is not None
        assert unsaved.error.message.startswith(disk.words)
        assert unsaved.error.safe.startswith("Nothing that was saved")
        assert not (await _next(told, AnswerEnded)).saved
        assert [m.content for m in await conversations.messages(chat.id)] == ["First", text]

        disk.grow(20_000_000)
        assert (await _next(told, SavingChanged)).error is None
        assert [m.content for m in await store.messages(chat.id)] == ["First", text]
        await conversations.close()
        await database.close()


async def _next(told: asyncio.Queue[ChatEvent], kind: type[E]) -> E:
    """The next event of a kind."""
    async with asyncio.timeout(30):
        while not isinstance(event := await told.get(), kind):
            pass
    return event


@posix
async def test_backup_that_does_not_fit(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    chat_id = await _a_chat(tmp_path / "chats.db")
    database = Database(tmp_path / "chats.db", backups=tmp_path / "backups")
    await database.open()
    with small_disk(tmp_path / "backups", 20_000) as disk:
        with pytest.raises(StorageError) as caught:
            await database.backup()
        assert caught.value.message.startswith(disk.words)
        assert list((tmp_path / "backups").iterdir()) == []
    assert [chat.id for chat in await ChatStore(database).list()] == [chat_id]
    await database.close()


async def test_file_held_by_another_program(tmp_path: Path) -> None:
    """The question is refused; as soon as the file is free it can be asked again."""
    chat_id = await _a_chat(tmp_path / "chats.db")
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, tmp_path / "chats.db", stdin=PIPE, stdout=PIPE
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    database = Database(tmp_path / "chats.db")
    await database.open()
    await database.run(lambda connection: connection.execute("PRAGMA busy_timeout = 1").fetchall())
    store = ChatStore(database)
    conversations = Conversations(store, store, ScriptedBackend())
    with pytest.raises(StorageError) as caught:
        await conversations.send(chat_id, "Again")
    assert caught.value.message == "Another program is using the file of the chats."
    assert caught.value.hint == "Close the other program and try again."
    holder.kill()
    await holder.communicate()
    await (await conversations.send(chat_id, "Again")).ended()
    assert [m.content for m in await store.messages(chat_id)] == [
        "Hello",
        "Hello",
        "Again",
        "Again",
    ]
    await conversations.close()
    await database.close()


async def test_closing_waits_for_no_other_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was saved of an answer stays, and the next start says that it was cut off."""
    monkeypatch.setattr(sqlite, "BUSY_S", 600.0)
    database = Database(tmp_path / "chats.db")
    await database.open()
    store, backend = ChatStore(database), ScriptedBackend()
    conversations = Conversations(store, store, backend, save_every_s=600)
    backend.says("Half", silent=True)
    chat = await store.create()
    answer = await conversations.send(chat.id, "Hello")
    while not answer.text:
        await asyncio.sleep(0)
    with contextlib.closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await conversations.close()
    await database.close()
    await database.open()
    await conversations.recover()
    question, cut_off = await store.messages(chat.id)
    assert (question.content, cut_off.state) == ("Hello", "cut_off")
    await conversations.close()
    await database.close()


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


# The model while somebody chats


@dataclass(frozen=True)
class LocalChat:
    """A chat with a worker process."""

    conversations: Conversations
    host: InferenceHost
    store: ChatStore
    chat_id: str
    told: asyncio.Queue[ChatEvent]

    async def ask(self, text: str) -> Message:
        answer = await self.conversations.send(self.chat_id, text)
        await answer.ended()
        return answer.message


@contextlib.asynccontextmanager
async def local_chat(folder: Path, model: LocalModel) -> AsyncIterator[LocalChat]:
    """A saved chat whose questions go to this model in a process of its own."""
    host = InferenceHost(FakeLibrary(model), Settings(folder / "settings.toml"))
    database = Database(folder / "chats.db")
    await database.open()
    store = ChatStore(database)
    conversations = Conversations(store, store, LocalBackend(host), save_every_s=0.01)
    told: asyncio.Queue[ChatEvent] = asyncio.Queue()
    conversations.changed.subscribe(told.put_nowait)
    chat = await store.create(sampling=Sampling(max_tokens=200))
    try:
        yield LocalChat(conversations, host, store, chat.id, told)
    finally:
        await conversations.close()
        await host.close()
        await database.close()


@pytest.mark.model
async def test_worker_killed_while_it_writes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with local_chat(tmp_path, local_model("real", path=model_path())) as chat:
        answer = await chat.conversations.send(chat.chat_id, "Tell me a long story.")
        written = (await _next(chat.told, AnswerDelta)).text
        psutil.Process(chat.host.state.pid).kill()
        await answer.ended()
        _, kept = await chat.store.messages(chat.chat_id)
        assert kept.content.startswith(written)
        assert kept.state == "cut_off"
        assert kept.error == (await _next(chat.told, AnswerEnded)).message.error
        assert "ended unexpectedly" in kept.error
        again = await chat.ask("Say hello.")
        assert (again.state, bool(again.content)) == ("done", True)
    assert any("ended" in record.message for record in caplog.records)


@pytest.mark.model
@posix
async def test_model_file_deleted_while_it_is_loaded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "model.gguf"
    shutil.copyfile(model_path(), path)
    async with local_chat(tmp_path, local_model("real", path=path)) as chat:
        assert (await chat.ask("Hello")).state == "done"
        path.unlink()
        assert (await chat.ask("Still there?")).state == "done"
        await chat.host.unload()
        failed = await chat.ask("And now?")
        assert (failed.state, failed.content) == ("failed", "")
        assert failed.error.startswith("The model file model.gguf is no longer where it was.")
        states = [m.state for m in await chat.store.messages(chat.chat_id)]
        assert states == ["done"] * 5 + ["failed"]


async def test_worker_that_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    async with local_chat(tmp_path, local_model("real")) as chat:
        failed = await chat.ask("Hello")
        assert failed.state == "failed"
        assert failed.error == ("The model's process cannot be started: No such file or directory.")
        question, _ = await chat.store.messages(chat.chat_id)
        assert question.content == "Hello"
