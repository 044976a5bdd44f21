"""The line below an answer: how it came about, and what can be done with it."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.buttons import CopyButton, PaintedButton
from morpheus_desktop.chat.spinner import paint_spinner
from morpheus_desktop.theme import Theme

HEIGHT = 32
TURN_MS = 33
GAP = 19  # between facts
_DOT = "•"


class Footer(QWidget):
    """Facts on the left, versions in front of them, actions on the right.

    Signals:
        copy_clicked, regenerate_clicked, branch_clicked.
        more_clicked: where a menu should open.
        version_clicked: -1 for the version before, 1 for the next.
    """

    copy_clicked = Signal()
    regenerate_clicked = Signal()
    branch_clicked = Signal()
    more_clicked = Signal(QPoint)
    version_clicked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._facts: tuple[str, ...] = ()
        self._lead = ""
        self._lead_token = "text-2"
        self._writing = False
        self._versions = (1, 1)
        self._actions: list[PaintedButton] = []
        self._arrows: list[PaintedButton] = []
        self._turn = QTimer(self)
        self._turn.setInterval(TURN_MS)
        self._turn.timeout.connect(lambda: self.update(0, 0, self._theme.px(20), self.height()))

    def set_facts(
        self, facts: Sequence[str], *, lead: str = "", token: str = "text-2", writing: bool = False
    ) -> None:
        """What to say; `lead` is the coloured word in front, with a spinner while `writing`."""
        self._facts, self._lead, self._lead_token = tuple(facts), lead, token
        self._writing = writing
        self._turn.start() if writing and self.isVisible() else self._turn.stop()
        self.setAccessibleName(", ".join([*([lead] if lead else []), *facts]))
        self.update()

    def set_versions(self, at: int, count: int) -> None:
        """Which of how many versions this is; one version shows no arrows."""
        self._versions = (at, count)
        if count > 1 and not self._arrows:
            for icon, tip, step in (
                ("chevron-left", "Previous version", -1),
                ("chevron-right", "Next version", 1),
            ):
                arrow = PaintedButton(self._theme, icon, tip, parent=self)
                arrow.clicked.connect(lambda _=False, step=step: self.version_clicked.emit(step))
                self._arrows.append(arrow)
        for arrow, step in zip(self._arrows, (-1, 1), strict=False):
            arrow.setVisible(count > 1)
            arrow.setEnabled(1 <= at + step <= count)
        self._place()

    @property
    def versions_width(self) -> int:
        """The room that the arrows and the figures between them take."""
        size = self._theme.px(HEIGHT)
        return 2 * size + self._version_width() - self._theme.px(26)

    def show_actions(self, *, shown: bool) -> None:
        """Show the buttons on the right; they are made when first asked for."""
        if shown and not self._actions:
            copy = CopyButton(self._theme, self)
            copy.clicked.connect(self.copy_clicked)
            self._actions.append(copy)
            for icon, tip, signal in (
                ("refresh-cw", "Try again", self.regenerate_clicked),
                ("git-branch", "Branch into a new chat", self.branch_clicked),
            ):
                action = PaintedButton(self._theme, icon, tip, parent=self)
                action.clicked.connect(lambda _=False, signal=signal: signal.emit())
                self._actions.append(action)
            more = PaintedButton(self._theme, "ellipsis", "More", parent=self)
            more.clicked.connect(
                lambda: self.more_clicked.emit(more.mapToGlobal(QPoint(0, more.height())))
            )
            self._actions.append(more)
            self._place()
        for action in self._actions:
            action.setVisible(shown)

    def _place(self) -> None:
        size = self._theme.px(HEIGHT)
        for number, action in enumerate(reversed(self._actions), start=1):
            action.setGeometry(self.width() - number * size + self._theme.px(9), 0, size, size)
        if self._arrows:
            left, right = self._arrows
            left.setGeometry(-self._theme.px(9), 0, size, size)
            middle = self._version_width()
            right.setGeometry(left.geometry().right() + middle - self._theme.px(8), 0, size, size)

    def _version_width(self) -> int:
        metrics = QFontMetrics(self._theme.font("caption"))
        return metrics.horizontalAdvance("{}/{}".format(*self._versions)) + self._theme.px(8)

    def resizeEvent(self, event: object) -> None:
        self._place()

    def showEvent(self, event: object) -> None:
        if self._writing:
            self._turn.start()

    def hideEvent(self, event: object) -> None:
        self._turn.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setFont(theme.font("caption"))
        metrics = QFontMetrics(painter.font())
        x = 0
        if self._versions[1] > 1:
            x = self._arrows[0].geometry().right() - px(4)
            painter.setPen(theme.color("text-3"))
            width = self._version_width()
            painter.drawText(
                QRect(x, 0, width, self.height()),
                Qt.AlignmentFlag.AlignCenter,
                "{}/{}".format(*self._versions),
            )
            x = self._arrows[1].geometry().right()
        if self._writing:
            paint_spinner(painter, theme, QRect(x, 0, px(13), self.height()))
            x += px(20)
        end = self._actions[0].x() if self._actions and self._actions[0].isVisible() else 9_999
        for number, (word, token) in enumerate(self._words(metrics, min(end, self.width()) - x)):
            if number:
                painter.setPen(theme.color("line-strong"))
                painter.drawText(QRect(x, 0, px(20), self.height()), _CENTRE, _DOT)
                x += px(GAP)
            width = metrics.horizontalAdvance(word)
            painter.setPen(theme.color(token))
            painter.drawText(QRect(x, 0, width + 2, self.height()), _MIDDLE, word)
            x += width

    def _words(self, metrics: QFontMetrics, room: int) -> list[tuple[str, str]]:
        """What is said, with its colour, as far as there is room.

        The time of day goes first, then what stands in front: the cost stays longest.
        """
        facts, lead = list(self._facts), [self._lead] if self._lead else []
        while facts:
            words = lead + facts
            gaps = self._theme.px(GAP) * (len(words) - 1)
            if sum(map(metrics.horizontalAdvance, words)) + gaps <= room:
                break
            facts.pop(-1 if len(facts) == len(self._facts) else 0)
        return [(word, self._lead_token) for word in lead] + [(fact, "text-3") for fact in facts]


_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_CENTRE = Qt.AlignmentFlag.AlignCenter
