"""The parts that a later version brings: each says so, and offers what works today."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.page_header import PageHeader


@dataclass(frozen=True)
class Topic:
    """What one part is about.

    Args:
        page: name of the page it stands for.
        action, leads_to: the button for what works today, and the page it opens.
        second, second_leads_to: another one, or empty.
    """

    page: str
    icon: str
    name: str
    title: str
    sentence: str
    action: str
    leads_to: str
    second: str = ""
    second_leads_to: str = ""


TOPICS = {
    topic.page: topic
    for topic in (
        Topic(
            "provider",
            "server",
            "Provider",
            "Provider mode is not set up yet",
            "Serving your models to others for MOR is not in this version yet. Other programs on "
            "this computer can use them today, through the local API.",
            "Local API settings",
            "settings",
            "Local models",
            "models",
        ),
    )
}


class NotReadyPane(QWidget):
    """One such part.

    Signals:
        page_requested: the user wants to go to this page.
    """

    page_requested = Signal(str)

    def __init__(self, topic: Topic, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        state = EmptyState(topic.icon, topic.title, theme, topic.sentence)
        first = button(theme, topic.action, "primary")
        first.clicked.connect(lambda: self.page_requested.emit(topic.leads_to))
        state.add_action(first)
        if topic.second:
            second = button(theme, topic.second, "ghost")
            second.clicked.connect(lambda: self.page_requested.emit(topic.second_leads_to))
            state.add_action(second)
        self.setFocusProxy(first)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(PageHeader(theme, topic.name))
        column.addWidget(state, 1, Qt.AlignmentFlag.AlignCenter)
