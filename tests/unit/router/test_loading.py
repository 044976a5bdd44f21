"""Modules are imported one after the other, whichever thread wants them."""

import sys
import threading
from pathlib import Path

import pytest

from router.loading import TURN, load

SEEN = """
import threading
from router.loading import TURN
others = []
def look():
    others.append(TURN.acquire(blocking=False))
thread = threading.Thread(target=look)
thread.start()
thread.join()
"""


def test_nobody_else_imports_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seen_while_loaded.py").write_text(SEEN)
    monkeypatch.syspath_prepend(tmp_path)
    try:
        assert load("seen_while_loaded").others == [False]
    finally:
        del sys.modules["seen_while_loaded"]
    free: list[bool] = []

    def look() -> None:
        with TURN:
            free.append(True)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert free == [True]


def test_a_module_may_load_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loads_another.py").write_text("from router.loading import load\nload('json')\n")
    monkeypatch.syspath_prepend(tmp_path)
    load("loads_another")
    del sys.modules["loads_another"]


def test_what_is_not_there() -> None:
    with pytest.raises(ModuleNotFoundError):
        load("router.nothing")
    assert load("json") is sys.modules["json"]
