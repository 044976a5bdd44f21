"""Shows a report line by line before it is saved."""

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.overlay import Overlay

PROMISE = (
    "This is all of it. Keys, passwords, questions and answers are left out. Nothing is uploaded."
)


class ReportDialog(Overlay):
    """Accepted when the report shall be saved."""

    def __init__(self, theme: Theme, over: QWidget, text: str) -> None:
        super().__init__(theme, over, "Report", width=840)
        self.body.addWidget(label(PROMISE, "body", "text-2", wrap=True))
        view = QPlainTextEdit(text)
        view.setReadOnly(True)
        view.setProperty("field", "true")
        view.setAccessibleName("Report")
        view.setFont(theme.font("mono"))
        view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        view.setMinimumHeight(theme.px(360))
        self.body.addWidget(view)
        cancel = button(theme, "Cancel")
        cancel.clicked.connect(self.reject)
        save = button(theme, "Save report…", "primary", icon="download")
        save.clicked.connect(self.accept)
        self.footer.addWidget(cancel)
        self.footer.addWidget(save)
