"""Recordings that consumers send in pieces: under names of our own, within limits, for a while.

A recording belongs to the session that began it. Nothing the consumer writes becomes part of a path.
"""

import asyncio
import contextlib
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from router.backends.raw import Recording
from router.provider.refused import Refused
from router.untrusted import one_line

IDLE_S = 600.0
MOST_AT_ONCE = 16
MOST_OF_A_SESSION = 2
LONGEST_NAME = 128


@dataclass
class _Upload:
    path: Path
    content_type: str
    chunks: int
    size: int
    active_at: float
    received: int = 0
    received_bytes: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Uploads:
    """The recordings on their way.

    Args:
        folder: of this alone; what is in it is deleted by `clear`.
        most_bytes: of one recording.
    """

    def __init__(
        self, folder: Path, most_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._clock = clock
        self._uploads: dict[tuple[str, str], _Upload] = {}

    async def clear(self) -> None:
        """Delete everything, also what another run left."""
        self._uploads.clear()
        await asyncio.to_thread(shutil.rmtree, self._folder, True)

    async def start(
        self, session_id: str, stream_id: str, chunks: int, size: int, content_type: str
    ) -> None:
        """Begin a recording.

        Raises:
            Refused
        """
        await self.sweep()
        if size > self._most_bytes or chunks > size or len(stream_id) > LONGEST_NAME:
            raise Refused(f"at most {self._most_bytes} bytes are taken")
        if (session_id, stream_id) in self._uploads:
            raise Refused(f"stream with ID {one_line(stream_id)} already exists")
        of_session = sum(key[0] == session_id for key in self._uploads)
        if of_session >= MOST_OF_A_SESSION or len(self._uploads) >= MOST_AT_ONCE:
            raise Refused("no capacity")
        path = self._folder / secrets.token_hex(16)
        self._uploads[session_id, stream_id] = _Upload(
            path, one_line(content_type), chunks, size, self._clock()
        )

    async def add(self, session_id: str, stream_id: str, index: int, data: bytes) -> None:
        """Take the next piece.

        Raises:
            Refused: it is not the next, or more than was announced, which ends the recording.
        """
        async with self._held(session_id, stream_id) as upload:
            if index != upload.received:
                raise Refused(f"expected chunk index {upload.received}, got {index}")
            too_many = upload.received + 1 > upload.chunks
            if too_many or upload.received_bytes + len(data) > upload.size:
                await self._drop(session_id, stream_id)
                raise Refused("more was sent than was announced")
            upload.active_at = self._clock()
            await asyncio.to_thread(_append, upload.path, data)
            upload.received += 1
            upload.received_bytes += len(data)

    @contextlib.asynccontextmanager
    async def finished(self, session_id: str, stream_id: str) -> AsyncIterator[Recording]:
        """The whole recording; it is deleted on leaving.

        Raises:
            Refused: it is not whole.
        """
        async with self._held(session_id, stream_id) as upload:
            if (upload.received, upload.received_bytes) != (upload.chunks, upload.size):
                raise Refused(
                    f"incomplete stream: received {upload.received} of {upload.chunks} chunks"
                )
            del self._uploads[session_id, stream_id]
        try:
            yield Recording(upload.path, upload.content_type)
        finally:
            await _delete(upload.path)

    async def sweep(self) -> None:
        """Delete what nobody goes on with."""
        earliest = self._clock() - IDLE_S
        for key, upload in list(self._uploads.items()):
            if upload.active_at < earliest:
                await self._drop(*key)

    @contextlib.asynccontextmanager
    async def _held(self, session_id: str, stream_id: str) -> AsyncIterator[_Upload]:
        """One recording, with nobody else at it."""
        upload = self._uploads.get((session_id, stream_id))
        if upload is not None:
            async with upload.lock:
                if self._uploads.get((session_id, stream_id)) is upload:
                    yield upload
                    return
        raise Refused(f"streaming session {one_line(stream_id)} not found")

    async def _drop(self, session_id: str, stream_id: str) -> None:
        upload = self._uploads.pop((session_id, stream_id), None)
        if upload is not None:
            await _delete(upload.path)


async def _delete(path: Path) -> None:
    # Whoever waited for it may be gone; the file goes all the same.
    loop = asyncio.get_running_loop()
    await asyncio.shield(loop.run_in_executor(None, path.unlink, True))


def _append(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("ab") as file:
        file.write(data)
