"""Dialogs are shown one after the other."""

import asyncio

from PySide6.QtWidgets import QWidget

from morpheus_desktop.turns import Turns
from morpheus_desktop.widgets.overlay import Overlay
from tests.support.waiting import until


def test_what_is_asked_for_meanwhile_is_not_done(qtbot, qloop, theme):
    over = QWidget()
    qtbot.addWidget(over)
    over.show()
    errors: list[Exception] = []
    turns = Turns(over, errors.append)
    done: list[str] = []
    wait = asyncio.Event()

    async def work(name: str) -> None:
        done.append(name)
        await wait.wait()
        raise ValueError(name)

    async def run() -> None:
        turns.start(lambda: work("first"))
        await until(lambda: done)
        turns.start(lambda: work("second"))
        assert turns.busy
        wait.set()
        await until(lambda: not turns.busy)
        dialog = Overlay(theme, over, "Something else")
        dialog.open()
        turns.start(lambda: work("third"))
        dialog.close()
        turns.start(lambda: work("fourth"))
        await until(lambda: not turns.busy)
        await turns.close()

    qloop.run_until_complete(run())
    assert done == ["first", "fourth"]
    assert [str(error) for error in errors] == ["first", "fourth"]
