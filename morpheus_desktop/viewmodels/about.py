"""What is running: the app, what it is built on, in which versions and under which licences."""

import importlib.metadata
import platform
import sys
from dataclasses import dataclass

from PySide6.QtCore import qVersion

from router import __version__


@dataclass(frozen=True)
class Component:
    """Something the app is built on; `version` is empty where there is none to tell."""

    name: str
    version: str
    licence: str


def components() -> tuple[Component, ...]:
    """The main parts, as installed."""
    return (
        Component("Python", platform.python_version(), "PSF-2.0"),
        Component("Qt", qVersion(), "LGPL-3.0"),
        Component("Qt for Python", _installed("PySide6-Essentials"), "LGPL-3.0"),
        Component("llama.cpp for Python", _installed("llama-cpp-python"), "MIT"),
        Component("aiohttp", _installed("aiohttp"), "Apache-2.0 and MIT"),
        Component("qasync", _installed("qasync"), "BSD-2-Clause"),
        Component("markdown-it-py", _installed("markdown-it-py"), "MIT"),
        Component("Pygments", _installed("Pygments"), "BSD-2-Clause"),
        Component("Model SmolLM2 135M Instruct", "", "Apache-2.0"),
        Component("Inter and JetBrains Mono", "", "OFL-1.1"),
        Component("Lucide icons", "", "ISC"),
    )


def details() -> str:
    """What is running, for a report."""
    bundled = ", bundled" if getattr(sys, "frozen", False) else ""
    lines = [f"Morpheus Desktop {__version__}{bundled}", platform.platform()]
    lines += [f"{each.name} {each.version}" for each in components() if each.version]
    return "\n".join(lines)


def _installed(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
