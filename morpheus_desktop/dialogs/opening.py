"""A session on its way, step by step. It can be left at any time: the opening goes on."""

from typing import Literal

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.dialogs.stepper import Stepper
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.opening import length_words
from morpheus_desktop.viewmodels.progress import ProgressViewModel
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled
from router.untrusted import one_line

TICK_MS = 1000


class OpeningDialog(Overlay):
    """Accepted when the session is open.

    Attributes:
        wish: what is wanted besides leaving: open nothing, or another bid instead.
    """

    def __init__(
        self, theme: Theme, over: QWidget, vm: ProgressViewModel, amounts: Amounts
    ) -> None:
        quote = vm.opening.quote
        super().__init__(
            theme,
            over,
            "Opening your session",
            subtitle=f"{one_line(quote.model.name)} for {length_words(quote.seconds)}",
        )
        self._vm, self._amounts = vm, amounts
        self.wish: Literal["", "cancel", "other"] = ""
        self._stepper = Stepper(theme)
        self._note = Note(theme, "danger")
        self._note.be_narrow()
        self._retry = button(theme, "Try again", icon="refresh-cw")
        self._agree = button(theme, "Agree", "primary")
        for action in (self._retry, self._agree):
            self._note.add_action(action, below=True)
        self._left = Note(theme, "", icon="lock")
        self._left.be_narrow()
        self._hint = Note(
            theme,
            "info",
            "You can close this window or the whole app.",
            "The session is picked up again from the chain when you come back.",
        )
        self._hint.be_narrow()
        self._time = label("", "mono_small", "text-3")
        self._give_up = button(theme, "Cancel", "ghost")
        self._other = button(theme, "Pick another bid")
        self._later = button(theme, "Keep going in the background")
        self._timer = QTimer(self, interval=TICK_MS)
        self._build()
        self._connect()
        self._show()

    def first_focus(self) -> QWidget:
        """The safe answer."""
        return self._later

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(12)
        for each in (self._stepper, self._note, self._left, self._hint):
            column.addWidget(each)
        self.body.addWidget(Scrolled(inside, "Steps"))
        self.footer.insertWidget(0, self._time)
        for action in (self._give_up, self._other, self._later):
            self.footer.addWidget(action)

    def _connect(self) -> None:
        vm = self._vm
        self._retry.clicked.connect(vm.retry)
        self._agree.clicked.connect(vm.agree)
        self._give_up.clicked.connect(lambda: self._leave("cancel"))
        self._other.clicked.connect(lambda: self._leave("other"))
        self._later.clicked.connect(self.reject)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        vm.changed.connect(self._show)
        vm.opened.connect(self.accept)
        self._amounts.changed.connect(self._show)

    def _leave(self, wish: Literal["cancel", "other"]) -> None:
        self.wish = wish
        self.reject()

    def _tick(self) -> None:
        self._time.setText(fmt.duration(self._vm.elapsed_s))

    def _show(self) -> None:
        vm, opening = self._vm, self._vm.opening
        amount = self._amounts.text(opening.quote.amount, "MOR", up=True)
        self._stepper.show_steps(vm.steps(amount))
        stuck = opening.step in ("failed", "asked")
        self._show_note(amount)
        self._left.setVisible(stuck and bool(opening.permission_tx) and not opening.open_tx)
        self._left.set(
            "",
            f"The contract still has permission for {amount}.",
            "Cancel to take it back; that costs a small network fee.",
        )
        self._hint.setVisible(not stuck)
        self._give_up.setVisible(stuck)
        self._other.setVisible(stuck)
        self._later.setText("Close" if stuck else "Keep going in the background")
        self._tick()
        self.refit()

    def _show_note(self, amount: str) -> None:
        vm, opening = self._vm, self._vm.opening
        asked = opening.step == "asked" and opening.worse is not None
        self._note.setVisible(asked or opening.error is not None)
        self._retry.setVisible(opening.step == "failed")
        self._agree.setVisible(asked)
        for each in (self._retry, self._agree):
            each.set_busy(busy=vm.busy)
        if asked and opening.worse is not None:
            now = self._amounts.text(opening.worse.amount, "MOR", up=True)
            self._note.set(
                "warn",
                "The terms are worse than those you agreed to.",
                f"Now {now} for {length_words(opening.worse.granted_s)}, instead of {amount} for "
                f"{length_words(opening.quote.granted_s)}. Nothing is staked yet.",
            )
            self._agree.setText(f"Stake {now} and go on")
        elif opening.error is not None:
            self._note.set_error(opening.error)
