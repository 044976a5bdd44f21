"""What pages have in common: the row at the top."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Label, label


def page_header(theme: Theme, title: str) -> tuple[QWidget, Label, QHBoxLayout]:
    """The head of a page: its widget, the label for one line of facts, the row for actions."""
    head = QWidget()
    head.setObjectName("pageHeader")
    head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    head.setMinimumHeight(theme.px(56))
    row = QHBoxLayout(head)
    row.setContentsMargins(24, 0, 24, 0)
    row.setSpacing(12)
    facts = label("", "body", "text-3")
    actions = QHBoxLayout()
    actions.setSpacing(8)
    row.addWidget(label(title, "heading"))
    row.addWidget(facts)
    row.addStretch()
    row.addLayout(actions)
    return head, facts, actions
