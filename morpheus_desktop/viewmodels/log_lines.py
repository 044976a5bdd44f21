"""The lines of the log and the requests of the HTTP interface, filtered, newest first."""

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, QTimer, Signal

from morpheus_desktop import format as fmt
from router.api.request_log import CLIENT_GONE, RequestRecord
from router.log import KEPT_LINES, LogBook, LogLine

FLUSH_MS = 100
LineRole = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class RequestLine(LogLine):
    """A request as a line of the log."""

    record: RequestRecord


class LogModel(QAbstractListModel):
    """The lines that pass the filter, newest first.

    Lines arrive from any thread; they are shown in batches every FLUSH_MS.

    Signals:
        changed: other lines are shown, or others wait.
    """

    changed = Signal()
    _arrived = Signal(object)

    def __init__(self, log: LogBook, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: deque[LogLine] = deque(log.lines, maxlen=KEPT_LINES)
        self._pending: deque[LogLine] = deque(maxlen=KEPT_LINES)
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

    def add(self, line: LogLine) -> None:
        """Add a line that is not in the log itself."""
        self._arrived.emit(line)

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
        self.flush()

    @property
    def waiting(self) -> int:
        """How many new lines wait until they are followed again."""
        return 0 if self._following else sum(map(self._passes, self._pending))

    @property
    def kept(self) -> Sequence[LogLine]:
        """All lines there are, oldest first, whatever the filter."""
        return (*self._all, *self._pending)

    def lines(self) -> Sequence[LogLine]:
        """What is shown, newest first."""
        return tuple(self._shown)

    def flush(self) -> None:
        """Show what has arrived."""
        if self._following:
            self._take_pending()
        self.changed.emit()

    def _take_pending(self) -> None:
        new = tuple(self._pending)
        self._pending.clear()
        self._all.extend(new)
        passing = [line for line in reversed(new) if self._passes(line)]
        if passing:
            self.beginInsertRows(QModelIndex(), 0, len(passing) - 1)
            self._shown[:0] = passing
            self.endInsertRows()
        surplus = len(self._shown) - KEPT_LINES
        if surplus > 0:
            self.beginRemoveRows(QModelIndex(), KEPT_LINES, KEPT_LINES + surplus - 1)
            del self._shown[KEPT_LINES:]
            self.endRemoveRows()

    def _collect(self, line: LogLine) -> None:
        self._pending.append(line)
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
        self.changed.emit()

    # Qt overrides

    def rowCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Number of lines shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line as text; LineRole gives the LogLine."""
        if not index.isValid():
            return None
        line = self._shown[index.row()]
        if role == LineRole:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return as_text(line)
        return None


def request_line(record: RequestRecord) -> RequestLine:
    """A request in words; its bodies are not in them."""
    level = logging.INFO if record.status < 400 else logging.WARNING
    status = "client left" if record.status == CLIENT_GONE else str(record.status)
    facts = [f"{record.method} {record.path} {status} in {fmt.short_time(record.ms / 1000)}"]
    if record.error:
        facts.append(record.error)
    if record.model:
        facts.append(record.model)
    if record.answer_tokens is not None:
        facts.append(f"{record.prompt_tokens or 0:,} + {record.answer_tokens:,} tokens")
    if record.key:
        facts.append(f"key {record.key}")
    return RequestLine(
        record.time,
        logging.ERROR if record.status >= 500 else level,
        "api",
        ", ".join(facts),
        record,
    )


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


def as_text(line: LogLine) -> str:
    """A line in columns, to be copied."""
    return f"{clock(line.time)} {level_name(line.level):5} {line.part:6} {line.text}"
