"""The password is asked for, a wrong one is said, and it is forgotten afterwards."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from morpheus_desktop.dialogs.unlock import UnlockDialog
from router.wallet.vault import Cost
from router.wallet.wallet import Wallet
from tests.support.waiting import until

PASSWORD = "correct horse battery"


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wallet(tmp_path, qloop, clock) -> Wallet:
    made = Wallet(tmp_path, cost=Cost(1, 8, 1), clock=clock)
    qloop.run_until_complete(made.import_key("11" * 32, PASSWORD))
    made.lock()
    return made


@pytest.fixture
def dialog(over, theme, wallet) -> UnlockDialog:
    made = UnlockDialog(theme, over, wallet, why="Something is to be signed.")
    made.open()
    return made


def test_the_right_password_unlocks_and_is_forgotten(dialog, wallet, qloop, qtbot):
    assert dialog._password.echoMode() is QLineEdit.EchoMode.Password
    assert dialog._password.hasFocus()
    assert not dialog._go.isEnabled()

    async def unlock() -> None:
        dialog._password.setText(PASSWORD)
        qtbot.keyClick(dialog._password, Qt.Key.Key_Return)
        await until(lambda: not dialog._open)

    qloop.run_until_complete(unlock())
    assert wallet.state.kind == "unlocked"
    assert dialog._password.text() == ""


def test_a_wrong_one_is_said_and_soon_has_to_wait(dialog, wallet, qloop, clock):
    async def fail() -> None:
        while not wallet.wait_s:
            dialog._password.setText("wrong password")
            dialog._go.click()
            await until(lambda: not dialog._tasks.running("unlock"))
        dialog._password.setText(PASSWORD)

    qloop.run_until_complete(fail())
    assert wallet.state.kind == "locked"
    assert not dialog._go.isEnabled()
    assert "next" in dialog._go.toolTip()
    clock.now += wallet.wait_s + 1
    dialog._check()
    assert dialog._go.isEnabled()
    assert dialog._field.problem == ""


def test_a_second_enter_is_no_second_try(dialog, wallet, qloop, qtbot, monkeypatch):
    tries, unlock, go_on = [], wallet.unlock, asyncio.Event()

    async def slowly(password: str):
        tries.append(password)
        await go_on.wait()
        return await unlock(password)

    monkeypatch.setattr(wallet, "unlock", slowly)

    async def twice() -> None:
        dialog._password.setText(PASSWORD)
        qtbot.keyClick(dialog._password, Qt.Key.Key_Return)
        await until(lambda: tries)
        dialog._unlock()
        dialog._ask_keychain()
        go_on.set()
        await until(lambda: not dialog._open)

    qloop.run_until_complete(twice())
    assert tries == [PASSWORD]
    assert wallet.state.kind == "unlocked"


def test_leaving_forgets_what_was_typed(dialog, wallet):
    dialog._password.setText(PASSWORD)
    dialog.reject()
    assert dialog._password.text() == ""
    assert wallet.state.kind == "locked"
