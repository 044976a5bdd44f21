"""Lines of a name and a value."""

from collections.abc import Mapping

from PySide6.QtWidgets import QGridLayout, QWidget

from morpheus_desktop.widgets.basic import Label, label
from router.untrusted import one_line


class Facts(QWidget):
    """Lines of a name and a value; those without a value are left out."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[Label, Label]] = []

    def show_facts(self, facts: Mapping[str, str]) -> None:
        """Show these. A value is shown as it is, on one line."""
        known = {name: one_line(value, 400) for name, value in facts.items() if value}
        while len(self._lines) < len(known):
            line = label("", "small", "text-3"), label("", "small", "text-2", cut=True)
            for column, part in enumerate(line):
                self._grid.addWidget(part, len(self._lines), column)
            self._lines.append(line)
        pairs = [*known.items()]
        for number, line in enumerate(self._lines):
            shown = number < len(pairs)
            for part, text in zip(line, pairs[number] if shown else ("", ""), strict=True):
                part.setText(text)
                part.setVisible(shown)
