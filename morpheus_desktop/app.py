"""Starts and stops the app, in this order.

1. Options, data folder, single instance, log: nothing of it takes time.
2. QApplication, theme, node (built, not started), window. The window is shown and painted.
3. The node starts its parts, each on its own; the window shows how they are.
4. The window is closed: view-models end their tasks, the node stops its parts in reverse, the
   loop ends. Qt is kept from ending the loop itself when the last window is gone, because it
   would do that before the clean-up.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import qasync
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from morpheus_desktop import assets
from morpheus_desktop.desk import Desk
from morpheus_desktop.garbage import WindowGarbage
from morpheus_desktop.prefs import Prefs
from morpheus_desktop.problems import Problems
from morpheus_desktop.single_instance import SingleInstance
from morpheus_desktop.theme import Theme
from router import options as command_line
from router.config import Settings
from router.crash_dumps import forbid_core_files
from router.errors import MorpheusError
from router.log import LogBook
from router.node import Node
from router.paths import Paths


@dataclass(frozen=True)
class Hooks:
    """What measurements and the self-test do with a running app.

    Args:
        painted: called when the first frame of the window is on the screen.
        started: awaited when the node has started; then the app ends.
    """

    painted: Callable[[Desk], None] | None = None
    started: Callable[[Desk], Awaitable[None]] | None = None


def run(options: argparse.Namespace, hooks: Hooks = Hooks()) -> int:
    """Run the app until its window is closed; the exit code."""
    forbid_core_files()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("morpheus-desktop")
    app.setApplicationDisplayName("Morpheus Desktop")
    app.setDesktopFileName("morpheus-desktop")
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(QIcon(str(assets.path("app_icon", "png", "256.png"))))
    paths = Paths(options.data_dir)
    try:
        paths.prepare()
        settings = Settings(paths.settings, command_line.overrides(options))
    except MorpheusError as error:
        print(" ".join(p for p in (error.message, error.safe, error.hint) if p), file=sys.stderr)  # noqa: T201 - there is no window yet
        return 1
    instance = SingleInstance(paths.instance)
    if not instance.claim():
        return _second(instance)
    log = LogBook(paths.logs, settings.current.log.level)
    log.install()
    try:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
            return runner.run(_live(app, Node(paths, settings, log), instance, hooks))
    finally:
        instance.release()
        log.close()


async def _live(app: QApplication, node: Node, instance: SingleInstance, hooks: Hooks) -> int:
    closing = asyncio.Event()
    problems = Problems()
    problems.install(asyncio.get_running_loop())
    prefs = Prefs(node.services.paths.window)
    theme = Theme(
        prefs.theme_mode,
        prefs.text_size,
        high_contrast=prefs.high_contrast,
        reduced_motion=prefs.reduced_motion,
    )
    theme.apply(app)
    desk = Desk(node, theme, prefs, problems)
    desk.window.closed.connect(closing.set)
    instance.show_requested.connect(desk.window.bring_to_front)
    wake = _listen_to_signals(closing)
    garbage = WindowGarbage()
    try:
        desk.window.show()
        await _painted(desk.window)
        if hooks.painted is not None:
            hooks.painted(desk)
        await desk.start()
        garbage.keep()
        if hooks.started is not None:
            await hooks.started(desk)
        else:
            await closing.wait()
    finally:
        desk.window.hide()
        await desk.close()
        await node.stop()
        wake.stop()
        garbage.stop()
        problems.uninstall()
    return 0


def _second(instance: SingleInstance) -> int:
    if instance.ask_to_show():
        print(  # noqa: T201
            "Morpheus Desktop is running already; its window was brought to the front.",
            file=sys.stderr,
        )
        return 0
    print(  # noqa: T201
        "Another Morpheus Desktop uses this data folder but does not answer. "
        "End it, or start with --data-dir and another folder.",
        file=sys.stderr,
    )
    return 1


def _listen_to_signals(closing: asyncio.Event) -> QTimer:
    """End cleanly on Ctrl+C and SIGTERM. Python sees a signal only when its code runs: the timer
    lets it, twice a second."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(ValueError):  # not on the main thread
            signal.signal(number, lambda *_: closing.set())
    timer = QTimer(interval=500)
    timer.timeout.connect(lambda: None)
    timer.start()
    return timer


class _FirstPaint(QObject):
    """Watches a window until it has painted itself once."""

    def __init__(self, painted: "asyncio.Future[None]") -> None:
        super().__init__()
        self._painted = painted

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The paint event itself comes before the frame: the next turn of the loop is after."""
        if event.type() == QEvent.Type.Paint and not self._painted.done():
            QTimer.singleShot(0, self._done)
        return False

    def _done(self) -> None:
        if not self._painted.done():
            self._painted.set_result(None)


async def _painted(window: QObject) -> None:
    painted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    watcher = _FirstPaint(painted)
    window.installEventFilter(watcher)
    # A window that starts minimised or on a screen that is off is never painted.
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            await painted
    window.removeEventFilter(watcher)
