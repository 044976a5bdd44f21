"""Asks before something is done to a model."""

from PySide6.QtWidgets import QWidget

from morpheus_desktop.models.wording import Question
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.overlay import Overlay


class Confirm(Overlay):
    """One question; accepted when it shall be done."""

    def __init__(self, theme: Theme, over: QWidget, question: Question) -> None:
        super().__init__(theme, over, question.title, width=480)
        self.body.addWidget(label(question.text, "body", "text-2", wrap=True))
        self._cancel = button(theme, "Cancel")
        self._cancel.clicked.connect(self.reject)
        go = button(theme, question.action, "danger" if question.danger else "primary")
        go.clicked.connect(self.accept)
        self.footer.addWidget(self._cancel)
        self.footer.addWidget(go)

    def first_focus(self) -> QWidget:
        """The safe answer."""
        return self._cancel
