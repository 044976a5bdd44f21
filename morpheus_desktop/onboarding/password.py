"""The password that the wallet file is encrypted with."""

from PySide6.QtWidgets import QWidget

from morpheus_desktop.onboarding.step import Step
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from morpheus_desktop.widgets.secret import PasswordField
from router.wallet.checks import LEAST_PASSWORD

FIELD_WIDTH = 440


class PasswordStep(Step):
    """Twice the same password; Enter goes on as the button does."""

    def __init__(self, vm: OnboardingViewModel, theme: Theme) -> None:
        super().__init__(
            vm,
            theme,
            "Choose a password",
            "It encrypts the keys on this computer. You type it to unlock the wallet.",
        )
        self._password = PasswordField(theme, "Password", f"At least {LEAST_PASSWORD} characters")
        self._repeated = PasswordField(theme, "Password again")
        for field, name in ((self._password, "password"), (self._repeated, "repeated")):
            field.line.textChanged.connect(lambda text, name=name: self.typed(name, text))
            field.line.returnPressed.connect(self.enter)
            self.column.addWidget(field)
        self.add_note(
            "warn",
            "Nobody can reset it.",
            "Without the password, only your recovery phrase or key brings the wallet back.",
        )
        self._tried = False
        theme.changed.connect(self._measure)
        self._measure()

    def refresh(self) -> None:
        """Say what is wrong with what was typed."""
        super().refresh()
        draft = self.vm.draft
        self._password.set_problem(draft.password_problem() if self._tried else "")
        late = self._tried or len(draft.repeated) >= len(draft.password) > 0
        self._repeated.set_problem(draft.repeat_problem() if late and draft.repeated else "")

    def explain(self) -> None:
        """Say at once what is wrong."""
        self._tried = True
        self.refresh()
        draft = self.vm.draft
        if not draft.password_problem() and draft.repeat_problem():
            self._repeated.set_problem(draft.repeat_problem())
            self._repeated.setFocus()

    def first(self) -> QWidget | None:
        """The first field."""
        return self._password.line

    def wipe(self) -> None:
        """Forget both."""
        self._tried = False
        self._password.wipe()
        self._repeated.wipe()

    def _measure(self) -> None:
        for field in (self._password, self._repeated):
            field.setMaximumWidth(self.theme.px(FIELD_WIDTH))
