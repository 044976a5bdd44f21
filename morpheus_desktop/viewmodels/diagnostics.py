"""Diagnostics: how the parts are, what was logged, and a report without secrets."""

import logging
import platform
import sys
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, Signal

from morpheus_desktop.ui_tasks import UiTasks
from router import __version__
from router.log import KEPT_LINES, LogBook, LogLine, redact
from router.parts import Part

FLUSH_MS = 100
COLUMNS = ("Time", "Level", "Part", "Message")
LineRole = Qt.ItemDataRole.UserRole

Index = QModelIndex


class LogModel(QAbstractTableModel):
    """The log lines that pass the filter, newest first.

    Lines arrive from any thread; they are shown in batches every FLUSH_MS.
    """

    _arrived = Signal(object)

    def __init__(self, log: LogBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: deque[LogLine] = deque(log.lines, maxlen=KEPT_LINES)
        self._pending: list[LogLine] = []
        self._level = logging.DEBUG
        self._part = ""
        self._text = ""
        self._shown: list[LogLine] = []
        self._following = True
        self._timer = QTimer(self, singleShot=True, interval=FLUSH_MS)
        self._timer.timeout.connect(self.flush)
        self._arrived.connect(self._collect)
        self._unsubscribe = log.added.subscribe(self._arrived.emit)
        self._refilter()

    def close(self) -> None:
        """Stop listening to the log."""
        self._unsubscribe()
        self._timer.stop()

    def set_filter(
        self, *, level: int | None = None, part: str | None = None, text: str | None = None
    ) -> None:
        """Show `level` and above, one part ('' is all), lines that contain a text."""
        self._level = self._level if level is None else level
        self._part = self._part if part is None else part
        self._text = self._text if text is None else text.casefold()
        self._refilter()

    def set_following(self, *, on: bool) -> None:
        """While off, new lines wait; switching on shows them."""
        self._following = on
        if on:
            self.flush()

    def lines(self) -> Sequence[LogLine]:
        """What is shown, newest first."""
        return tuple(self._shown)

    def flush(self) -> None:
        """Show what has arrived."""
        if not self._following:
            return
        new, self._pending = self._pending, []
        self._all.extend(new)
        passing = [line for line in reversed(new) if self._passes(line)]
        if passing:
            self.beginInsertRows(Index(), 0, len(passing) - 1)
            self._shown[:0] = passing
            self.endInsertRows()
        surplus = len(self._shown) - KEPT_LINES
        if surplus > 0:
            self.beginRemoveRows(Index(), KEPT_LINES, KEPT_LINES + surplus - 1)
            del self._shown[KEPT_LINES:]
            self.endRemoveRows()

    def _collect(self, line: LogLine) -> None:
        self._pending.append(line)
        del self._pending[:-KEPT_LINES]
        if not self._timer.isActive():
            self._timer.start()

    def _passes(self, line: LogLine) -> bool:
        return (
            line.level >= self._level
            and self._part in ("", line.part)
            and (not self._text or self._text in line.text.casefold())
        )

    def _refilter(self) -> None:
        self.beginResetModel()
        self._shown = [line for line in reversed(self._all) if self._passes(line)]
        self.endResetModel()

    # Qt overrides

    def rowCount(self, parent: Any = Index()) -> int:  # noqa: B008 - Qt's signature
        """Number of lines shown."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Any = Index()) -> int:  # noqa: B008 - Qt's signature
        """Time, level, part, message."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts by column; LineRole gives the LogLine."""
        line = self._shown[index.row()]
        if role == LineRole:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return (clock(line.time), level_name(line.level), line.part, line.text)[index.column()]
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Column titles."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None


class DiagnosticsViewModel(QObject):
    """The parts, the log and the report.

    Signals:
        parts_changed: some part's state changed.
        failed: a MorpheusError to show.
    """

    parts_changed = Signal()
    failed = Signal(object)

    def __init__(self, log: LogBook, parts: Sequence[Part], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.parts = tuple(parts)
        self.log_model = LogModel(log, self)
        self.folder = log.folder
        self.log_problem = log.problem
        self._tasks = UiTasks(self.failed.emit)
        self._unsubscribe = [
            part.changed.subscribe(lambda _: self.parts_changed.emit()) for part in self.parts
        ]

    async def close(self) -> None:
        """Stop listening and end what runs."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.log_model.close()
        await self._tasks.close()

    def retry(self, part: Part) -> None:
        """Start a part again, stopping it first if it runs."""
        self._tasks.start(f"restart {part.state.name}", part.restart())

    def report(self) -> str:
        """Versions, states and log lines; everything that looks like a secret is removed.

        Prompts and answers are never logged, so they cannot be in it.
        """
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        head = [
            f"Morpheus Desktop {__version__}, Python {platform.python_version()}, {system}",
            f"Frozen: {bool(getattr(sys, 'frozen', False))}",
            "",
            *(
                f"{state.title}: {state.phase} {state.detail} {state.error or ''}".rstrip()
                for state in (part.state for part in self.parts)
            ),
            "",
        ]
        lines = [
            f"{datetime.fromtimestamp(line.time, UTC):%Y-%m-%d %H:%M:%S} {level_name(line.level)} {line.part} {line.text}"
            for line in self.log_model.lines()
        ]
        home = str(Path.home())
        text = redact("\n".join(head + lines))
        return text.replace(home, "~") if len(home) > 1 else text


def clock(time: float) -> str:
    """Local time of day with milliseconds."""
    return datetime.fromtimestamp(time).astimezone().strftime("%H:%M:%S.%f")[:-3]


def level_name(level: int) -> str:
    """The word for a level, as the log view shows it."""
    if level >= logging.ERROR:
        return "error"
    if level >= logging.WARNING:
        return "warn"
    return "info" if level >= logging.INFO else "debug"
