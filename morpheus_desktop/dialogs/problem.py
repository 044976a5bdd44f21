"""The dialog of an unexpected error: what is safe, the report to copy, and on with the work."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from morpheus_desktop.problems import Crash
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled

WIDTH = 640
REPORT_LEAST, REPORT_MOST = 64, 260
WHAT = (
    "Something unexpected happened inside the app. Your chats and files are safe, and the app "
    "goes on. What you just did may not have worked: try it again."
)
REPORT = (
    "This report helps to repair it. Nothing is sent by itself; what looked like a key or a "
    "password was removed."
)


class ProblemDialog(Overlay):
    """Shows one Crash."""

    def __init__(self, crash: Crash, theme: Theme, over: QWidget) -> None:
        super().__init__(theme, over, "The app made a mistake", width=WIDTH)
        self._report = crash.report
        report = QPlainTextEdit(crash.report)
        report.setObjectName("report")
        report.setProperty("field", "true")
        report.setReadOnly(True)
        report.setAccessibleName("Report")
        report.setFont(theme.font("mono_small"))
        report.setMinimumHeight(theme.px(REPORT_LEAST))
        report.setMaximumHeight(theme.px(REPORT_MOST))
        report.setTabChangesFocus(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(12)
        column.addWidget(label(WHAT, wrap=True))
        column.addWidget(report)
        column.addWidget(label(REPORT, "small", "text-3", wrap=True))
        self.body.addWidget(Scrolled(inside, "What happened"))
        self._copy = button(theme, "Copy report", icon="copy")
        self._copy.clicked.connect(self._copy_report)
        self._go_on = button(theme, "Continue", "primary")
        self._go_on.clicked.connect(self.accept)
        self.footer.addWidget(self._copy)
        self.footer.addWidget(self._go_on)

    def first_focus(self) -> QWidget:
        """Enter goes on."""
        return self._go_on

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self._copy.setText("Copied")
