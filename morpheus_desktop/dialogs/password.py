"""Asks for the wallet's password again, and does something with it."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.widgets.basic import ButtonKind, button
from morpheus_desktop.widgets.note import Note, grow
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.secret import PasswordField
from router.errors import BadRequest, MorpheusError, WrongPassword

WIDTH = 480


class PasswordDialog(Overlay):
    """A password field and one action; accepted when that worked.

    Nothing is lost by a wrong password. After too many of them it counts down.

    Signals:
        failed: an exception that nobody expected.

    Args:
        work: what is done with the password; raises MorpheusError when it cannot be.
        wait_s: seconds until a password is looked at again.
    """

    failed = Signal(object)

    def __init__(
        self,
        theme: Theme,
        over: QWidget,
        title: str,
        action: str,
        work: Callable[[str], Awaitable[None]],
        *,
        wait_s: Callable[[], float],
        subtitle: str = "",
        kind: ButtonKind = "primary",
    ) -> None:
        super().__init__(theme, over, title, subtitle=subtitle, width=WIDTH)
        self._work = work
        self._wait_s = wait_s
        self._tasks = UiTasks(self._went_wrong)
        self._note = Note(theme, "danger")
        grow(self._note)
        self._note.hide()
        self.password = PasswordField(theme, "Password of the wallet")
        self._cancel = button(theme, "Cancel")
        self._cancel.clicked.connect(self.reject)
        self.go = button(theme, action, kind)
        self.go.clicked.connect(self.submit)
        self.password.line.returnPressed.connect(self.submit)
        self.password.line.textChanged.connect(self._changed)
        self.body.addWidget(self._note)
        self.body.addWidget(self.password)
        self.footer.addWidget(self._cancel)
        self.footer.addWidget(self.go)
        self._timer = QTimer(self, interval=500)
        self._timer.timeout.connect(self.check)
        self.finished.connect(self._ended)
        self.check()

    def missing(self) -> str:
        """What else is needed, in a few words; for dialogs with more fields."""
        return ""

    def check(self) -> None:
        """Say what keeps the action from being possible."""
        wait = self._wait_s()
        if wait > 0:
            left = fmt.duration(wait + 0.999)
            self.password.set_problem(f"Too many wrong passwords. Next try in {left}")
            self.go.set_reason(f"Next try in {left}")
            self._timer.start()
            return
        if self._timer.isActive():
            self._timer.stop()
            self.password.set_problem("")
        empty = "" if self.password.text else "Type the password first"
        self.go.set_reason(empty or self.missing())

    def submit(self) -> None:
        """Do it, by click or Enter; the rules are the same."""
        self.check()
        if self.go.isEnabled() and not self.go.busy:
            self._set_busy(busy=True)
            self._tasks.start("work", self._do())

    def first_focus(self) -> QWidget:
        """The password."""
        return self.password.line

    async def _do(self) -> None:
        await self._work(self.password.text)
        self._set_busy(busy=False)
        self.accept()

    def _set_busy(self, *, busy: bool) -> None:
        self.closable = not busy
        self.go.set_busy(busy=busy)
        self._cancel.setEnabled(not busy)

    def _went_wrong(self, error: Exception) -> None:
        self._set_busy(busy=False)
        self._note.hide()
        if isinstance(error, WrongPassword):
            self.password.line.selectAll()
            self.password.set_problem(f"{error.message} {error.hint}")
            self.password.line.setFocus()
            if self._wait_s() > 0:
                self.check()
        elif isinstance(error, MorpheusError):
            if not isinstance(error, BadRequest) or not self.refused(error):
                self._note.set_error(error)
                self._note.show()
        else:
            self.failed.emit(error)
        self._restyle()

    def refused(self, error: BadRequest) -> bool:
        """Say at its field what was not taken; whether there is such a field."""
        return False

    def _changed(self) -> None:
        if not self._timer.isActive():
            self.password.set_problem("")
        self.check()

    def _ended(self) -> None:
        self._timer.stop()
        self._tasks.cancel_all()
        self.wipe()

    def wipe(self) -> None:
        """Forget what was typed."""
        self.password.wipe()
