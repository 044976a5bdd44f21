"""An HTTP interface over a scripted model, and ways to talk to it that a test needs."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from router.api.body import Limits
from router.api.keys import ApiKeys
from router.api.server import ApiServer
from router.backends.base import Delta, Event, Finished, Request, Started
from router.config import Settings
from router.errors import NoModel, NotFound
from router.inference.library import LocalModel
from router.money import Money
from router.paths import Paths
from router.store.chats import ChatStore
from router.store.db import Database

Step = Event | BaseException | asyncio.Event

QUESTION = {"messages": [{"role": "user", "content": "Hello"}]}


def said(*texts: str, reason: Any = "stop", prompt_tokens: int = 7) -> list[Step]:
    """The steps of an answer made of these texts."""
    return [
        Started(prompt_tokens, 2048),
        *(Delta(text) for text in texts),
        Finished(reason, prompt_tokens, len(texts), 0.01, 0.02),
    ]


class ScriptedBackend:
    """Answers with the steps it was given: events to send, errors to raise, events to await.

    Questions are answered one at a time, in the order they came, like the real one does.
    """

    def __init__(self) -> None:
        self.steps: Sequence[Step] = said("Good", " day", ".")
        self.questions: list[Request] = []
        self.texts: list[str] = []
        self.running = 0
        self.stopped = asyncio.Event()
        self._turn = asyncio.Lock()

    async def complete(self, request: Request) -> AsyncGenerator[Event, None]:
        """Answer one question."""
        async with self._turn:
            self.questions.append(request)
            self.running += 1
            self.stopped.clear()
            try:
                for step in self.steps:
                    if isinstance(step, BaseException):
                        raise step
                    if isinstance(step, asyncio.Event):
                        await step.wait()
                    else:
                        yield step
            finally:
                self.running -= 1
                self.stopped.set()

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """Vectors that tell the texts apart."""
        self.texts = texts
        return [[float(len(text)), 0.5, -1.25] for text in texts], sum(map(len, texts))


class ScriptedLibrary:
    """A library of models that need no files."""

    def __init__(self, *models: LocalModel) -> None:
        self.models = models

    def find(self, name: str) -> LocalModel:
        """The model of this id or name; none named is the first one."""
        for model in self.models:
            if name in ("", model.id, model.name):
                return model
        if not self.models:
            raise NoModel("No model is installed.", hint="Get one in Models.")
        raise NotFound(f"There is no model named {name}.")


def a_model(name: str = "Small One", *capabilities: str) -> LocalModel:
    """A usable model."""
    return LocalModel(
        id=name.lower().replace(" ", "-"),
        name=name,
        path=Path("/models") / f"{name}.gguf",
        size_bytes=1000,
        architecture="llama",
        parameters=135_000_000,
        quantization="Q4_1",
        context_tokens=2048,
        licence="apache-2.0",
        capabilities=frozenset(capabilities or ("chat",)),
        bundled=False,
        problem="",
    )


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of the error in the body."""
        code: str = self.json["error"]["code"]
        return code

    @property
    def events(self) -> list[Any]:
        """The events of a stream; the closing mark is the text [DONE]."""
        lines = self.body.decode().split("\n\n")
        assert lines.pop() == ""
        data = [line.removeprefix("data: ") for line in lines]
        return [text if text == "[DONE]" else json.loads(text) for text in data]


class Api:
    """A running server and a client that knows its key."""

    def __init__(
        self, server: ApiServer, backend: ScriptedBackend, chats: ChatStore, keys: ApiKeys
    ) -> None:
        self.server = server
        self.backend = backend
        self.chats = chats
        self.keys = keys
        self.key = ""

    async def send(
        self, method: str, path: str, value: Any = None, *, key: str | None = None, **headers: str
    ) -> Answer:
        """Send a request with the key of the installation, or another one ("" is none)."""
        async with self.open(method, path, value, key=key, **headers) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    @contextlib.asynccontextmanager
    async def open(
        self, method: str, path: str, value: Any = None, *, key: str | None = None, **headers: str
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send a request on a connection of its own and leave the answer to be read."""
        key = self.key if key is None else key
        if key:
            headers = {"Authorization": f"Bearer {key}", **headers}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session:
            url = self.server.state.url + path
            async with session.request(method, url, json=value, headers=headers) as answer:
                yield answer

    async def raw(self, *data: bytes, pause: asyncio.Event | None = None) -> bytes:
        """Send bytes on a socket and read until the server closes it."""
        state = self.server.state
        reader, writer = await asyncio.open_connection(state.host, state.port)
        try:
            for piece in data:
                writer.write(piece)
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
            if pause is not None:
                await pause.wait()
            with contextlib.suppress(ConnectionError):
                return await reader.read()
            return b""
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


@contextlib.asynccontextmanager
async def running_api(
    folder: Path,
    *,
    models: Iterable[LocalModel] | None = None,
    limits: Limits | None = None,
    money: Money | None = None,
    passphrase: str = "",
    **settings: Any,
) -> AsyncIterator[Api]:
    """A server on a free port, with scripted answers and an empty store."""
    paths = Paths(folder)
    paths.prepare()
    values = {f"api.{name}": value for name, value in {"port": 0, **settings}.items()}
    database = Database(None)
    await database.open()
    chats = ChatStore(database)
    keys = ApiKeys(paths.api_keys)
    backend = ScriptedBackend()
    library = ScriptedLibrary(*([a_model()] if models is None else models))
    node_settings = Settings(paths.settings, values)
    server = ApiServer(
        node_settings,
        paths,
        library,  # type: ignore[arg-type]  # the two methods that the interface uses
        backend,
        chats,
        keys,
        Money(paths, node_settings) if money is None else money,
        passphrase=passphrase,
        limits=limits,
    )
    api = Api(server, backend, chats, keys)
    try:
        await server.start()
        api.key = paths.cookie.read_text().partition(":")[2]
        yield api
    finally:
        await server.stop()
        await database.close()
