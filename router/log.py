"""Log lines: to a rotating file, to a ring in memory for the window, never with secrets."""

import logging
import logging.handlers
import re
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from router.events import Emitter
from router.untrusted import visible

KEPT_LINES = 2_000
FILE_BYTES = 2_000_000
FILES = 7
LONGEST_LINE = 4_000

_SECRETS = (
    re.compile(
        r"(?i)(authorization|api[-_ ]?key|password|passphrase|cookie|secret)(\W{1,3})\S+( [\w+/=.-]{8,})?"
    ),
    re.compile(r"\b(sk|mk)-[A-Za-z0-9_-]{8,}"),
    re.compile(r"(?i)\b(basic|bearer)\s+[\w+/=.-]+"),
    re.compile(r"\b(0x)?[0-9a-fA-F]{64}\b"),
)


@dataclass(frozen=True)
class LogLine:
    """One line as the window shows it. `time` is in seconds since 1970."""

    time: float
    level: int
    part: str
    text: str


def redact(text: str) -> str:
    """Text without what looks like a key, password or token."""
    for pattern in _SECRETS:
        text = pattern.sub("[removed]", text)
    return text


class _Redacting(logging.Formatter):
    """Formats a record on one line per line, without secrets and control characters."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(redact(super().format(record)))[:LONGEST_LINE]


class LogBook(logging.Handler):
    """Keeps the newest lines in memory and writes all to `logs/morpheus.log`.

    `added` tells of each new line; it is emitted on the thread that logged.
    `problem` says why the file is not being written, or is empty.
    """

    def __init__(self, folder: Path, level: str = "info") -> None:
        super().__init__(logging.DEBUG)
        self.folder = folder
        self.lines: deque[LogLine] = deque(maxlen=KEPT_LINES)
        self.added: Emitter[LogLine] = Emitter()
        self.problem = ""
        self._file: logging.Handler | None = None
        self.setFormatter(_Redacting("%(message)s"))
        self._open(level)

    def _open(self, level: str) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = logging.handlers.RotatingFileHandler(
                self.folder / "morpheus.log",
                maxBytes=FILE_BYTES,
                backupCount=FILES,
                encoding="utf-8",
                errors="backslashreplace",
            )
        except OSError as error:
            self.problem = f"The log file cannot be written: {error.strerror or error}."
            return
        self._file.setFormatter(_Redacting("%(asctime)s %(levelname)-7s %(name)s %(message)s"))
        self.set_level(level)

    def set_level(self, level: str) -> None:
        """Choose what is written to the file; the window always sees everything."""
        if self._file is not None:
            self._file.setLevel(level.upper())

    def install(self) -> None:
        """Start receiving the records of the whole process."""
        root = logging.getLogger()
        root.setLevel(logging.DEBUG)
        root.addHandler(self)
        for noisy in ("asyncio", "qasync", "markdown_it", "aiohttp.access"):
            logging.getLogger(noisy).setLevel(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging; never raises."""
        try:
            line = LogLine(
                record.created, record.levelno, part_of(record.name), self.format(record)
            )
            self.lines.append(line)
            if self._file is not None and record.levelno >= self._file.level:
                self._file.handle(record)
            self.added.emit(line)
        except Exception:  # noqa: BLE001 - a log line must never break what it reports
            self.handleError(record)

    def close(self) -> None:
        """Stop receiving and close the file."""
        logging.getLogger().removeHandler(self)
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()


PARTS = {
    "router.inference": "local",
    "router.backends": "local",
    "router.store": "store",
    "router.api": "api",
    "router.chat": "chat",
    "morpheus_desktop": "app",
}


def part_of(logger: str) -> str:
    """The short name of the part of the app that a logger belongs to."""
    for prefix, part in PARTS.items():
        if logger == prefix or logger.startswith(prefix + "."):
            return part
    return "app"
