"""A node that is stopped in the middle of everything leaves nothing running, and goes on later."""

import asyncio
import contextlib
import json
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from router.answer import AnswerDelta
from router.backends.base import Sampling
from router.config import Settings
from router.log import LogBook
from router.node import Node
from router.paths import Paths
from router.store.attachments import attachment_of
from router.store.records import Message
from tests.support.headless import Headless, headless

pytestmark = [pytest.mark.slow, pytest.mark.model]

CHAT = "0x" + "ab" * 32
STORY = "Tell me a very long story about a fox and the sea."


@contextlib.asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Node]:
    """A whole node in this process; afterwards no task, thread or child of it is left.

    `tests.support.strict` looks for the tasks and threads.
    """
    paths = Paths(folder)
    await asyncio.to_thread(paths.prepare)
    node = Node(paths, Settings(paths.settings, {"api.port": 0}), LogBook(paths.logs))
    await node.start()
    assert [part.state.phase for part in node.parts] == ["ready"] * 6
    try:
        yield node
    finally:
        await node.stop()
        node.services.log.close()
        assert psutil.Process().children(recursive=True) == []


async def messages(node: Node, chat_id: str) -> list[tuple[str, str, str]]:
    found: tuple[Message, ...] = await node.services.conversations.messages(chat_id)
    return [(message.role, message.state, message.content) for message in found]


async def test_stop_in_the_middle_of_everything(tmp_path: Path) -> None:
    """An answer streams, another waits for its turn, a question waits in a chat, a chat is to be
    wiped, a temporary one is there, the model is counting: all end, and what was said is kept."""
    async with started(tmp_path) as node:
        chats, temporary = node.services.conversations, await node.services.temporary.create()
        first, second, gone = [await node.services.chats.create() for _ in range(3)]
        writing = asyncio.Event()
        chats.changed.subscribe(lambda e: writing.set() if isinstance(e, AnswerDelta) else None)
        answer = await chats.send(first.id, STORY, [attachment_of("a.txt", b"canary-file")])
        await writing.wait()
        await chats.send(first.id, "And then?")
        await chats.send(second.id, STORY)
        await chats.send(temporary.id, "canary-question")
        await chats.delete(gone.id)
        await node.services.chats.save_draft(first.id, "not sent")
        written = answer.text
        assert psutil.Process().children()
    async with started(tmp_path) as node:
        assert {chat.id for chat in await node.services.chats.list()} == {first.id, second.id}
        assert not await node.services.chats.has(gone.id)
        question, kept, waited = await messages(node, first.id)
        assert question == ("user", "done", STORY)
        assert kept[:2] == ("assistant", "cut_off")
        assert kept[2].startswith(written)
        assert waited == ("user", "done", "And then?")
        assert [state for _, state, _ in await messages(node, second.id)] == ["done", "cut_off"]
        assert await node.services.chats.draft(first.id) == "not sent"


async def test_temporary_chat_leaves_no_byte_in_the_data_folder(tmp_path: Path) -> None:
    """Not in the chats, the log, a backup, a temporary file or a name."""
    async with started(tmp_path) as node:
        node.services.log.set_level("debug")
        node.services.log.install()
        temporary, chats = node.services.temporary, node.services.conversations
        chat = await temporary.create(
            system_prompt="canary-system", sampling=Sampling(max_tokens=30)
        )
        await temporary.save_draft(chat.id, "canary-draft")
        file = attachment_of("canary-name.txt", b"canary-content")
        answer = await chats.send(chat.id, "Repeat: canary-question canary-question", [file])
        await answer.ended()
        assert answer.state == "done"
        await temporary.search("canary-search")
        await node.services.chats.backup()
        _assert_no_canary(tmp_path)
    _assert_no_canary(tmp_path)


def _assert_no_canary(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        assert "canary" not in path.name
        assert b"canary" not in path.read_bytes(), path


def _ask(node: Headless, text: str, **more: object) -> urllib.request.Request:
    request = node.request(
        "/v1/chat/completions", {"messages": [{"role": "user", "content": text}], **more}
    )
    request.add_header("chat_id", CHAT)
    return request


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=str)
def test_node_without_a_window_ended_while_it_streams(tmp_path: Path, how: signal.Signals) -> None:
    with headless(tmp_path) as node:
        node.ready()
        with urllib.request.urlopen(_ask(node, STORY, stream=True), timeout=45) as stream:
            begun = "".join(_said(stream.readline()) for _ in range(20))
            workers = psutil.Process(node.process.pid).children(recursive=True)
            assert workers
            node.process.send_signal(how)
            code, _ = node.ended()
        assert code == (0 if how != signal.SIGKILL else -signal.SIGKILL)
        _, alive = psutil.wait_procs(workers, timeout=30)
        assert not alive
    with headless(tmp_path) as node:
        history = node.ready().get(f"/v1/chats/{CHAT}")["messages"]
        assert history[0]["prompt"]["messages"][0]["content"] == STORY
        if how != signal.SIGKILL:
            assert history[0]["response"].startswith(begun)
        with urllib.request.urlopen(_ask(node, "Hello", max_tokens=5), timeout=45) as answer:
            assert json.load(answer)["choices"][0]["message"]["content"]
        assert len(node.get(f"/v1/chats/{CHAT}")["messages"]) == 2


def _said(line: bytes) -> str:
    if not line.startswith(b"data: {"):
        return ""
    return json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
