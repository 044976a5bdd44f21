"""Diagnostics: how the parts are, what was logged, and a report without secrets."""

import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.log_lines import LogModel, level_name, request_line
from router import __version__
from router.api.request_log import RequestLog
from router.inference.host import InferenceHost
from router.log import LogBook, LogLine, redact
from router.parts import Part
from router.untrusted import one_line


class DiagnosticsViewModel(QObject):
    """The parts, the log and the report.

    Signals:
        parts_changed: some part's state or fact changed.
        failed: an exception to show.
    """

    parts_changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        log: LogBook,
        parts: Sequence[Part],
        host: InferenceHost,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.parts = tuple(parts)
        self.log_model = LogModel(log, self)
        self.log_problem = log.problem
        self._host = host
        self._requests: RequestLog | None = None
        self._tasks = UiTasks(self.failed.emit)
        self._unsubscribe = [
            *(part.changed.subscribe(lambda _: self.parts_changed.emit()) for part in self.parts),
            host.changed.subscribe(lambda _: self.parts_changed.emit()),
        ]

    async def close(self) -> None:
        """Stop listening and end what runs."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.log_model.close()
        await self._tasks.close()

    def follow_requests(self, requests: RequestLog) -> None:
        """Show the requests of the HTTP interface among the lines of the log."""
        self._requests = requests
        for record in requests.records:
            self.log_model.add(request_line(record))
        self._unsubscribe.append(
            requests.added.subscribe(lambda record: self.log_model.add(request_line(record)))
        )

    def retry(self, part: Part) -> None:
        """Start a part again, stopping it first if it runs."""
        self._tasks.start(f"restart {part.state.name}", part.restart())

    def fact(self, part: Part) -> str:
        """What more there is to say about a part that runs, or empty."""
        if part.state.name == "models":
            return self._model_fact()
        if part.state.name == "api" and self._requests is not None:
            return fmt.counted(len(self._requests.records), "request")
        return ""

    def _model_fact(self) -> str:
        state = self._host.state
        if state.model is None or state.pid is None:
            return "None in memory"
        used = fmt.memory(state.memory_bytes)
        return f"{one_line(state.model.name, 32)}, pid {state.pid}, {used}"

    def report(self) -> str:
        """Versions, states and log lines; everything that looks like a secret is removed.

        Questions, answers and bodies of requests are never logged, so they cannot be in it.
        """
        lines = [*self._head(), "", *map(_report_line, self.log_model.kept)]
        home = str(Path.home())
        text = redact("\n".join(lines))
        return text.replace(home, "~") if len(home) > 1 else text

    def _head(self) -> Iterator[str]:
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        yield f"Morpheus Desktop {__version__}, Python {platform.python_version()}, {system}"
        yield "Built application" if getattr(sys, "frozen", False) else "Started from its source"
        yield ""
        for part in self.parts:
            state = part.state
            more = (state.detail, str(state.error or ""), self.fact(part))
            yield f"{state.title}: {', '.join(filter(None, (state.phase, *more)))}"


def _report_line(line: LogLine) -> str:
    time = f"{datetime.fromtimestamp(line.time, UTC):%Y-%m-%d %H:%M:%S}"
    return f"{time} {level_name(line.level)} {line.part} {line.text}"
