"""router.store.lock: two processes never have the same chats open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from router.errors import StorageError
from router.store.db import Database
from router.store.lock import FileLock

HOLDER = """
import sys
from pathlib import Path
from router.store.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
async def test_killed_process_frees_what_it_held(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        database = Database(path)
        with pytest.raises(StorageError) as caught:
            await database.open()
        assert caught.value.message == (
            f"The chats in {tmp_path} are open in another Morpheus Desktop."
        )
        assert caught.value.safe == "Nothing was changed."
        assert "--data-dir" in caught.value.hint
        assert not path.exists()
        holder.kill()
        holder.wait()
    await database.open()
    await database.close()


def test_second_claim_waits_for_nobody(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "chats.db"), FileLock(tmp_path / "chats.db")
    first.acquire()
    with pytest.raises(StorageError):
        second.acquire()
    first.release()
    first.release()
    second.acquire()
    second.release()


async def test_failed_open_gives_the_claim_back(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    path.mkdir()
    with pytest.raises(StorageError):
        await Database(path).open()
    path.rmdir()
    database = Database(path)
    await database.open()
    await database.close()
