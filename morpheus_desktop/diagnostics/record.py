"""One line of the log in full; of a request also what was noted about it."""

from datetime import UTC, datetime

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.log_lines import RequestLine, as_text, level_name
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.facts import Facts
from morpheus_desktop.widgets.overlay import Overlay
from router.api.request_log import RequestRecord
from router.log import LogLine
from router.untrusted import visible

WIDTH, TEXT_HEIGHT = 720, 120


class RecordDialog(Overlay):
    """Shows a LogLine."""

    def __init__(self, theme: Theme, over: QWidget, line: LogLine) -> None:
        super().__init__(theme, over, "Log line", width=WIDTH)
        self._line = line
        facts = Facts()
        facts.show_facts(_facts(line))
        self.body.addWidget(facts)
        if isinstance(line, RequestLine):
            self._add_text("Body of the request", line.record.request_body)
            self._add_text("Body of the answer", line.record.answer_body)
        else:
            self._add_text("Text", line.text)
        self._copy = button(theme, "Copy", icon="copy")
        self._copy.clicked.connect(self._copy_line)
        close = button(theme, "Close", "primary")
        close.clicked.connect(self.accept)
        self.footer.addWidget(self._copy)
        self.footer.addWidget(close)
        self._first = close

    def first_focus(self) -> QWidget:
        """Enter closes."""
        return self._first

    def _add_text(self, name: str, text: str) -> None:
        if not text:
            return
        view = QPlainTextEdit(visible(text))
        view.setReadOnly(True)
        view.setTabChangesFocus(True)
        view.setProperty("field", "true")
        view.setAccessibleName(name)
        view.setFont(self.theme.font("mono"))
        view.setFixedHeight(self.theme.px(TEXT_HEIGHT))
        self.body.addWidget(label(name, "label", "text-2"))
        self.body.addWidget(view)

    def _copy_line(self) -> None:
        QGuiApplication.clipboard().setText(as_text(self._line))
        self._copy.setText("Copied")


def _facts(line: LogLine) -> dict[str, str]:
    moment = datetime.fromtimestamp(line.time, UTC)
    here = moment.astimezone()
    facts = {
        "Time": f"{here:%d %b %Y %H:%M:%S}.{here.microsecond // 1000:03d}",
        "UTC": f"{moment:%Y-%m-%d %H:%M:%S}",
        "Level": level_name(line.level),
        "Part": line.part,
    }
    return facts | (_request_facts(line.record) if isinstance(line, RequestLine) else {})


def _request_facts(record: RequestRecord) -> dict[str, str]:
    return {
        "Request": f"{record.method} {record.path}",
        "Status": str(record.status),
        "Time taken": fmt.short_time(record.ms / 1000),
        "Error": record.error,
        "Key": record.key,
        "Model": record.model,
        "Id": record.id,
        "Bodies": "" if record.request_body or record.answer_body else "Not kept",
    }
