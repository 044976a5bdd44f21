"""Secrets on the clipboard: gone after half a minute, unless something else was copied since."""

from PySide6.QtCore import QMimeData, QObject, QTimer
from PySide6.QtGui import QGuiApplication

CLEARED_AFTER_MS = 30_000
# What managers of the clipboard look at before they keep a history.
HINTS = {
    "x-kde-passwordManagerHint": b"secret",
    "ExcludeClipboardContentFromMonitorProcessing": b"",
}


class SecretClipboard(QObject):
    """Copies a secret and takes it back.

    Args:
        after_ms: how long it stays.
    """

    def __init__(self, parent: QObject | None = None, after_ms: int = CLEARED_AFTER_MS) -> None:
        super().__init__(parent)
        self._copied = ""
        self._timer = QTimer(self, singleShot=True, interval=after_ms)
        self._timer.timeout.connect(self.clear)

    def copy(self, secret: str) -> None:
        """Put a secret on the clipboard for a while."""
        data = QMimeData()
        data.setText(secret)
        for kind, value in HINTS.items():
            data.setData(kind, value)
        QGuiApplication.clipboard().setMimeData(data)
        self._copied = secret
        self._timer.start()

    def clear(self) -> None:
        """Take it back now, if it is still there."""
        self._timer.stop()
        clipboard = QGuiApplication.clipboard()
        if self._copied and clipboard.text() == self._copied:
            clipboard.clear()
        self._copied = ""
