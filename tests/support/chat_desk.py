"""A chat as the window has it: the real store, library and conversations, a scripted backend.

A test of it is marked `@on_qt_loop` and takes `desk`: it runs on the app's kind of loop, where
the timers of a view-model tick.
"""

import asyncio
import functools
import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QObject

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.panes.chat import ChatPane
from morpheus_desktop.prefs import Prefs
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels import fit
from morpheus_desktop.viewmodels.chat import ChatViewModel
from morpheus_desktop.viewmodels.chat_list import ChatListViewModel
from morpheus_desktop.viewmodels.chat_session import ChatSessionViewModel
from morpheus_desktop.viewmodels.sessions import SessionsViewModel
from router.backends.base import Backend, Turn
from router.backends.routing import RoutingBackend
from router.chat import Conversations
from router.config import Settings
from router.events import Emitter
from router.inference.host import HostState
from router.inference.library import ModelLibrary
from router.inference.memory import Memory
from router.paths import Paths
from router.store.chats import ChatStore
from router.store.db import Database
from tests.support.chat_money import ChatMoney
from tests.support.gguf_file import gguf
from tests.support.scripted_backend import ScriptedBackend

UNTIL_S = 30


class WordHost:
    """A host in the state it is given; a token is a word."""

    def __init__(self) -> None:
        self.state = HostState()
        self.changed: Emitter[HostState] = Emitter()
        self.loaded: list[str] = []
        self.refusal: Exception | None = None

    def show(self, state: HostState) -> None:
        """Be in another state."""
        self.state = state
        self.changed.emit(state)

    async def load(self, model_id: str) -> None:
        """Remember what was to be loaded."""
        self.loaded.append(model_id)

    async def count_tokens(self, model_id: str, turns: Sequence[Turn]) -> int:
        """The words of all turns."""
        if self.refusal is not None:
            raise self.refusal
        return sum(len(turn.content.split()) for turn in turns)


class ChatDesk:
    """The view-models of the chat page over all that is below them."""

    def __init__(self, folder: Path, loop: qasync.QEventLoop) -> None:
        self.folder = folder
        self.loop = loop
        paths = Paths(folder / "data")
        paths.prepare()
        models = folder / "models"
        models.mkdir()
        (models / "little.gguf").write_bytes(gguf())
        (models / "other.gguf").write_bytes(gguf())
        self.database = Database(folder / "chats.db")
        self.memory = Database(None)
        self.store = ChatStore(self.database)
        self.temporary = ChatStore(self.memory)
        self.backend = ScriptedBackend()
        self.remote: Backend = self.backend  # what answers for models of the network
        self.host = WordHost()
        self.library = ModelLibrary(paths, Settings(paths.settings), bundled=models)
        self.conversations = Conversations(
            self.store,
            self.temporary,
            RoutingBackend(self.backend, lambda: self.remote),
            name_of=lambda model: model or "Little Talker",
            save_every_s=0.01,
            retry_every_s=0.01,
            undo_s=30,
        )
        self.money = ChatMoney(folder / "money")
        self.amounts = Amounts(Prefs(folder / "window.json"))
        self.failures: list[Exception] = []
        self.closed = False
        self._made: list[QObject] = []  # none is collected before the end

    async def open(self) -> None:
        """Open the databases, look for models, make the view-models."""
        await self.database.open()
        await self.memory.open()
        await self.library.scan()
        self.vm = self.new_view_model()
        self.sessions = SessionsViewModel(self.money.money)
        self.session = ChatSessionViewModel(self.vm, self.sessions, self.money.money)
        self.chats = ChatListViewModel(self.store, self.conversations)
        self.chats.failed.connect(self.failures.append)
        self.vm.writing_changed.connect(self.chats.set_writing)
        self.vm.new()
        await self.until(lambda: not self.vm._tasks.running("open"))

    def new_view_model(self) -> ChatViewModel:
        """Another window on the same chats, or the same one after a restart."""
        vm: Any = ChatViewModel
        made: ChatViewModel = vm(
            self.conversations, self.store, self.temporary, self.library, self.host
        )
        self._made.append(made)
        made.failed.connect(self.failures.append)
        return made

    def new_pane(self, theme: Theme) -> ChatPane:
        """The chat page."""
        return ChatPane(self.vm, self.chats, self.session, theme, self.amounts)

    async def close(self) -> None:
        """End everything, in the order of the app."""
        self.closed = True
        self.session.close()
        self.sessions.close()
        await self.vm.close()
        await self.chats.close()
        await self.conversations.close()
        await self.database.close()
        await self.memory.close()
        await self.money.money.close()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to become true."""
        async with asyncio.timeout(UNTIL_S):
            while not condition():
                await asyncio.sleep(0.002)

    async def ask(self, text: str) -> None:
        """Ask in the open chat and wait for the whole answer."""
        before = len(self.vm.messages)
        self.vm.send(text)
        await self.until(lambda: len(self.vm.messages) > before and not self.vm.writing)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until the view-models have nothing to do."""
        await self.until(lambda: not self.vm._tasks._by_key and not self.chats._tasks._by_key)

    @property
    def texts(self) -> list[str]:
        """What is said in the open chat."""
        return [message.content for message in self.vm.messages]

    def on_disk(self, query: str) -> list[Any]:
        """What another program finds in the database's file."""
        connection = sqlite3.connect(self.folder / "chats.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    async def break_disk(self, *, broken: bool) -> None:
        """Let nothing be written, as on a disk that became read-only, or let it again."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(f"PRAGMA query_only = {int(broken)}")

        await self.database.run(work)


@pytest.fixture
def desk(tmp_path: Path, qloop: qasync.QEventLoop) -> Iterator[ChatDesk]:
    """A desk with no chats; `on_qt_loop` opens and closes it."""
    made = ChatDesk(tmp_path, qloop)
    yield made
    assert made.closed, "a test with a desk is marked with on_qt_loop"


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer on which no other model fits."""
    monkeypatch.setattr(fit, "memory", lambda: Memory(2_000_000_000, 1_000_000))


def on_qt_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test on the loop of its `desk`, and end all of it before the loop rests.

    qasync turns Qt's events once more after it has stopped: what goes on then finds no loop.
    """

    async def whole(desk: ChatDesk, **fixtures: Any) -> None:
        await desk.open()
        try:
            await test(desk=desk, **fixtures)
        finally:
            await desk.close()

    @functools.wraps(test)
    def run(**fixtures: Any) -> None:
        fixtures["desk"].loop.run_until_complete(whole(**fixtures))

    return run
