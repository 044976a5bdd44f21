"""What a screen reader would read in a window of the app, told to whoever asks from outside.

`tell` runs in the app (see `driven_app.py`), `seen` in the test. Whoever connects to the socket in the
data folder is sent all that is visible now, as JSON, and nothing else: it presses nothing.
"""

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtNetwork import QLocalServer
from PySide6.QtWidgets import QWidget

SOCKET = "seen"
# A tree that is deeper is a mistake of ours.
DEEPEST = 60


@dataclass(frozen=True)
class Seen:
    """One thing on the screen.

    Args:
        role: as Qt names it, such as "Button".
        about: what is said of it besides its name.
        place: x, y, width and height on the screen.
    """

    role: str
    name: str
    about: str
    place: tuple[int, int, int, int]
    focused: bool
    disabled: bool


def tell(folder: Path, window: QWidget) -> QObject:
    """Answer from now on, for as long as the window is there."""
    QAccessible.setActive(True)  # as a screen reader does: tables tell of new rows only then
    server = QLocalServer(window)
    server.newConnection.connect(lambda: _answer(server, window))
    assert server.listen(str(folder / SOCKET)), server.errorString()
    return server


def seen(folder: Path) -> list[Seen]:
    """All that is visible now, from top to bottom as it was built; empty when nobody answers."""
    text = b""
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(folder / SOCKET))
        except OSError:  # it is not there yet
            return []
        while part := asking.recv(1 << 16):
            text += part
    return [Seen(**{**each, "place": tuple(each["place"])}) for each in json.loads(text)]


def _answer(server: QLocalServer, window: QWidget) -> None:
    asking = server.nextPendingConnection()
    found: list[Seen] = []
    _walk(QAccessible.queryAccessibleInterface(window), found, 0)
    asking.write(json.dumps([asdict(each) for each in found]).encode())
    asking.disconnected.connect(asking.deleteLater)
    asking.disconnectFromServer()


def _walk(node: QAccessibleInterface | None, found: list[Seen], depth: int) -> None:
    if node is None or not node.isValid() or depth > DEEPEST:
        return
    state, place = node.state(), node.rect()
    if state.invisible:
        return
    found.append(
        Seen(
            node.role().name,
            node.text(QAccessible.Text.Name).replace("\N{NO-BREAK SPACE}", " "),
            node.text(QAccessible.Text.Description),
            (place.x(), place.y(), place.width(), place.height()),
            bool(state.focused),
            bool(state.disabled),
        )
    )
    for at in range(node.childCount()):
        _walk(node.child(at), found, depth + 1)
