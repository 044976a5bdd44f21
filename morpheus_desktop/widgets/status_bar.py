"""The line below the page: what runs, what it uses, what went wrong, and the palette's key."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
)

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.status import Fact, StatusViewModel
from morpheus_desktop.widgets.focus_ring import paint_focus_ring
from morpheus_desktop.widgets.keycaps import caps_width, paint_caps
from morpheus_desktop.widgets.tip import set_tip

HEIGHT = 28
PADDING = 8
DOT = 8
ICON = 14
DOTS = {"good": "accent", "busy": "info", "warn": "warn", "bad": "danger", "quiet": "text-3"}
WORDS = {"warn": "warn", "bad": "danger"}
RETRY = "Try again"
COMMANDS = "Commands"


class StatusBar(QFrame):
    """Shows the facts of a StatusViewModel.

    Signals:
        page_chosen: a fact was clicked that is told in full on this page.
        command_chosen: a fact was clicked that offers this command.
        palette_requested: the hint at the right was clicked.
    """

    page_chosen = Signal(str)
    command_chosen = Signal(str)
    palette_requested = Signal()

    def __init__(self, vm: StatusViewModel, theme: Theme, palette_keys: str) -> None:
        super().__init__()
        self.setObjectName("statusBar")
        self.setAccessibleName("Status")
        self._vm = vm
        self._theme = theme
        self._facts = [FactButton(theme) for _ in range(6)]
        self._troubles: list[FactButton] = []
        self._promise = FactButton(theme)
        self._commands = CommandsButton(palette_keys, theme)
        self._commands.clicked.connect(self.palette_requested)
        self._row = QHBoxLayout(self)
        for button in self._facts:
            button.clicked.connect(self._clicked)
            self._row.addWidget(button)
        self._row.addStretch()
        self._row.addWidget(self._promise)
        self._row.addWidget(self._commands)
        vm.changed.connect(self.refresh)
        theme.changed.connect(self._measure)
        self._measure()
        self.refresh()

    def refresh(self) -> None:
        """Show what is true now."""
        vm = self._vm
        facts = (vm.network, vm.latency, vm.sessions, vm.wallet, vm.model, vm.api)
        for button, fact in zip(self._facts, facts, strict=True):
            button.set_fact(fact)
        troubles = self._vm.troubles
        while len(self._troubles) < len(troubles):
            button = FactButton(self._theme)
            button.clicked.connect(self._clicked)
            self._row.insertWidget(len(self._facts) + len(self._troubles), button)
            self._troubles.append(button)
        for number, button in enumerate(self._troubles):
            button.set_fact(troubles[number] if number < len(troubles) else Fact(""))
        self._promise.set_fact(Fact(self._vm.promise, "plain"))
        self._make_room()

    def set_palette_keys(self, keys: str) -> None:
        """Show another shortcut for the palette."""
        self._commands.set_keys(keys)

    def _clicked(self) -> None:
        button = self.sender()
        assert isinstance(button, FactButton)
        if button.fact.retry:
            self._vm.retry(button.fact.retry)
        elif button.fact.command:
            self.command_chosen.emit(button.fact.command)
        elif button.fact.page:
            self.page_chosen.emit(button.fact.page)

    def _measure(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))
        # The hairline above takes the first pixel.
        self._row.setContentsMargins(self._theme.px(4), 1, self._theme.px(4), 0)
        self._row.setSpacing(0)
        self._make_room()
        self.update()

    def _make_room(self) -> None:
        """Where not everything fits, leave out what matters least; a fault is always shown."""
        network, latency, sessions, wallet, _model, api = self._facts
        order = (self._promise, api, latency, wallet, network, sessions)
        may_go = [b for b in order if b.fact.text and not b.fact.retry]
        shown = [b for b in (*self._facts, *self._troubles, self._promise) if b.fact.text]
        room = self.width() - self._commands.sizeHint().width() - self._theme.px(PADDING)
        for button in may_go:
            if sum(each.sizeHint().width() for each in shown) <= room:
                break
            shown.remove(button)
        for button in (*self._facts, *self._troubles, self._promise):
            button.setVisible(button in shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decide again what fits."""
        super().resizeEvent(event)
        self._make_room()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and the hairline above."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("bg-sidebar"))
        painter.fillRect(0, 0, self.width(), 1, self._theme.color("line-subtle"))


