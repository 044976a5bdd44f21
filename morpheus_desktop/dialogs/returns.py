"""When the MOR of a session comes back: a line of times, and the example of closing early."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.amounts import Amounts
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.places import local_time
from morpheus_desktop.widgets.bar import Bar, Part
from morpheus_desktop.widgets.basic import card, label
from router.consumer.records import Ending, Quote

DOT = 12
RULES = {
    True: "",
    False: "How soon this network pays back is not known yet. It can be sooner than shown.",
}


class ReturnsView(QWidget):
    """What happens when, for a quote."""

    def __init__(self, theme: Theme, amounts: Amounts) -> None:
        super().__init__()
        self._theme, self._amounts = theme, amounts
        self._steps = [_Step(theme) for _ in range(4)]
        self._early_title = label("", "body_strong", cut=True)
        self._bar = Bar(theme, "If you close early", height=8)
        self._now, self._now_words = label("", "mono"), label("back right away", "small", "text-2")
        self._later, self._later_words = label("", "mono", "warn"), label("", "small", "text-2")
        self._careful = label("", "small", "text-3", wrap=True)
        frame, inside = card("plain", padding=12)
        inside.addWidget(self._early_title)
        inside.addWidget(self._bar)
        figures = QGridLayout()
        figures.setVerticalSpacing(0)
        figures.addWidget(self._now, 0, 0)
        figures.addWidget(self._now_words, 1, 0)
        for row, each in enumerate((self._later, self._later_words)):
            each.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            figures.addWidget(each, row, 1)
        inside.addLayout(figures)
        self._early = frame
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for step in self._steps:
            column.addWidget(step)
        column.addSpacing(8)
        column.addWidget(self._early)
        column.addSpacing(6)
        column.addWidget(self._careful)

    def show_quote(self, quote: Quote | None) -> None:
        """Show what this quote leads to."""
        lines = _lines(quote, self._amounts) if quote is not None else [("", "…", "")]
        for at, step in enumerate(self._steps):
            step.setVisible(at < len(lines))
            if at < len(lines):
                step.show_step(*lines[at], last=at == len(lines) - 1, moves=at != 1)
        early = _ending(quote, "now")
        self._early.setVisible(early is not None)
        if quote is not None and early is not None:
            self._show_early(quote, early)
        self._careful.setText(RULES[quote is None or quote.rule_known])
        self._careful.setVisible(bool(self._careful.text()))

    def _show_early(self, quote: Quote, early: Ending) -> None:
        now, text = local_time(quote.timestamp), self._amounts.text
        self._early_title.setText(
            f"If you close early, for example {fmt.moment(local_time(early.at), now)}"
        )
        whole = max(quote.amount, 1)
        words = ("back right away", "on hold")
        shares = ((early.at_once, "accent", False), (early.on_hold, "warn", True))
        self._bar.set_parts(
            [
                Part(wei / whole, token, f"{name}: {self._amounts.tip(wei, 'MOR')}", hatched)
                for (wei, token, hatched), name in zip(shares, words, strict=True)
            ]
        )
        self._now.setText(text(early.at_once, "MOR"))
        self._later.setText(text(early.on_hold, "MOR"))
        held = early.on_hold > 0
        self._later_words.setText(
            f"on hold until {fmt.moment(local_time(early.release_at), now)}"
            if held
            else "nothing on hold"
        )


def _lines(quote: Quote, amounts: Amounts) -> list[tuple[str, str, str]]:
    """Time, what happens, what that means."""
    now, text = local_time(quote.timestamp), amounts.text
    natural = _ending(quote, "natural")
    lines = [
        (
            "now",
            f"{text(quote.amount, 'MOR', up=True)} is held by the contract",
            "Still yours, but for the price of the time."
            if quote.is_direct
            else "Still yours. The app and the provider cannot spend it.",
        ),
        (
            fmt.moment(local_time(quote.ends_at), now),
            "Session ends",
            "This app sends the closing transaction right after.",
        ),
    ]
    if natural is None:
        return lines
    if natural.spent:
        lines[-1] = (
            lines[-1][0],
            "Session ends",
            f"{text(natural.spent, 'MOR', up=True)} goes to the provider; the rest is yours.",
        )
    if natural.on_hold:
        lines.append(
            (
                fmt.moment(local_time(natural.release_at), now),
                f"{text(natural.on_hold, 'MOR')} can be claimed",
                "On hold until midnight UTC. This app claims it for you.",
            )
        )
    if natural.at_once:
        lines.insert(
            2,
            (
                fmt.moment(local_time(natural.at), now),
                f"{text(natural.at_once, 'MOR')} back in your wallet",
                "" if natural.on_hold else "All at once, nothing to claim.",
            ),
        )
    return lines


def _ending(quote: Quote | None, way: str) -> Ending | None:
    endings = quote.endings if quote is not None else ()
    return next((ending for ending in endings if ending.way == way), None)


class _Step(QWidget):
    """A time, a dot on a line, and words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._last, self._moves = False, True
        self._time = label("", "mono_small", "text-3", wrap=True)
        self._what = label("", "body_strong", wrap=True)
        self._meaning = label("", "small", "text-2", wrap=True)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 12)
        words.setSpacing(2)
        words.addWidget(self._what)
        words.addWidget(self._meaning)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self._time, 0, Qt.AlignmentFlag.AlignTop)
        line.addSpacing(theme.px(28))
        line.addLayout(words, 1)
        theme.changed.connect(self._measure)
        self._measure()

    def show_step(self, when: str, what: str, meaning: str, *, last: bool, moves: bool) -> None:
        """Say what happens when; where no MOR moves, the dot is hollow."""
        self._time.setText(when)
        self._what.setText(what)
        self._meaning.setText(meaning)
        self._meaning.setVisible(bool(meaning))
        self._last, self._moves = last, moves
        self.update()

    def _measure(self) -> None:
        self._time.setFixedWidth(self._theme.px(84))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The dot and the line to the next one."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, theme = self._theme.px, self._theme
        middle = QPointF(px(84) + px(13), px(10))
        if not self._last:
            painter.setPen(QPen(theme.color("line-strong"), 2))
            painter.drawLine(
                QPointF(middle.x(), middle.y() + px(8)), QPointF(middle.x(), self.height())
            )
        side = px(DOT)
        dot = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
        if self._moves:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
        else:
            painter.setPen(QPen(theme.color("info"), 2))
            painter.setBrush(theme.color("bg-overlay"))
            dot.adjust(1, 1, -1, -1)
        painter.drawEllipse(dot)
        painter.end()
