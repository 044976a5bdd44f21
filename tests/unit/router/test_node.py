"""router.node and router.services: parts start, fail and end each on their own."""

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from router.backends.base import Request
from router.config import Settings
from router.errors import NoModel
from router.log import LogBook
from router.node import Node
from router.parts import PartState
from router.paths import Paths
from router.store.db import Database
from router.store.schema import MIGRATIONS

Start = Callable[[], Node]


@pytest.fixture
async def new(tmp_path: Path) -> AsyncIterator[Start]:
    """Makes nodes on one data folder, and stops them."""
    paths = Paths(tmp_path / "data")
    paths.prepare()
    nodes: list[Node] = []

    def make() -> Node:
        settings = Settings(paths.settings, {"api.port": 0})
        nodes.append(Node(paths, settings, LogBook(paths.logs)))
        return nodes[-1]

    yield make
    for node in nodes:
        await node.stop()
        node.services.log.close()


def phases(node: Node) -> list[str]:
    return [part.state.phase for part in node.parts]


async def until(node: Node, name: str, condition: Callable[[PartState], bool]) -> PartState:
    """Wait for a state of a part."""
    (part,) = [part for part in node.parts if part.state.name == name]
    heard = asyncio.Event()
    stop = part.changed.subscribe(lambda _state: heard.set())
    async with asyncio.timeout(30):
        while not condition(part.state):
            await heard.wait()
            heard.clear()
    stop()
    return part.state


async def test_building_touches_nothing(new: Start, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    threads = threading.active_count()
    node = new()
    assert [path for path in tmp_path.rglob("*") if path not in before] == [
        tmp_path / "data" / "logs",
        tmp_path / "data" / "logs" / "morpheus.log",
    ]
    assert threading.active_count() == threads
    assert phases(node) == ["waiting"] * 6
    assert (node.api, node.problems) == (None, ())


async def test_start_and_stop_again_and_again(new: Start) -> None:
    node = new()
    for _ in range(3):
        await node.start()
        assert phases(node) == ["ready"] * 6
        assert node.problems == ()
        assert node.store_part.state.detail == "0 chats"
        assert node.models_part.state.detail == "1 model"
        host, _, port = node.api_part.state.detail.partition(":")
        socket.create_connection((host, int(port)), 5).close()
        await node.stop()
        assert phases(node) == ["off"] * 6
        with pytest.raises(OSError):
            socket.create_connection((host, int(port)), 5)


async def test_store_that_fails_leaves_the_others_and_can_be_retried(
    new: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "data" / "chats.db"
    newer = Database(path, migrations=(*MIGRATIONS, lambda connection: None))
    await newer.open()
    await newer.close()
    node = new()
    await node.start()
    assert phases(node) == ["failed", *["ready"] * 5]
    (problem,) = node.problems
    assert "newer version" in problem.message
    # What needs no disk goes on.
    chat = await node.services.temporary.create()
    assert await node.services.conversations.messages(chat.id) == ()
    path.unlink()
    await node.store_part.start()
    assert phases(node) == ["ready"] * 6
    assert node.problems == ()


async def test_store_that_failed_leaves_no_thread(
    new: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data" / "chats.db").mkdir()
    threads = threading.active_count()
    node = new()
    await node.store_part.start()
    assert node.store_part.state.phase == "failed"
    await node.stop()
    assert threading.active_count() == threads


async def test_settings_take_effect_while_it_runs(new: Start) -> None:
    node = new()
    heard: list[object] = []
    node.api_started.subscribe(heard.append)
    await node.start()
    first = node.api_part.state.detail
    settings = node.services.settings
    settings.change({"api.enabled": False, "log.level": "debug"})
    assert (await until(node, "api", lambda state: state.detail == "Off")).phase == "ready"
    settings.change({"api.enabled": True, "api.port": 0})
    state = await until(node, "api", lambda state: state.detail not in ("", "Off"))
    assert state.detail != first
    assert heard == [node.api]
    values = {
        "name": "router",
        "msg": "a debug line",
        "levelno": logging.DEBUG,
        "levelname": "DEBUG",
    }
    node.services.log.handle(logging.makeLogRecord(values))
    assert "a debug line" in (node.services.paths.logs / "morpheus.log").read_text()


async def test_interface_that_is_switched_off_is_not_even_imported(new: Start) -> None:
    node = new()
    node.services.settings.change({"api.enabled": False})
    await node.start()
    assert (node.api, node.api_part.state.phase, node.api_part.state.detail) == (
        None,
        "ready",
        "Off",
    )


async def test_problems_of_a_start_in_order(
    new: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "data"
    (data / "settings.toml").write_text("network = 5")
    (data / "logs").write_text("in the way")
    (data / "chats.db").write_bytes(b"damaged" * 1_000)
    (data / ".cookie").mkdir()
    node = new()
    await node.start()
    words = [problem.message for problem in node.problems]
    assert [word.split()[1] for word in words[:3]] == ["setting", "log", "chat"]
    assert len(words) == 4
    assert phases(node) == ["ready", "ready", "failed", "ready", "ready", "ready"]
    assert all(problem.safe or problem.hint for problem in node.problems)


async def test_models_of_the_network_need_one(new: Start) -> None:
    node = new()
    model = "0x" + "aa" * 32
    with pytest.raises(NoModel, match="no network is connected"):
        node._backend.complete(Request(model))
    assert node._name_of(model) == model