class _FlatButton(QAbstractButton):
    """A button of the bar's height that looks like text; takes the focus only if it does
    something."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.updateGeometry)

    def draw(self, painter: QPainter, area: QRect) -> None:
        """Paint the content inside the padding."""
        raise NotImplementedError

    def text_width(self, text: str) -> int:
        """Room that a text takes."""
        return QFontMetrics(self.theme.font("caption")).horizontalAdvance(text)

    def write(self, painter: QPainter, area: QRect, text: str, token: str) -> None:
        """Write one line, cut where it does not fit."""
        painter.setFont(self.theme.font("caption"))
        painter.setPen(self.theme.color(token))
        shown = QFontMetrics(painter.font()).elidedText(
            text, Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the hover ground, the content and the focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = self.theme.px
        works = self.focusPolicy() != Qt.FocusPolicy.NoFocus
        inside = self.rect().adjusted(px(2), px(3), -px(2), -px(3))
        if works and (self.underMouse() or self.isDown()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("bg-active" if self.isDown() else "bg-hover"))
            painter.drawRoundedRect(QRectF(inside), 4, 4)
        self.draw(painter, self.rect().adjusted(px(PADDING), 0, -px(PADDING), 0))
        if self.hasFocus():
            paint_focus_ring(painter, inside, 4, self.theme)


class FactButton(_FlatButton):
    """One fact: a dot or an icon, a few words, and what a click does where that is not clear."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.fact = Fact("")

    def set_fact(self, fact: Fact) -> None:
        """Show another fact."""
        if fact == self.fact:
            return
        self.fact = fact
        self.setAccessibleName(f"{fact.text}. {self._offer}" if self._offer else fact.text)
        self.setAccessibleDescription(fact.tip)
        set_tip(self, fact.tip)
        works = bool(fact.retry or fact.command or fact.page)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if works else Qt.FocusPolicy.NoFocus)
        self.updateGeometry()
        self.update()

    def draw(self, painter: QPainter, area: QRect) -> None:
        """Paint sign and words."""
        left = area.left() + self._sign(painter, area)
        offer = self._offer_width()
        words = QRect(left, area.top(), area.right() + 1 - left - offer, area.height())
        self.write(painter, words, self.fact.text, WORDS.get(self.fact.tone, "text-3"))
        if offer:
            end = QRect(words.right() + 1, area.top(), offer, area.height())
            end.adjust(self.theme.px(PADDING), 0, 0, 0)
            self.write(painter, end, self._offer, "accent-text")

    def sizeHint(self) -> QSize:
        """Sign and words in full."""
        px = self.theme.px
        sign = self._sign_width()
        width = 2 * px(PADDING) + sign + self.text_width(self.fact.text) + self._offer_width() + 2
        return QSize(width, px(HEIGHT) - 1)

    def minimumSizeHint(self) -> QSize:
        """The sign, a few letters, and the offer."""
        least = self.theme.px(2 * PADDING + 40) + self._sign_width() + self._offer_width()
        return QSize(min(least, self.sizeHint().width()), self.theme.px(HEIGHT) - 1)

    @property
    def _offer(self) -> str:
        return RETRY if self.fact.retry else self.fact.offer

    def _offer_width(self) -> int:
        return self.text_width(self._offer) + self.theme.px(PADDING) + 2 if self._offer else 0

    def _sign_width(self) -> int:
        if self.fact.tone == "plain":
            return 0
        return self.theme.px((ICON if self.fact.icon else DOT) + 5)

    def _sign(self, painter: QPainter, area: QRect) -> int:
        px = self.theme.px
        if self.fact.tone == "plain":
            return 0
        token = DOTS[self.fact.tone]
        if self.fact.icon:
            pixmap = self.theme.pixmap(self.fact.icon, ICON, token)
            height = pixmap.deviceIndependentSize().height()
            painter.drawPixmap(
                area.left(), round(area.top() + (area.height() - height) / 2), pixmap
            )
        else:
            dot = QRectF(area.left(), area.center().y() + 1 - px(DOT) / 2, px(DOT), px(DOT))
            hollow = self.fact.tone == "quiet"
            painter.setPen(
                QPen(self.theme.color(token), 1.25) if hollow else QPen(Qt.PenStyle.NoPen)
            )
            painter.setBrush(Qt.BrushStyle.NoBrush if hollow else self.theme.color(token))
            painter.drawEllipse(dot.adjusted(0.7, 0.7, -0.7, -0.7) if hollow else dot)
        return self._sign_width()


class CommandsButton(_FlatButton):
    """The key caps of the palette and what they are for."""

    def __init__(self, keys: str, theme: Theme) -> None:
        super().__init__(theme)
        self._keys = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_keys(keys)

    def set_keys(self, keys: str) -> None:
        """Show another shortcut."""
        self._keys = keys
        self.setAccessibleName(f"{COMMANDS}, {keys}" if keys else COMMANDS)
        self.updateGeometry()
        self.update()

    def draw(self, painter: QPainter, area: QRect) -> None:
        """Paint caps and word."""
        caps = caps_width(self._keys, self.theme)
        paint_caps(painter, area.left(), area.center().y() + 1, self._keys, self.theme)
        words = area.adjusted(caps + (self.theme.px(6) if caps else 0), 0, 0, 0)
        self.write(painter, words, COMMANDS, "text-3")

    def sizeHint(self) -> QSize:
        """Caps and word."""
        caps = caps_width(self._keys, self.theme)
        gap = self.theme.px(6) if caps else 0
        width = 2 * self.theme.px(PADDING) + caps + gap + self.text_width(COMMANDS) + 2
        return QSize(width, self.theme.px(HEIGHT) - 1)

    def minimumSizeHint(self) -> QSize:
        """As the hint."""
        return self.sizeHint()
