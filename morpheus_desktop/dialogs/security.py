"""What the security settings ask before they change or show something."""

from collections.abc import Awaitable, Callable

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from morpheus_desktop.dialogs.password import PasswordDialog
from morpheus_desktop.onboarding.word_grid import WordGrid
from morpheus_desktop.secret_clipboard import SecretClipboard
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.field import Field, LineEdit
from morpheus_desktop.widgets.note import Note, grow
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.secret import PasswordField
from morpheus_desktop.widgets.secret_view import SecretView
from router.errors import BadRequest
from router.wallet.checks import LEAST_PASSWORD, check_password
from router.wallet.wallet import ERASE_WORD

Wait = Callable[[], float]


class NewPasswordDialog(PasswordDialog):
    """The wallet's password and a new one, twice: for the wallet, or for a key file."""

    def __init__(
        self,
        theme: Theme,
        over: QWidget,
        work: Callable[[str, str], Awaitable[None]],
        wait_s: Wait,
        *,
        title: str,
        action: str,
        new: str,
        subtitle: str = "",
    ) -> None:
        async def both(password: str) -> None:
            await work(password, self.new.text)

        self.new = PasswordField(theme, new, f"At least {LEAST_PASSWORD} characters")
        self.again = PasswordField(theme, f"{new}, again")
        super().__init__(theme, over, title, action, both, wait_s=wait_s, subtitle=subtitle)
        for field in (self.new, self.again):
            field.line.textChanged.connect(self.check)
            field.line.returnPressed.connect(self.submit)
            self.body.addWidget(field)

    def missing(self) -> str:
        """What is wrong with the new password."""
        problem = ""
        try:
            check_password(self.new.text)
        except BadRequest as error:
            problem = error.message
        self.new.set_problem(problem if self.new.text and self.again.text else "")
        differs = self.new.text != self.again.text
        late = len(self.again.text) >= len(self.new.text)
        words = "The two passwords are not the same."
        self.again.set_problem(words if differs and late and self.again.text else "")
        return problem or (words if differs else "")

    def refused(self, error: BadRequest) -> bool:
        """The new password was too weak."""
        self.new.set_problem(error.message)
        return True

    def wipe(self) -> None:
        """Forget all three."""
        super().wipe()
        self.new.wipe()
        self.again.wipe()


class EraseDialog(PasswordDialog):
    """What would be lost, the password, and a word to type.

    Args:
        watched: there is no key and so no password.
    """

    def __init__(
        self,
        theme: Theme,
        over: QWidget,
        work: Callable[[str, str], Awaitable[None]],
        wait_s: Wait,
        *,
        watched: bool = False,
    ) -> None:
        async def erase(password: str) -> None:
            await work(password, self.word.text())

        self._watched = watched
        self.word = LineEdit(theme, f"Type {ERASE_WORD}")
        self._word_field = Field(theme, f"Type “{ERASE_WORD}” to go on", self.word)
        super().__init__(
            theme,
            over,
            "Remove this wallet from the computer",
            "Remove the wallet",
            erase,
            wait_s=wait_s,
            kind="danger",
        )
        self._held = Note(theme, "info", "Looking for MOR in sessions and on hold.")
        grow(self._held)
        self.body.insertWidget(0, self._held)
        self.body.addWidget(self._word_field)
        self.password.setVisible(not watched)
        self.word.textChanged.connect(self.check)
        self.word.returnPressed.connect(self.submit)
        self.check()

    def show_held(self, words: str, about: str, *, is_safe: bool) -> None:
        """Say what is still staked."""
        self._held.set("info" if is_safe else "danger", words, about)
        self._restyle()

    def check(self) -> None:
        """A watched wallet needs the word only."""
        if self._watched and self._wait_s() <= 0:
            self.go.set_reason(self.missing())
        else:
            super().check()

    def missing(self) -> str:
        """The word."""
        typed = self.word.text().strip().lower()
        return "" if typed == ERASE_WORD else f"Type “{ERASE_WORD}” first"

    def refused(self, error: BadRequest) -> bool:
        """The word was another."""
        self._word_field.set_problem(error.message)
        return True

    def first_focus(self) -> QWidget:
        """The safe way out."""
        return self._cancel


class SecretDialog(Overlay):
    """Shows a phrase or a key while the window is active; copying needs a second step."""

    def __init__(
        self,
        theme: Theme,
        over: QWidget,
        title: str,
        secret: str | tuple[str, ...],
        clipboard: SecretClipboard,
    ) -> None:
        super().__init__(
            theme,
            over,
            title,
            subtitle="It hides when you look at another window.",
            width=720,
        )
        self._secret = secret
        self._clipboard = clipboard
        self._shown = True
        words = secret if isinstance(secret, tuple) else ()
        self._view: WordGrid | SecretView = (
            WordGrid(theme, lambda: words if self._secret else (), lambda: self._shown)
            if words
            else SecretView(theme, lambda: str(self._secret))
        )
        self._view.refresh()
        self._warning = Note(
            theme,
            "danger",
            "Anyone who has this can take everything in the wallet.",
            "Nobody from Morpheus will ever ask for it. Other programs can read the clipboard; "
            "a copy is removed after 30 s, if it is still there.",
            icon="eye-off",
        )
        self._copy = button(theme, "Copy anyway", "danger", icon="copy")
        self._copy.clicked.connect(self._copy_it)
        done = button(theme, "Done", "primary")
        done.clicked.connect(self.accept)
        self.body.addWidget(self._view)
        grow(self._warning)
        self.body.addWidget(self._warning)
        self.footer.addWidget(self._copy)
        self.footer.addWidget(done)
        self._done = done

    def first_focus(self) -> QWidget:
        """What closes it."""
        return self._done

    def _copy_it(self) -> None:
        secret = self._secret
        self._clipboard.copy(secret if isinstance(secret, str) else " ".join(secret))
        self._copy.setText("Copied for 30 s")

    def showEvent(self, event: QShowEvent) -> None:
        """It can be read from now on."""
        super().showEvent(event)
        self._view.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget it."""
        super().hideEvent(event)
        self._shown = False
        self._secret = ""
