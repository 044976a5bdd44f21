"""Diagnostics of a real node: parts that are restarted under a chat, and a report without secrets."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from morpheus_desktop.viewmodels.diagnostics import DiagnosticsViewModel
from router.config import Settings
from router.errors import StorageError
from router.log import LogBook
from router.node import Node
from router.paths import Paths
from tests.support.waiting import until

KEY = "sk-planted0123456789abcdef"
PROMPT = "a planted question about my secret garden"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    paths = Paths(tmp_path / "data")
    paths.prepare()
    log = LogBook(paths.logs)
    root = logging.getLogger()
    level = root.level
    log.install()
    node = Node(paths, Settings(paths.settings, {"api.port": 0}), log)
    await node.start()
    yield node
    await node.stop()
    log.close()
    root.setLevel(level)


@pytest.fixture
async def vm(node: Node, qapp) -> AsyncIterator[DiagnosticsViewModel]:
    made = DiagnosticsViewModel(node.services.log, node.parts, node.services.host)
    assert node.api is not None
    made.follow_requests(node.api.request_log)
    yield made
    await made.close()


async def ask(node: Node, path: str, key: str, **body: object) -> int:
    assert node.api is not None
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(node.api.state.url, headers=headers) as client:
        if body:
            async with client.post(path, json=body) as answer:
                return answer.status
        async with client.get(path) as answer:
            return answer.status


def own_key(node: Node) -> str:
    return node.services.paths.cookie.read_text().partition(":")[2].strip()


async def test_each_part_can_be_restarted_and_works_again(node, vm):
    chat = await node.services.chats.create()
    for part in vm.parts:
        phases = []
        stop = part.changed.subscribe(lambda state, phases=phases: phases.append(state.phase))
        vm.retry(part)
        await until(lambda phases=phases: phases == ["off", "starting", "ready"])
        stop()
    assert [each.id for each in await node.services.chats.list()] == [chat.id]
    assert await ask(node, "/v1/models", own_key(node)) == 200
    await node.services.host.load("")
    assert vm.fact(node.models_part).startswith("SmolLM2 135M, pid ")
    await node.services.host.unload()
    assert vm.fact(node.models_part) == "None in memory"


async def test_requests_are_lines_of_the_log(node, vm):
    assert await ask(node, "/v1/models", own_key(node)) == 200
    assert await ask(node, "/v1/models", "wrong") == 401
    vm.log_model.flush()
    requests = [line.text for line in vm.log_model.lines() if line.text.startswith("GET")]
    assert requests[0].startswith("GET /v1/models 401")
    assert requests[1].startswith("GET /v1/models 200")
    assert vm.fact(node.api_part) == "2 requests"


async def test_a_report_has_all_lines_and_no_secrets(node, vm, caplog):
    log = logging.getLogger("router.chat")
    home = Path.home()
    log.info("reading %s", home / "notes" / "diary.txt")
    log.warning("the key %s was refused, Authorization: Basic dXNlcjpwYXNz", KEY)
    log.info("password=hunter2hunter2")
    await ask(
        node,
        "/v1/chat/completions",
        own_key(node),
        model="no such model",
        messages=[{"role": "user", "content": PROMPT}],
    )
    vm.log_model.set_filter(text="nothing matches this")
    report = vm.report()
    for secret in (KEY, PROMPT, "garden", "hunter2", "dXNlcjpwYXNz", str(home), own_key(node)):
        assert secret not in report, secret
    assert "reading ~/notes/diary.txt" in report.replace("\\", "/")
    assert "POST /v1/chat/completions 404" in report
    assert "Chat store: ready, 0 chats" in report
    assert report.startswith("Morpheus Desktop ")


async def test_why_a_part_failed_is_in_the_report_without_secrets(tmp_path, qapp, bench, caplog):
    bench.store.error = StorageError(f"The key {KEY} was refused for {Path.home()}.")
    await bench.store.part.start()
    log = LogBook(tmp_path / "logs")
    vm = DiagnosticsViewModel(log, bench.parts, bench.host)
    assert "Chat store: failed, The key [removed] was refused for ~." in vm.report()
    await vm.close()
    log.close()


async def test_bodies_that_are_kept_are_not_in_the_report(node, vm):
    phases = []
    node.api_part.changed.subscribe(lambda state: phases.append(state.phase))
    node.services.settings.change({"api.log_bodies": True})
    await until(lambda: phases == ["off", "starting", "ready"])
    await ask(
        node,
        "/v1/chat/completions",
        own_key(node),
        model="no such model",
        messages=[{"role": "user", "content": PROMPT}],
    )
    vm.log_model.flush()
    line = vm.log_model.lines()[0]
    assert PROMPT in line.record.request_body
    assert "garden" not in vm.report()


async def test_a_log_that_cannot_be_written_is_kept_in_memory_and_said(
    tmp_path, qapp, bench, caplog
):
    (tmp_path / "logs").write_text("a file where the folder should be")
    log = LogBook(tmp_path / "logs")
    logger = logging.getLogger("router.chat")
    logger.addHandler(log)
    vm = DiagnosticsViewModel(log, bench.parts, bench.host)
    logger.error("kept")
    vm.log_model.flush()
    assert vm.log_problem.startswith("The log file cannot be written")
    assert vm.log_model.lines()[0].text == "kept"
    logger.removeHandler(log)
    await vm.close()
    log.close()


async def test_after_close_nothing_is_heard(node, vm):
    await vm.close()
    vm.parts_changed.connect(lambda: pytest.fail("heard"))
    await node.store_part.restart()
