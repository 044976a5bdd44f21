"""The yardstick: an empty PySide6 window that tells when its first frame is on the screen.

The hook is that of `morpheus_desktop.app`: the next turn of the loop after the first paint event.
"""

import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.child import say


class FirstPaint(QObject):
    """Watches a window until it has painted itself once; then the application ends."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the module."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._painted)
        return False

    def _painted(self) -> None:
        say({"painted": time.monotonic()})
        QApplication.quit()


def main() -> int:
    """Show the window."""
    app = QApplication(sys.argv[:1])
    window = QWidget()
    window.setWindowTitle("Bare window")
    window.resize(1280, 820)
    watcher = FirstPaint()
    window.installEventFilter(watcher)
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
