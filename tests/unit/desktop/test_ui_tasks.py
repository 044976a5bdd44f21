"""Work started by clicks: one for each key, cancelled with its owner, errors told."""

import asyncio

import pytest
from PySide6.QtWidgets import QDialog

from morpheus_desktop.ui_tasks import UiTasks, show


class Work:
    """A coroutine that says when it runs and how it ends."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.ended: list[str] = []

    async def run(self) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # a clean-up that itself waits
            self.ended.append("cancelled")
            raise


async def test_the_same_key_runs_once():
    tasks = UiTasks(pytest.fail)
    first, second = Work(), Work()
    tasks.start("refresh", first.run())
    await first.started.wait()
    tasks.start("refresh", second.run())
    await second.started.wait()
    assert tasks.running("refresh")
    await tasks.close()
    assert (first.ended, second.ended) == (["cancelled"], ["cancelled"])


async def test_other_keys_are_left_alone_by_cancel():
    tasks = UiTasks(pytest.fail)
    first, second = Work(), Work()
    tasks.start("a", first.run())
    tasks.start("b", second.run())
    await second.started.wait()
    tasks.cancel("a")
    assert not tasks.running("a")
    assert tasks.running("b")
    await tasks.close()


async def test_an_error_is_told_and_a_cancellation_is_not():
    errors: list[Exception] = []
    told = asyncio.Event()

    def on_error(error: Exception) -> None:
        errors.append(error)
        told.set()

    async def fail() -> None:
        raise OSError("no disk")

    tasks = UiTasks(on_error)
    work = Work()
    tasks.start("work", work.run())
    await work.started.wait()
    tasks.cancel_all()
    tasks.start("fail", fail())
    await told.wait()
    await tasks.close()
    assert [str(error) for error in errors] == ["no disk"]


async def test_close_waits_for_clean_up_and_lets_nothing_start():
    tasks = UiTasks(pytest.fail)
    work = Work()
    tasks.start("work", work.run())
    await work.started.wait()
    await tasks.close()
    assert work.ended == ["cancelled"]
    late = Work()
    tasks.start("late", late.run())
    await asyncio.sleep(0)
    assert not late.started.is_set()


@pytest.mark.parametrize("code", [QDialog.DialogCode.Accepted, QDialog.DialogCode.Rejected])
async def test_show_waits_for_the_answer(qtbot, code):
    dialog = QDialog()
    asyncio.get_running_loop().call_soon(dialog.done, code)
    assert await show(dialog) is (code is QDialog.DialogCode.Accepted)


async def test_cancelling_show_closes_the_dialog(qtbot):
    dialog = QDialog()
    task = asyncio.get_running_loop().create_task(show(dialog))
    await asyncio.sleep(0)
    assert dialog.isVisible()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not dialog.isVisible()
