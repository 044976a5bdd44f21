"""Three of the words, asked back."""

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QWidget

from morpheus_desktop.onboarding.step import NEVER_ASKED, Step
from morpheus_desktop.onboarding.word_grid import NUMBER_WIDTH, WordGrid, paint_cell
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from morpheus_desktop.widgets.basic import Picture, button, label
from morpheus_desktop.widgets.secret import SecretLine
from router.wallet import mnemonic

ROW = 32
HINT = "Enter"


class CheckStep(Step):
    """Fields in the cells that are asked for; the others stay covered."""

    def __init__(self, vm: OnboardingViewModel, theme: Theme) -> None:
        super().__init__(vm, theme, "Check three of your words", "")
        self._grid = WordGrid(theme, lambda: vm.draft.words, lambda: False)
        self._editors: dict[int, WordEdit] = {}
        self._offers = Offers(theme, self)
        self._problem_row = QWidget()
        self._problem = label("", "small", "danger", wrap=True)
        row = QHBoxLayout(self._problem_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(Picture(theme, "circle-x", 14, "danger"), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._problem, 1)
        again = button(theme, "Show the words again", "link", icon="undo-2")
        again.clicked.connect(vm.back)
        self.column.addWidget(self._grid)
        self.column.addWidget(self._problem_row)
        self.column.addWidget(again, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addSpacing(24)
        self.warn_of_watchers(NEVER_ASKED)

    @property
    def progress(self) -> str:
        """How far it is."""
        draft = self.vm.draft
        return f"{draft.right_words} of {len(draft.asked)} correct"

    def opened(self) -> None:
        """Ask for the words of the present phrase."""
        asked = self.vm.draft.asked
        if tuple(self._editors) != asked:
            self._grid.clear()
            self._editors = {}
            for place in asked:
                editor = self._editors[place] = WordEdit(self.theme, place)
                editor.textChanged.connect(lambda text, at=place: self._typed(at, text))
                editor.asked.connect(self._offer)
                editor.returnPressed.connect(self.enter)
                self._grid.put(place, editor)
            self._offers.follow(tuple(self._editors.values()))
        self.refresh()

    def refresh(self) -> None:
        """Say of each word whether it is right."""
        super().refresh()
        draft = self.vm.draft
        numbers = [str(place + 1) for place in draft.asked]
        self.say(
            self._title.text(),
            f"Type the words numbered {', '.join(numbers[:-1])} and {numbers[-1] if numbers else ''}"
            " from the paper you wrote them on. This is the only copy that can bring your "
            "wallet back.",
        )
        problems = []
        for place, editor in self._editors.items():
            if place >= len(draft.words):
                continue
            text = draft.typed.get(place, "")
            if editor.text() != text:
                editor.setText(text)
            problem = draft.word_problem(place)
            problems += [problem] if problem else []
            editor.set_state(right=draft.is_right(place), problem=problem)
        self._problem.setText(". ".join(problems))
        self._problem_row.setVisible(bool(problems))

    def first(self) -> QWidget | None:
        """The first word that is not right yet."""
        draft = self.vm.draft
        for place, editor in self._editors.items():
            if place < len(draft.words) and not draft.is_right(place):
                return editor
        return next(iter(self._editors.values()), None)

    def explain(self) -> None:
        """Go to what is missing."""
        if (editor := self.first()) is not None:
            editor.setFocus()

    def wipe(self) -> None:
        """Forget what was typed."""
        self._offers.hide()
        for editor in self._editors.values():
            editor.wipe()
        self._grid.clear()
        self._editors = {}

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The fields are elsewhere now."""
        super().resizeEvent(event)
        self._offers.hide()

    def _typed(self, place: int, text: str) -> None:
        if place < len(self.vm.draft.words) and self.vm.draft.typed.get(place, "") != text:
            self.vm.set_word(place, text)

    def _offer(self, editor: "WordEdit", words: tuple[str, ...]) -> None:
        below = self._grid.mapTo(self, editor.geometry().bottomLeft())
        self._offers.offer(editor, words, QRect(below.x(), below.y() + 8, editor.width(), 0))


class WordEdit(SecretLine):
    """One word in its cell.

    Signals:
        asked: (this, words that could be meant).
    """

    asked = Signal(object, tuple)

    def __init__(self, theme: Theme, place: int) -> None:
        super().__init__(theme, f"Word {place + 1}", hidden=False)
        self._place = place
        self._right, self._problem = False, ""
        self.offers: Offers | None = None
        self.setMaxLength(24)
        self.setFrame(False)
        self.setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0; }")
        self.textEdited.connect(lambda _text: self._ask())

    def set_state(self, *, right: bool, problem: str) -> None:
        """Right, wrong, or not known yet."""
        self._right, self._problem = right, problem
        self.setAccessibleDescription(problem or ("Right" if right else ""))
        self.update()

    def _ask(self) -> None:
        words = mnemonic.completions(self.text())
        self.asked.emit(self, () if words == (self.text(),) else words)

    def _restyle(self) -> None:
        super()._restyle()
        self.setFont(self._theme.font("mono"))
        px = self._theme.px
        self.setTextMargins(px(NUMBER_WIDTH + 13), 0, px(34), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cell below the text, and a check or a cross."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, line = "bg-app", "line-control"
        if self._right:
            ground, line = "accent-soft", "accent-line"
        elif self._problem:
            line = "danger"
        paint_cell(painter, self.rect(), self._place, self._theme, ground, line)
        if self._right or self._problem:
            icon = "check" if self._right else "x"
            token = "accent-text" if self._right else "danger"
            pixmap = self._theme.pixmap(icon, 16, token)
            side = round(pixmap.deviceIndependentSize().width())
            left = self.width() - self._theme.px(12) - side
            painter.drawPixmap(left, (self.height() - side) // 2, pixmap)
        painter.end()
        super().paintEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and the arrows work on what is offered first."""
        if self.offers is None or not self.offers.takes(event.key(), self):
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing is offered elsewhere."""
        super().focusOutEvent(event)
        if self.offers is not None:
            self.offers.hide()


class Offers(QWidget):
    """The words that could be meant, below their field."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._theme = theme
        self._words: tuple[str, ...] = ()
        self._at = 0
        self._editor: WordEdit | None = None
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    @property
    def words(self) -> tuple[str, ...]:
        """What is offered now."""
        return self._words if self.isVisible() else ()

    def follow(self, editors: tuple[WordEdit, ...]) -> None:
        """Offer words for these fields."""
        for editor in editors:
            editor.offers = self

    def offer(self, editor: WordEdit, words: tuple[str, ...], at: QRect) -> None:
        """Show words; none hides it."""
        self._words, self._at, self._editor = words, 0, editor
        self.setVisible(bool(words))
        if words:
            height = len(words) * self._theme.px(ROW) + self._theme.px(8)
            self.setGeometry(at.x(), at.y(), at.width(), height)
            self.raise_()
            self.update()

    def takes(self, key: int, editor: WordEdit) -> bool:
        """Whether a key was meant for it."""
        if not self.words or editor is not self._editor:
            return False
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if key == Qt.Key.Key_Down else -1
            self._at = (self._at + step) % len(self._words)
            self.update()
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self._at)
            return True
        if key == Qt.Key.Key_Escape:
            self.hide()
            return True
        return False

    def _take(self, number: int) -> None:
        word, editor = self._words[number], self._editor
        self.hide()
        if editor is not None:
            editor.setText(word)
            editor.focusNextChild()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click takes a word."""
        number = int((event.position().y() - self._theme.px(4)) // self._theme.px(ROW))
        if 0 <= number < len(self._words):
            self._take(number)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A small menu with the key that takes the chosen one."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color("bg-overlay"))
        painter.setPen(QPen(theme.color("line-strong"), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        for number, word in enumerate(self._words):
            row = QRect(px(4), px(4) + number * px(ROW), self.width() - px(8), px(ROW))
            if number == self._at:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("bg-active"))
                painter.drawRoundedRect(QRectF(row), 4, 4)
            inside = row.adjusted(px(12), 0, -px(10), 0)
            painter.setPen(theme.color("text"))
            painter.setFont(theme.font("mono"))
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, word)
            if number == self._at:
                painter.setFont(theme.font("caption"))
                painter.setPen(theme.color("text-3"))
                side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                painter.drawText(inside, side, HINT)
        painter.end()
