"""Open a session: how long, staked or paid; what leaves, what comes back and when.

Nothing is signed that is not on this page: the amount, the provider and the highest fee are what
is agreed to, and a worse quote asks again.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.dialogs.returns import ReturnsView
from morpheus_desktop.dialogs.standby import StandbyChoice
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.opening import (
    PRESETS,
    SLIDER_STEPS,
    OpenSessionViewModel,
    length_words,
    seconds_at,
    step_of,
)
from morpheus_desktop.viewmodels.places import local_time
from morpheus_desktop.widgets.basic import Label, button, card, label, rule, set_property
from morpheus_desktop.widgets.choice_card import ChoiceCard
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.fold import Fold
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.scrolled import Scrolled
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.slider import Slider
from morpheus_desktop.widgets.tip import set_tip
from router.consumer.records import Quote

WIDTH, BESIDE_FROM = 842, 740
PRESET_WORDS = {900: "15 min", 1800: "30 min", 86_400: "24 h"}


class OpenSessionDialog(Overlay):
    """Accepted when opening began, or when the wallet has to be unlocked first.

    Attributes:
        wants_to_receive: it was left to bring in what is missing.
    """

    def __init__(
        self,
        theme: Theme,
        over: QWidget,
        vm: OpenSessionViewModel,
        amounts: Amounts,
        *,
        title: str,
        provider: str,
        notice: str = "",
    ) -> None:
        """`notice` is said at the top: what is special about this session."""
        super().__init__(
            theme,
            over,
            title,
            subtitle=f"{fmt.short_address(provider)}. Nothing has been signed yet.",
            width=WIDTH,
        )
        self._vm, self._amounts = vm, amounts
        self.wants_to_receive = False
        longest = [(str(s), PRESET_WORDS.get(s, f"{s // 3600} h")) for s in PRESETS]
        self._presets = Segmented(theme, "How long", longest)
        self._slider = Slider(theme, "How long", 0, SLIDER_STEPS)
        self._typed = LineEdit(theme, "How long", hint="1 h 30 min")
        self._ends = label("", "small", "text-2")
        self._staked = ChoiceCard(
            theme, "Stake, and get it back", "The network pays the provider for you."
        )
        self._direct = ChoiceCard(
            theme,
            "Pay the provider directly",
            "The price of the time used is spent; the rest of the stake is returned.",
        )
        self._lines: dict[str, tuple[Label, Label]] = {}
        self._returns = ReturnsView(theme, amounts)
        self._permission = Note(theme, "", icon="lock")
        self._permission.be_narrow()
        self._standby = StandbyChoice(theme)
        self._note = Note(theme, "danger")
        self._note.be_narrow()
        self._notice = Note(theme, "info", "", notice)
        self._notice.be_narrow()
        self._notice.setVisible(bool(notice))
        self._again = button(theme, "Try again")
        self._receive = button(theme, "Receive")
        for action in (self._again, self._receive):
            self._note.add_action(action)
        self._checked = label("", "small", "text-2", wrap=True)
        self._cancel = button(theme, "Cancel", "ghost")
        self._go = button(theme, "Stake and open", "primary")
        self._build()
        self._connect()
        self._show()

    def first_focus(self) -> QWidget:
        """How long."""
        return self._typed

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(4, 4, 4, 4)
        sides = self._left(), self._right()
        column.addWidget(Fold(self.theme, *sides, BESIDE_FROM, stretches=(10, 9), gap=40))
        self.body.addWidget(self._notice)
        self.body.addWidget(self._note)
        self.body.addWidget(Scrolled(inside, "Session"))
        self.footer.insertWidget(0, self._checked, 1)
        self.footer.addWidget(self._cancel)
        self.footer.addWidget(self._go)

    def _left(self) -> QWidget:
        side, column = _side()
        column.setSpacing(8)
        column.addWidget(label("How long", "label", "text-2"))
        column.addWidget(self._presets)
        column.addWidget(self._slider)
        line = QHBoxLayout()
        line.setSpacing(12)
        self._typed.setMaximumWidth(self.theme.px(128))
        line.addWidget(self._typed)
        line.addWidget(self._ends, 1)
        column.addLayout(line)
        column.addSpacing(8)
        column.addWidget(label("How to pay", "label", "text-2"))
        column.addWidget(self._staked)
        column.addWidget(self._direct)
        column.addWidget(self._summary())
        column.addWidget(self._standby)
        column.addStretch()
        return side

    def _summary(self) -> QWidget:
        frame, column = card("raised", padding=14)
        for key, words in (
            ("leaves", "Leaves your wallet now"),
            ("back", "Comes back to you"),
            ("cost", "Cost to you, in MOR"),
            ("fee", "Network fees, at most"),
            ("after", "In your wallet afterwards"),
        ):
            if key == "after":
                column.addWidget(rule())
            name, value = label(words, "body", "text-2"), label("", "mono")
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            line = QHBoxLayout()
            line.addWidget(name)
            line.addWidget(value, 1)
            column.addLayout(line)
            self._lines[key] = name, value
        return frame

    def _right(self) -> QWidget:
        side, column = _side()
        column.setSpacing(12)
        column.addWidget(label("When your MOR comes back", "label", "text-2"))
        column.addWidget(self._returns)
        column.addWidget(self._permission)
        column.addStretch()
        return side

    def _connect(self) -> None:
        vm = self._vm
        self._presets.chosen.connect(lambda key: vm.set_seconds(int(key)))
        self._slider.valueChanged.connect(lambda step: vm.set_seconds(seconds_at(step, vm.longest)))
        self._typed.textEdited.connect(vm.type_length)
        self._typed.editingFinished.connect(self._show)
        self._staked.clicked.connect(lambda: vm.set_direct(False))
        self._direct.clicked.connect(lambda: vm.set_direct(True))
        self._standby.chosen.connect(vm.set_standby)
        self._again.clicked.connect(vm.ask_again)
        self._cancel.clicked.connect(self.reject)
        self._receive.clicked.connect(self._leave_to_receive)
        self._go.clicked.connect(vm.confirm)
        vm.changed.connect(self._show)
        vm.finished.connect(self.accept)
        self._amounts.changed.connect(self._show)

    def _leave_to_receive(self) -> None:
        self.wants_to_receive = True
        self.reject()

    # Showing

    def _show(self) -> None:
        vm, quote = self._vm, self._vm.quote
        if str(vm.seconds) in {str(s) for s in PRESETS}:
            self._presets.choose(str(vm.seconds))
        else:
            self._presets.choose_none()
        if not self._slider.isSliderDown():
            self._slider.show_value(step_of(vm.seconds, vm.longest))
        if not vm.wrong_length and not (self._typed.hasFocus() and self._typed.isModified()):
            self._typed.setText(length_words(vm.seconds))
        self._show_end()
        for choice, direct in ((self._staked, False), (self._direct, True)):
            choice.setChecked(vm.is_direct is direct)
            known = quote if vm.is_direct is direct else vm.other
            choice.set_fact(self._of_choice(known))
        self._show_summary()
        self._returns.show_quote(quote)
        self._permission.setVisible(quote is not None and quote.needs_permission)
        if quote is not None:
            exact = self._amounts.exact(quote.amount, "MOR")
            self._permission.set(
                "", f"Permission for exactly {exact}.", "The contract can take this amount once."
            )
        stake = quote.amount if quote is not None and not vm.reading else None
        self._standby.show_limit(vm.standby, stake)
        self._show_note()
        self._show_go()
        self.refit()

    def _of_choice(self, quote: Quote | None) -> str:
        """What one way of paying takes: held for a while, or spent."""
        if quote is None:
            return fmt.UNKNOWN
        if quote.is_direct:
            return f"{self._amounts.text(quote.cost, 'MOR', up=True)} spent"
        return self._amounts.text(quote.amount, "MOR", up=True)

    def _show_end(self) -> None:
        quote, wrong = self._vm.quote, self._vm.wrong_length
        now = local_time(quote.timestamp) if quote is not None else None
        set_property(self._typed, "problem", "true" if wrong else "false")
        self._ends.set_tone("danger" if wrong else "text-2")
        if wrong:
            self._ends.setText(wrong)
            return
        if quote is None or now is None:
            self._ends.setText("")
            return
        cut = ", the longest there is" if quote.is_cut else ""
        self._ends.setText(f"ends {fmt.moment(local_time(quote.ends_at), now)}{cut}")

    def _show_summary(self) -> None:
        quote, text = self._vm.quote, self._amounts.text
        natural = self._vm.ending("natural")
        spent = natural.spent if natural is not None else None
        amount = quote.amount if quote is not None else None
        back = None if amount is None or spent is None else amount - spent
        fees = quote.network_fee + quote.closing_fee if quote is not None else None
        values = {
            "leaves": (text(amount, "MOR", up=True), amount),
            "back": (
                "All of it" if amount is not None and back == amount else text(back, "MOR"),
                back,
            ),
            "cost": (text(spent, "MOR", up=True), spent),
            "fee": (text(fees, "ETH", up=True), fees),
        }
        for key, (words, wei) in values.items():
            value = self._lines[key][1]
            value.setText(words)
            set_tip(value, self._amounts.tip(wei, "ETH" if key == "fee" else "MOR"))
        self._lines["back"][1].set_tone("accent-text")
        self._lines["after"][1].setText(self._after())

    def _after(self) -> str:
        quote, text = self._vm.quote, self._amounts.text
        if quote is None:
            return fmt.UNKNOWN
        if self._vm.lacks_mor:
            return f"{text(quote.balance, 'MOR')}, too little"
        return f"{text(quote.balance)} → {text(quote.balance - quote.amount, 'MOR')}"

    def _show_note(self) -> None:
        vm, quote = self._vm, self._vm.quote
        silent = vm.reach.state == "down"
        self._again.setVisible(vm.problem is not None or silent)
        self._receive.setVisible(bool(vm.lacks_mor or vm.lacks_coin) and vm.problem is None)
        self._note.setVisible(True)
        if vm.problem is not None:
            self._note.set_error(vm.problem)
        elif silent:
            self._note.set(
                "danger",
                vm.reach.why,
                "Nothing has left your wallet. Try again, or choose another bid.",
            )
        elif vm.lacks_mor:
            self._note.set(
                "warn",
                f"You need {self._amounts.text(vm.lacks_mor, 'MOR', up=True)} more.",
                "Choose a shorter session or receive MOR. Nothing has left your wallet.",
            )
        elif vm.lacks_coin:
            self._note.set(
                "warn",
                f"You need {self._amounts.text(vm.lacks_coin, 'ETH', up=True)} more.",
                "Network fees are paid in ETH.",
            )
        elif quote is not None and quote.earns_at_most < quote.cost:
            self._note.set(
                "warn",
                "This provider has earned nearly all that its stake allows.",
                "It may stop answering. Your stake comes back all the same.",
            )
        elif quote is not None and not quote.is_direct and quote.funding < quote.cost:
            self._note.set(
                "warn",
                "The account that pays providers is nearly empty.",
                "Closing could have to wait until it is filled again; your stake waits with it.",
            )
        else:
            self._note.setVisible(False)

    def _show_go(self) -> None:
        vm, quote = self._vm, self._vm.quote
        amount = self._amounts.text(quote.amount, "MOR", up=True) if quote is not None else ""
        verb = "Put in" if vm.is_direct else "Stake"
        self._go.setText(f"{verb} {amount} and open".replace("  ", " "))
        self._go.set_busy(busy=vm.signing)
        hidden = "Amounts are hidden. Show them before you sign." if self._amounts.hidden else ""
        self._go.set_reason("" if vm.signing else hidden or vm.blocked)
        self.closable = not vm.signing
        self._checked.setText(self._facts())

    def _facts(self) -> str:
        vm, quote = self._vm, self._vm.quote
        if quote is None or vm.reading:
            return ""
        answered = {
            "unknown": "asking the provider…",
            "asking": "asking the provider…",
            "up": f"the provider answered in {fmt.short_time(vm.reach.ms / 1000)}",
            "down": "the provider does not answer",
        }
        return f"Read at block {fmt.count(quote.block)}, {answered[vm.reach.state]}"


def _side() -> tuple[QWidget, QVBoxLayout]:
    side = QWidget()
    column = QVBoxLayout(side)
    column.setContentsMargins(0, 0, 0, 0)
    return side, column
