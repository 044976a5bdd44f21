"""One dialog after the other over a window, never nested."""

from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import QWidget

from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.widgets.overlay import Overlay

TURN = "dialog"


class Turns:
    """Runs what shows dialogs; what is asked for while one is open is not done.

    Args:
        over: the window. report: shows an error.
    """

    def __init__(self, over: QWidget, report: Callable[[Exception], None]) -> None:
        self._over = over
        self._tasks = UiTasks(report)

    @property
    def busy(self) -> bool:
        """Whether something of these goes on."""
        return self._tasks.running(TURN)

    def start(self, work: Callable[[], Awaitable[object]]) -> None:
        """Run it, unless a dialog is open."""
        is_open = any(each.isVisibleTo(self._over) for each in self._over.findChildren(Overlay))
        if is_open or self.busy:
            return

        async def run() -> None:
            await work()

        self._tasks.start(TURN, run())

    async def close(self) -> None:
        """End what runs."""
        await self._tasks.close()
