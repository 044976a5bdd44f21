"""The strictness of the test suite itself: each kind of carelessness fails."""

import os
import subprocess
import sys
from pathlib import Path

CARELESS = """
import asyncio, logging, socket, threading
import pytest
from tests.support import strict

def test_warning():
    logging.getLogger("router").warning("something is wrong")

def test_warning_that_is_looked_at(caplog):
    logging.getLogger("router").warning("something is wrong")
    assert caplog.messages == ["something is wrong"]

async def test_task():
    asyncio.create_task(asyncio.Event().wait(), name="forgotten")

async def test_task_that_ends():
    asyncio.create_task(asyncio.sleep(0))

def test_thread():
    strict.THREAD_END_S = 0.1
    threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()

def test_other_computer():
    socket.create_connection(("192.0.2.1", 80), 1)

def test_other_name():
    socket.getaddrinfo("example.invalid", 80)

def test_this_computer():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), 1).close()
"""
FAILS = {"test_warning", "test_task", "test_thread", "test_other_computer", "test_other_name"}
ROOT = Path(__file__).parents[2]


def test_each_kind_of_carelessness_fails(tmp_path: Path) -> None:
    (tmp_path / "test_careless.py").write_text(CARELESS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\nmarkers = gui\n")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "tests.support.strict",
            "-p",
            "no:cacheprovider",
            "-rfE",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    summary = done.stdout.partition("short test summary")[2]
    failed = {
        line.partition("::")[2].partition(" ")[0]
        for line in summary.splitlines()
        if line.startswith(("FAILED", "ERROR"))
    }
    assert failed == FAILS, done.stdout
