"""Imports what takes long, on threads, one after the other.

Two threads that import libraries which import each other are let through with half a module by
Python, rather than waiting for ever; the import then fails, in one start of many.
"""

import importlib
import threading
from types import ModuleType

TURN = threading.RLock()


def load(name: str) -> ModuleType:
    """Import a module, when no other thread does so."""
    with TURN:
        return importlib.import_module(name)
