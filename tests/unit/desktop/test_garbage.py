"""morpheus_desktop.garbage: widgets in cycles go in the thread of the window, and nowhere else."""

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from morpheus_desktop import garbage
from morpheus_desktop.garbage import WindowGarbage


class Cycle(QObject):
    """Only the collector can free it; says in which thread it went."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self.itself = self
        weakref.finalize(self, lambda: seen.append(threading.current_thread().name))


def allocate(count: int) -> None:
    """Make so many objects that are looked at by the collector."""
    kept = [[number] for number in range(count)]
    kept.clear()


@pytest.mark.usefixtures("qapp")
def test_other_threads_collect_nothing() -> None:
    seen: list[str] = []
    collector = WindowGarbage()
    try:
        Cycle(seen)
        thread = threading.Thread(target=lambda: [allocate(20_000) for _ in range(20)])
        thread.start()
        thread.join()
        assert not seen
    finally:
        collector.stop()
    gc.collect()
    assert seen == [threading.main_thread().name]


def test_the_window_collects_by_itself(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "LOOK_MS", 5)
    monkeypatch.setattr(garbage, "YOUNG", 100)
    seen: list[str] = []
    collector = WindowGarbage()
    try:
        Cycle(seen)
        kept = [[number] for number in range(1_000)]
        qtbot.waitUntil(lambda: seen == [threading.main_thread().name])
        assert kept
    finally:
        collector.stop()


def test_older_garbage_is_found_too(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lived through young collections is looked at when enough of those were made."""
    monkeypatch.setattr(garbage, "YOUNG", 0)
    seen: list[str] = []
    collector = WindowGarbage()
    try:
        cycle = Cycle(seen)
        gc.collect(0)
        gc.collect(1)
        del cycle
        kept: list[list[int]] = []
        for number in range(500):
            kept.append([number])  # what is freed at once is not counted
            garbage.collect_what_is_due()
        assert seen
    finally:
        collector.stop()
    assert qapp is not None


def test_what_is_kept_is_not_looked_at_until_the_end(qapp: QApplication) -> None:
    """Modules that were loaded after the first frame are like those before it."""
    seen: list[str] = []
    collector = WindowGarbage()
    try:
        Cycle(seen)
        collector.keep()
        gc.collect()
        assert not seen
        Cycle(seen)
        gc.collect()
        assert len(seen) == 1
    finally:
        collector.stop()
    gc.collect()
    assert len(seen) == 2
    assert qapp is not None


@pytest.mark.usefixtures("qapp")
def test_python_takes_over_again() -> None:
    was_on = gc.isenabled()
    collector = WindowGarbage()
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()
    if not was_on:
        gc.disable()
