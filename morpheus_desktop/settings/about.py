"""Settings: version, what the app is built on, licences."""

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from morpheus_desktop.settings.form import Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.about import components, details
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.mark import Mark
from router import __version__


class AboutSection(Section):
    """What is running, to read and to copy."""

    def __init__(
        self, theme: Theme, *, licences: Callable[[], None], terms: Callable[[], None]
    ) -> None:
        super().__init__(theme, "About")
        self.column.addLayout(self._head())
        card = self.card()
        self._copy = button(theme, "Copy details", icon="copy")
        self._copy.clicked.connect(self._copy_details)
        built = card.row("box", "Built on", "In these versions.", self._copy)
        built.add_below(_versions())
        show = button(theme, "Show")
        show.setAccessibleName("Show the licences")
        show.clicked.connect(licences)
        card.row("file-text", "Licences", "Of everything that comes with the app.", show)
        read = button(theme, "Read")
        read.setAccessibleName("Read the terms of use")
        read.clicked.connect(terms)
        card.row("shield-check", "Terms of use", "Short, and in plain words.", read)

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(Mark(28, self.theme))
        head.addWidget(label("Morpheus Desktop", "figure"))
        head.addStretch()
        head.addWidget(label(f"Version {__version__}", "mono", "text-2"))
        return head

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(details())
        self._copy.setText("Copied")


def _versions() -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(28, 0, 0, 4)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 1)
    for row, each in enumerate(components()):
        grid.addWidget(label(each.name, "body", "text-2", wrap=True), row, 0)
        grid.addWidget(label(each.version, "mono"), row, 1)
        grid.addWidget(label(each.licence, "small", "text-3"), row, 2)
    return table
