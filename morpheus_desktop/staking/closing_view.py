"""What closing a session now gives back, in place below it, before anything is signed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import local_time
from morpheus_desktop.viewmodels.staking import StakingViewModel
from morpheus_desktop.widgets.bar import Bar, Part
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.check import CheckBox
from morpheus_desktop.widgets.fold import Fold
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.tip import set_tip
from router.consumer.records import Ending, SessionView
from router.errors import MorpheusError, WalletLocked

BESIDE_FROM = 480
MINUTE = 60
UNUSUAL_FEE = (
    "The network fee is unusually high.",
    "It is over three times what was paid in the last blocks. Your stake is safe meanwhile.",
)


class ClosingView(QFrame):
    """Two amounts, when the second one comes, and the button that closes.

    Signals:
        close_asked: close it as shown.
        unlock_asked: the wallet has to sign, and is locked.
    """

    close_asked = Signal()
    unlock_asked = Signal()

    def __init__(self, vm: StakingViewModel, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setProperty("tone", "raised")
        self._vm, self._theme, self._amounts = vm, theme, amounts
        self._view: SessionView | None = None
        self._bar = Bar(theme, "What comes back", height=8)
        self._now = label("", "mono")
        self._later = label("", "mono", "warn")
        self._later_words = label("", "small", "text-2")
        self._as_of = label("", "small", "text-3", wrap=True)
        self._spent = label("", "small", "text-2", wrap=True)
        self._by = label("", "small", "text-3", wrap=True)
        self._hint = label("", "small", "accent-text", wrap=True)
        self._note = Note(theme, "danger")
        self._note.be_narrow()
        self._again = button(theme, "Try again", icon="refresh-cw")
        self._alone = button(theme, "Close without the provider")
        self._unlock = button(theme, "Unlock", icon="lock-open")
        for action in (self._unlock, self._again, self._alone):
            self._note.add_action(action, below=True)
        self._midnight = CheckBox(theme, "Close it after midnight UTC, with everything at once")
        self._close = button(theme, "Close")
        self.setFocusProxy(self._midnight)  # the one control that sends nothing
        self._build()
        self._again.clicked.connect(lambda: vm.prepare_again())
        self._alone.clicked.connect(lambda: vm.prepare_again(ours=True))
        self._unlock.clicked.connect(self.unlock_asked)
        self._midnight.clicked.connect(self._choose_way)
        self._close.clicked.connect(self.close_asked)

    def _build(self) -> None:
        amounts = QWidget()
        figures = QGridLayout(amounts)
        figures.setContentsMargins(0, 0, 0, 0)
        figures.setHorizontalSpacing(32)
        figures.setVerticalSpacing(0)
        figures.addWidget(self._now, 0, 0)
        figures.addWidget(label("back right away", "small", "text-2"), 1, 0)
        figures.addWidget(self._later, 0, 1)
        figures.addWidget(self._later_words, 1, 1)
        figures.setColumnStretch(1, 1)
        line = Fold(self._theme, amounts, self._close, BESIDE_FROM, gap=8)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 10)
        column.setSpacing(8)
        column.addWidget(self._bar)
        column.addWidget(line)
        for each in (self._as_of, self._spent, self._hint, self._by, self._note, self._midnight):
            column.addWidget(each)

    def show_closing(self, view: SessionView) -> None:
        """Show what is known of closing it now."""
        self._view = view
        vm, closing = self._vm, self._vm.closing
        preview = closing.preview if closing is not None else None
        self._show_amounts(view, preview)
        problem = vm.closing_problem or (closing.problem if closing is not None else None)
        self._note.setVisible(problem is not None)
        if problem is not None:
            self._note.set_error(problem)
        elif closing is not None and closing.prepared is not None and closing.prepared.unusual_fee:
            self._note.setVisible(True)
            self._note.set("warn", *UNUSUAL_FEE)
        ours = closing is not None and closing.report_by == "us"
        locked = isinstance(problem, WalletLocked)
        self._unlock.setVisible(locked)
        self._again.setVisible(problem is not None and not locked)
        self._alone.setVisible(problem is not None and not ours and not locked)
        self._by.setVisible(ours and problem is None)
        self._by.setText(
            "The provider gave no report, so yours closes it. You get the same."
            if view.provider
            else "Your own report closes it. You get the same."
        )
        amount = self._amounts.text(preview.at_once if preview is not None else None, "MOR")
        self._close.setText(f"Close and take {amount}" if preview is not None else "Close")
        waiting = closing is None and problem is None
        self._close.set_busy(busy=waiting or vm.sending)
        self._close.set_reason(self._reason(problem, waiting=waiting))
        self._midnight.setChecked(vm.closes_after_midnight(view))

    def _reason(self, problem: MorpheusError | None, *, waiting: bool) -> str:
        if problem is not None:
            return problem.message
        hidden = self._amounts.hidden and not waiting
        return "Amounts are hidden. Show them before you sign." if hidden else ""

    def _show_amounts(self, view: SessionView, preview: Ending | None) -> None:
        text, tip = self._amounts.text, self._amounts.tip
        at_once = preview.at_once if preview is not None else None
        held = preview.on_hold if preview is not None else None
        self._now.setText(text(at_once, "MOR"))
        set_tip(self._now, tip(at_once, "MOR"))
        self._later.setText(text(held, "MOR"))
        set_tip(self._later, tip(held, "MOR"))
        stake = max(view.session.stake, 1)
        self._bar.set_parts(
            [
                Part((at_once or 0) / stake, "accent", f"Back right away: {tip(at_once, 'MOR')}"),
                Part((held or 0) / stake, "warn", f"On hold: {tip(held, 'MOR')}", hatched=True),
            ]
        )
        now = local_time(view.as_of)
        until = fmt.moment(local_time(preview.release_at), now) if preview and held else ""
        self._later_words.setText(f"on hold until {until}" if until else "nothing on hold")
        moves = preview is not None and preview.way == "now"
        self._as_of.setVisible(moves)
        if preview is not None and moves:
            minute = text(view.session.stake * MINUTE // max(view.granted_s, 1), "MOR", up=True)
            when = fmt.clock(local_time(preview.at))
            self._as_of.setText(
                f"As of {when}. Each further minute, about {minute} more is on hold."
            )
        spent = preview.spent if preview is not None else 0
        self._spent.setVisible(bool(spent))
        self._spent.setText(f"{text(spent, 'MOR', up=True)} goes to the provider.")
        self._hint.setVisible(bool(held))
        self._hint.setText(
            "Close after midnight UTC instead, and all of it comes back with one transaction."
        )

    def _choose_way(self, on: bool) -> None:
        if self._view is not None:
            self._vm.close_after_midnight(self._view, on)
