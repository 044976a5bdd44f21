"""The SHA-256 of a file, read on a thread that ends when nobody waits for it any more."""

import asyncio
import hashlib
import threading
from pathlib import Path

PIECE = 1 << 20


async def sha256_of(path: Path) -> str:
    """The file's hash in hexadecimal; cancelled, the reading ends within one piece.

    Raises:
        OSError: the file cannot be read.
    """
    given_up = threading.Event()
    try:
        return await asyncio.to_thread(_digest, path, given_up)
    finally:
        given_up.set()


def _digest(path: Path, given_up: threading.Event) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while not given_up.is_set() and (piece := file.read(PIECE)):
            digest.update(piece)
    return digest.hexdigest()
