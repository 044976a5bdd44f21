"""One part of the node: how it is, a fact or two, and a way to start it again."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from morpheus_desktop.problems import describe
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Picture, icon_button, label
from morpheus_desktop.widgets.tip import set_tip
from router.parts import Part

PHASES = {
    "waiting": ("circle", "text-3", "Not started"),
    "starting": ("loader-circle", "info", "Starting"),
    "ready": ("circle-check", "accent-text", "Running"),
    "failed": ("circle-x", "danger", "Stopped"),
    "off": ("circle", "text-3", "Off"),
}
HEIGHT = 92


class PartCard(QFrame):
    """A card; `restart` is called with its part, `fact` tells more about it."""

    def __init__(
        self,
        theme: Theme,
        part: Part,
        restart: Callable[[Part], None],
        fact: Callable[[Part], str],
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self._theme, self._part, self._fact_of = theme, part, fact
        self._icon = Picture(theme, "circle", 14)
        self._again = icon_button(theme, "rotate-cw", "Restart")
        self._again.clicked.connect(lambda: restart(self._part))
        self._value = label("", "body", cut=True)
        self._fact = label("", "small", "text-3", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._icon)
        head.addWidget(label(part.state.title, cut=True), 1)
        head.addWidget(self._again)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 8, 12)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._value)
        column.addSpacing(2)
        column.addWidget(self._fact, 1, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._measure)
        self._measure()
        self.show_state()

    def show_state(self) -> None:
        """Show how the part is."""
        state = self._part.state
        icon, tone, words = PHASES[state.phase]
        ready = state.phase == "ready"
        fact = self._fact_of(self._part) if ready else ""
        if state.error is not None:
            fact = describe(state.error).text
        self._icon.set(icon, tone)
        self._value.setText(state.detail if ready and state.detail else words)
        self._fact.setText(fact or (words if ready else ""))
        self._fact.set_tone("danger" if state.error is not None else "text-3")
        again = "Try again" if state.phase == "failed" else "Restart"
        set_tip(self._again, again)
        self._again.setAccessibleName(f"{again}: {state.title}")
        self._again.setEnabled(state.phase != "starting")
        self.setAccessibleName(f"{state.title}: {words}")
        self.setAccessibleDescription(f"{state.detail}. {fact}".strip(". "))

    def _measure(self) -> None:
        self.setMinimumHeight(self._theme.px(HEIGHT))
