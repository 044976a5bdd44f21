"""About: version, what it is built on, and under which licences."""

import platform
import sys
from dataclasses import dataclass
from importlib import metadata

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.mark import Mark
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled
from router import __version__

WIDTH = 560


@dataclass(frozen=True)
class Component:
    """Something the app is built on; `package` is its name as installed, or empty."""

    name: str
    licence: str
    package: str = ""


COMPONENTS = (
    Component("Python", "PSF-2.0"),
    Component("Qt for Python", "LGPL-3.0", "PySide6-Essentials"),
    Component("llama.cpp for Python", "MIT", "llama-cpp-python"),
    Component("aiohttp", "Apache-2.0", "aiohttp"),
    Component("qasync", "BSD-2-Clause", "qasync"),
    Component("markdown-it-py", "MIT", "markdown-it-py"),
    Component("Pygments", "BSD-2-Clause", "Pygments"),
    Component("SmolLM2 135M Instruct", "Apache-2.0"),
    Component("Inter and JetBrains Mono", "OFL-1.1"),
    Component("Lucide icons", "ISC"),
)


class AboutDialog(Overlay):
    """Shows and copies what is running."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(theme, over, "About", width=WIDTH)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(Mark(28, theme))
        head.addWidget(label("Morpheus Desktop", "figure"))
        head.addStretch()
        head.addWidget(label(f"Version {__version__}", "body", "text-2"))
        self.body.addLayout(head)
        self.body.addWidget(
            label(
                "Chat with AI on your own computer. Free software under the MIT licence, "
                "without warranty.",
                tone="text-2",
                wrap=True,
            )
        )
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for row, component in enumerate(COMPONENTS):
            grid.addWidget(label(component.name), row, 0)
            grid.addWidget(label(version_of(component), "mono", "text-2"), row, 1)
            grid.addWidget(label(component.licence, "small", "text-3"), row, 2)
        self.body.addWidget(Scrolled(inside, "Built on"))
        self._copy = button(theme, "Copy details", icon="copy")
        self._copy.clicked.connect(self._copy_details)
        close = button(theme, "Close", "primary")
        close.clicked.connect(self.accept)
        self.footer.addWidget(self._copy)
        self.footer.addWidget(close)

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(details())
        self._copy.setText("Copied")


def version_of(component: Component) -> str:
    """The version in use, or empty when there is none to tell."""
    if component.name == "Python":
        return platform.python_version()
    if not component.package:
        return ""
    try:
        return metadata.version(component.package)
    except metadata.PackageNotFoundError:
        return "not installed"


def details() -> str:
    """What is running, for a report."""
    frozen = ", bundled" if getattr(sys, "frozen", False) else ""
    lines = [f"Morpheus Desktop {__version__}{frozen}", platform.platform()]
    lines += [f"{each.name} {version}" for each in COMPONENTS if (version := version_of(each))]
    return "\n".join(lines)
