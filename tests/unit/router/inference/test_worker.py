"""The worker as a process: its pipes, its end, and native code that prints where it likes."""

import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from router.inference.abort import AbortFlag
from router.inference.worker import Inbox
from tests.support.model import model_path

ROOT = Path(__file__).parents[4]
COMMAND = [sys.executable, "-m", "router.inference.worker"]


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        yield process
        process.kill()


def send(worker: subprocess.Popen[bytes], **command: object) -> None:
    worker.stdin.write(json.dumps(command).encode() + b"\n")
    worker.stdin.flush()


def hear(worker: subprocess.Popen[bytes]) -> dict[str, object]:
    return json.loads(worker.stdout.readline())


def load(worker: subprocess.Popen[bytes]) -> None:
    assert hear(worker) == {"id": 0, "event": "hello"}
    send(
        worker,
        op="load",
        id=1,
        path=str(model_path()),
        context_tokens=4096,
        threads=1,
        gpu_layers=0,
    )
    while hear(worker)["event"] != "loaded":
        pass


def until_it_computes(worker: subprocess.Popen[bytes]) -> None:
    """Wait until the worker has used the processor for a while."""
    process = psutil.Process(worker.pid)
    before = process.cpu_times().user
    while process.cpu_times().user < before + 0.05:
        time.sleep(0.001)


def ask(worker: subprocess.Popen[bytes], number: int, prompt: str) -> None:
    sampling = {"max_tokens": 500, "stop": ()}
    request = {"model": "", "turns": [], "prompt": prompt, "sampling": sampling, "tools": []}
    send(worker, op="complete", id=number, request=request)


@pytest.mark.model
def test_a_stop_is_heard_while_the_prompt_is_read(worker: subprocess.Popen[bytes]) -> None:
    load(worker)
    ask(worker, 2, "word " * 3000)
    assert hear(worker)["event"] == "started"
    until_it_computes(worker)
    send(worker, op="stop", id=2)
    # Once the prompt is read, a piece of the answer would come first.
    assert hear(worker) == {"id": 2, "event": "stopped"}
    ask(worker, 3, "Once")
    assert hear(worker)["event"] == "started"


@pytest.mark.model
def test_a_stop_that_comes_before_its_command_is_begun(worker: subprocess.Popen[bytes]) -> None:
    load(worker)
    ask(worker, 2, "Once")
    send(worker, op="stop", id=2)
    ask(worker, 3, "Once")
    events = []
    while not events or events[-1]["id"] != 3:
        events.append(hear(worker))
    assert events[-2] == {"id": 2, "event": "stopped"}
    assert len(events) < 20


@pytest.mark.model
def test_it_ends_with_its_pipe_even_while_it_computes(worker: subprocess.Popen[bytes]) -> None:
    load(worker)
    ask(worker, 2, "word " * 3000)
    assert hear(worker)["event"] == "started"
    until_it_computes(worker)
    worker.stdin.close()
    assert worker.wait() == 0
    assert worker.stdout.read() == b""


def test_it_ends_when_the_host_talks_nonsense(worker: subprocess.Popen[bytes]) -> None:
    hear(worker)
    worker.stdin.write(b"nonsense\n")
    worker.stdin.flush()
    assert worker.wait(5) == 0
    assert b"no command" in worker.stderr.read()


def run_python(source: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)],
        cwd=ROOT,
        input=b"typed\n",
        capture_output=True,
        timeout=20,
        check=True,
    )


def test_prints_of_native_code_do_not_reach_the_pipe() -> None:
    done = run_python(
        """
        import os
        from router.inference.worker import _own_pipes
        stdin, stdout = _own_pipes()
        os.write(1, b"printed by native code")
        os.system("echo printed by a child")
        stdout.write(b"seen: " + stdin.readline() + b"left: " + os.read(0, 10))
        stdout.flush()
        """
    )
    assert done.stdout == b"seen: typed\nleft: "
    assert b"printed by native code" in done.stderr
    assert b"printed by a child" in done.stderr


def test_without_llama_cpp_it_says_so() -> None:
    source = (
        "import sys; sys.modules['llama_cpp'] = None\n"
        "from router.inference import worker; worker.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        message = hear(process)
        assert process.wait(5) == 1
    assert message["event"] == "unavailable"
    assert "llama_cpp" in message["reason"]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux's")
def test_it_dies_with_its_parent() -> None:
    # The pipe stays open in this process, so that only the parent's death can end the worker.
    read_end, write_end = os.pipe()
    source = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({COMMAND!r}, stdin=int(sys.argv[1]), stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", source, str(read_end)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        pass_fds=[read_end],
    ) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.send_signal(signal.SIGKILL)
        while not ended(child):
            time.sleep(0.01)
    os.close(read_end)
    os.close(write_end)


def ended(process: psutil.Process) -> bool:
    """Whether a process is gone, or only waits for somebody to ask how it ended."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_only_the_running_command_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    # The end of the stream would end this process; here it only ends the thread.
    ended = threading.Event()
    monkeypatch.setattr(os, "_exit", lambda code: ended.set())
    flag = AbortFlag()
    lines = [{"op": "a", "id": 1}, {"op": "b", "id": 2}, {"op": "stop", "id": 2}]
    inbox = Inbox(io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines)), flag)
    assert ended.wait(5)
    assert inbox.next()["id"] == 1
    assert not flag.raised
    assert inbox.next()["id"] == 2
    assert flag.raised
