"""What the user sees of an error, and the nets that catch the ones nobody expected.

A MorpheusError is something that can be explained: it becomes a toast or a line beside the
task. Anything else is a bug: it goes to the log with its traceback, and to a dialog once for
each place in the code; the app goes on.
"""

import asyncio
import logging
import platform
import sys
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import PySide6
from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from router import __version__
from router.errors import MorpheusError
from router.log import redact
from router.untrusted import visible

log = logging.getLogger(__name__)
qt_log = logging.getLogger("morpheus_desktop.qt")

LONGEST_REPORT = 20_000
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

Group = tuple[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True)
class Problem:
    """An error in words: what happened, what is safe, what to do next (any but the first may
    be empty)."""

    message: str
    safe: str = ""
    hint: str = ""

    @property
    def text(self) -> str:
        """All of it in one paragraph."""
        return " ".join(part for part in (self.message, self.safe, self.hint) if part)


def describe(error: BaseException) -> Problem:
    """The words for an error; for an unexpected one, without its details."""
    if isinstance(error, MorpheusError):
        return Problem(error.message, error.safe, error.hint)
    return Problem(
        "The app made a mistake.",
        "Your chats and files are safe, and the app goes on.",
        "The details are in Diagnostics.",
    )


@dataclass(frozen=True)
class Crash:
    """An unexpected error; `report` is text to copy, without secrets."""

    group: Group
    report: str


def crash_of(error: BaseException) -> Crash:
    """Make the report of an unexpected error."""
    frames = traceback.extract_tb(error.__traceback__)
    group = (type(error).__name__, tuple((frame.filename, frame.lineno or 0) for frame in frames))
    lines = "".join(traceback.format_exception(error, limit=-30))
    head = (
        f"Morpheus Desktop {__version__}, Python {platform.python_version()}, "
        f"Qt {PySide6.__version__}, {platform.platform(terse=True)}"
    )
    report = visible(redact(_without_home(f"{head}\n\n{lines}".strip())))
    return Crash(group, report[:LONGEST_REPORT])


def _without_home(text: str) -> str:
    home = str(Path.home())
    return text if len(home) < 3 else text.replace(home, "~")


class Problems(QObject):
    """Where every error of the window ends.

    Signals:
        explained: a Problem to show as a toast.
        crashed: a Crash to show in the dialog; once for each group, whatever the thread.
    """

    explained = Signal(object)
    crashed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[Group] = set()
        self._lock = threading.Lock()

    def report(self, error: BaseException) -> None:
        """Show an error in the way its kind asks for; may be called from any thread."""
        if isinstance(error, MorpheusError):
            log.info("%s", error)
            self.explained.emit(describe(error))
        else:
            self._crash(error, "in the window")

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Catch what nobody caught: in slots, threads, the loop and Qt itself."""
        sys.excepthook = self._excepthook
        sys.unraisablehook = self._unraisablehook
        threading.excepthook = self._thread_excepthook
        loop.set_exception_handler(self._loop_handler)
        qInstallMessageHandler(qt_message)

    def uninstall(self) -> None:
        """Give the hooks back to Python and Qt; the loop keeps its handler until it ends."""
        sys.excepthook = sys.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)

    def _crash(self, error: BaseException, where: str) -> None:
        log.error("unexpected error %s", where, exc_info=error)
        crash = crash_of(error)
        with self._lock:
            if crash.group in self._seen:
                return
            self._seen.add(crash.group)
        self.crashed.emit(crash)

    def _excepthook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.report(error.with_traceback(trace))

    def _unraisablehook(self, event: "sys.UnraisableHookArgs") -> None:
        if event.exc_value is not None:
            self._crash(event.exc_value, f"in {event.err_msg or 'a clean-up'}")

    def _thread_excepthook(self, event: threading.ExceptHookArgs) -> None:
        if event.exc_value is not None:
            name = event.thread.name if event.thread else "unknown"
            self._crash(event.exc_value, f"in thread {name}")

    def _loop_handler(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.report(error)
        else:
            log.error("the loop reports: %s", context.get("message", "something unnamed"))


def qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Pass what Qt says to the log."""
    category = context.category or "default"
    qt_log.log(_QT_LEVELS.get(kind, logging.WARNING), "%s: %s", category, text)
