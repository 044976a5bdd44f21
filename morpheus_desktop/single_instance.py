"""One window for each data folder: a second start brings the first one to the front and ends.

A lock file in the data folder decides who is first; the system frees it from processes that
died. A local socket, open to this user only, carries the wish to be shown.
"""

import hashlib
import logging
import os
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)

SHOW = b"show\n"
SHOWN = b"shown\n"
ANSWER_LIMIT_MS = 2_000
LONGEST_REQUEST = 64
LONGEST_SOCKET_PATH = 100


class SingleInstance(QObject):
    """The claim of one process on a data folder.

    Signals:
        show_requested: a second start wants the window to come to the front.
    """

    show_requested = Signal()

    def __init__(self, lock_file: Path) -> None:
        super().__init__()
        self._lock = QLockFile(str(lock_file))
        self._lock.setStaleLockTime(0)  # age says nothing; a dead owner does, and is still noticed
        self._address = socket_address(lock_file.parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)

    def claim(self) -> bool:
        """Become the first instance. False when another process is it.

        A folder in which no lock can be made (read-only, full) does not keep the app from
        starting: what cannot be saved there is said by the parts that save.
        """
        if not self._lock.tryLock(0):
            if self._lock.error() is QLockFile.LockError.LockFailedError:
                return False
            log.warning("no lock file could be made in the data folder")
        QLocalServer.removeServer(self._address)
        if not self._server.listen(self._address):
            log.warning("a second start cannot reach this one: %s", self._server.errorString())
        return True

    def ask_to_show(self) -> bool:
        """Ask the first instance to come to the front; True when it said that it does.

        Blocks for up to two seconds: it is for a process that has nothing else to do.
        """
        socket = QLocalSocket()
        socket.connectToServer(self._address)
        if not socket.waitForConnected(ANSWER_LIMIT_MS):
            return False
        socket.write(SHOW)
        answered = socket.waitForReadyRead(ANSWER_LIMIT_MS)
        return answered and socket.readAll().data() == SHOWN

    def release(self) -> None:
        """Let the next start be the first."""
        self._server.close()
        self._lock.unlock()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(self._read)

    def _read(self) -> None:
        socket = self.sender()
        assert isinstance(socket, QLocalSocket)
        request = socket.peek(LONGEST_REQUEST).data()
        if request == SHOW:
            self.show_requested.emit()
            socket.write(SHOWN)
            socket.disconnectFromServer()
        elif not SHOW.startswith(request):
            log.warning("somebody sent nonsense to the instance socket")
            socket.abort()


def socket_address(data_dir: Path) -> str:
    """Where the first instance of a data folder listens.

    In the folder itself, which nobody else can enter. Socket paths may hold about 100 bytes only:
    a longer one goes to the temporary folder, under a hash. Windows names pipes, not files.
    """
    name = f"morpheus-desktop-{hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]}"
    if sys.platform == "win32":
        return name
    inside = data_dir.resolve() / "instance.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return str(inside)
    return str(Path(tempfile.gettempdir()) / name)
