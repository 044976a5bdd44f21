"""One process for each database: another one would take its running answers for cut off.

The operating system keeps the lock and frees it when the process ends, however it ends.
"""

import errno
import os
import sys
from pathlib import Path

from router.errors import StorageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)


class FileLock:
    """The claim of this process on a file, by way of another file beside it, which stays."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._folder = path.parent
        self._file: int | None = None

    def acquire(self) -> None:
        """Claim it; a file system that has no locks lets everybody in.

        Raises:
            StorageError: another process has it.
            OSError: the folder cannot be written.
        """
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            _lock(file)
        except OSError as error:
            if error.errno in _TAKEN:
                os.close(file)
                raise StorageError(
                    f"The chats in {self._folder} are open in another Morpheus Desktop.",
                    safe="Nothing was changed.",
                    hint="Close the other one, or start with --data-dir and another folder.",
                ) from error
        self._file = file

    def release(self) -> None:
        """Give it up; twice is fine."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def _lock(file: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
