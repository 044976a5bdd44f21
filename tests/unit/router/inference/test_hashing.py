"""Hashes of files, and giving up to wait for one."""

import asyncio
import hashlib
import os
import sys

import pytest

from router.inference import hashing
from router.inference.hashing import PIECE, sha256_of


@pytest.mark.parametrize("size", [0, 1, 10, 11, 35])
async def test_the_hash_of_a_file_in_pieces(tmp_path, monkeypatch, size):
    monkeypatch.setattr(hashing, "PIECE", 10)
    file = tmp_path / "file"
    file.write_bytes(os.urandom(size))
    assert await sha256_of(file) == hashlib.sha256(file.read_bytes()).hexdigest()


async def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(FileNotFoundError):
        await sha256_of(tmp_path / "gone")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a named pipe")
async def test_nobody_reads_on_for_one_who_gave_up(tmp_path):
    pipe = tmp_path / "endless"
    os.mkfifo(pipe)
    task = asyncio.get_running_loop().create_task(sha256_of(pipe))
    with await asyncio.to_thread(pipe.open, "wb", buffering=0) as writer:
        await asyncio.to_thread(writer.write, b"x" * PIECE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The reader leaves, so that there is nobody to write to.
        with pytest.raises(BrokenPipeError):
            await asyncio.to_thread(_write_for_ever, writer)


def _write_for_ever(writer):
    while True:
        writer.write(b"x" * PIECE)
