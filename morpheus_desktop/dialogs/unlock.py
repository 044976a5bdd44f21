"""Asks for the password of the wallet before something is signed."""

import math
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QWidget

from morpheus_desktop.problems import describe
from morpheus_desktop.theme import Theme
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.field import Field, LineEdit
from morpheus_desktop.widgets.overlay import Overlay
from router.errors import MorpheusError
from router.wallet.wallet import Wallet, WalletState

TICK_MS = 500


class UnlockDialog(Overlay):
    """Accepted when the wallet is unlocked. The password is forgotten with the dialog."""

    def __init__(self, theme: Theme, over: QWidget, wallet: Wallet, *, why: str = "") -> None:
        super().__init__(theme, over, "Unlock the wallet", width=440)
        self._wallet = wallet
        self._tasks = UiTasks(self._failed)
        self._password = LineEdit(theme, "Password")
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._field = Field(theme, "Password", self._password)
        if why:
            self.body.addWidget(label(why, "body", "text-2", wrap=True))
        self.body.addWidget(self._field)
        self._keychain = button(theme, "Use the system keychain", "ghost", icon="key-round")
        self._keychain.setVisible(wallet.state.in_keychain)
        self._keychain.clicked.connect(self._ask_keychain)
        cancel = button(theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self._go = button(theme, "Unlock", "primary", icon="lock-open")
        self._go.clicked.connect(self._unlock)
        # Unlocking moves nothing, so Enter may do it.
        self._password.returnPressed.connect(self._go.click)
        self._password.textChanged.connect(self._check)
        for each in (self._keychain, cancel, self._go):
            self.footer.addWidget(each)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._check)
        self._timer.start()
        self.finished.connect(self._forget)
        self._check()

    def first_focus(self) -> QWidget:
        """The field."""
        return self._password

    def _check(self) -> None:
        wait = math.ceil(self._wallet.wait_s)
        if wait > 0:
            self._go.set_reason(f"The next try is possible in {wait} s")
            self._say(f"Too many wrong tries. The next one is possible in {wait} s.")
            return
        if self._field.problem.startswith("Too many"):
            self._say("")
        self._go.set_reason("" if self._password.text() else "Type the password first")

    def _unlock(self) -> None:
        self._start(lambda: self._wallet.unlock(self._password.text()))

    def _ask_keychain(self) -> None:
        self._start(self._wallet.unlock_with_keychain)

    def _start(self, work: Callable[[], Awaitable[WalletState]]) -> None:
        if not self._tasks.running("unlock"):  # a second Enter is no second try
            self._tasks.start("unlock", self._try(work))

    async def _try(self, work: Callable[[], Awaitable[WalletState]]) -> None:
        self._go.set_busy(busy=True)
        self.closable = False
        try:
            await work()
        except MorpheusError as error:
            self._failed(error)
        else:
            self.accept()
        finally:
            self._go.set_busy(busy=False)
            self.closable = True

    def _failed(self, error: Exception) -> None:
        self._password.clear()
        self._say(describe(error).text)
        self._password.setFocus()

    def _say(self, problem: str) -> None:
        self._field.set_problem(problem)
        self.refit()

    def _forget(self) -> None:
        self._password.clear()
        self._timer.stop()
        self._tasks.cancel_all()
