"""Collects Python's garbage in the thread of the window only.

Python collects wherever the threshold is passed, which may be a thread that loads a lexer or
reads the chats. Widgets in that garbage would be destroyed there, and Qt ends the process for it.
So the automatic collection is off while the app runs, and a timer does what it would do.
"""

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 200
# New objects after which the youngest are looked at; a look at so many takes about a millisecond.
YOUNG = 5_000


class WindowGarbage(QObject):
    """Takes over from now on; `stop` gives it back to Python."""

    def __init__(self) -> None:
        super().__init__()
        gc.disable()
        self.keep()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(collect_what_is_due)
        self._timer.start()

    def keep(self) -> None:
        """What there is now stays to the end and is not looked at again: modules, above all.

        Those of the network alone would make a look at the oldest take 80 ms.
        """
        gc.freeze()

    def stop(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def collect_what_is_due() -> None:
    """One collection, of the oldest generation that is due, as Python's own rule has it."""
    young, middle, old = gc.get_count()
    _, most_young, most_middle = gc.get_threshold()
    if old > most_middle:
        gc.collect(2)
    elif middle > most_young:
        gc.collect(1)
    elif young > YOUNG:
        gc.collect(0)
