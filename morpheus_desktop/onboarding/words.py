"""The new phrase, to be written down."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from morpheus_desktop.onboarding.step import NEVER_ASKED, Step
from morpheus_desktop.onboarding.word_grid import WordGrid
from morpheus_desktop.secret_clipboard import SecretClipboard
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.note import Note, grow
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.tip import set_tip

COPIED = "Copied. The clipboard is cleared in 30 s."


class WordsStep(Step):
    """12 or 24 words, hidden until they are asked for."""

    next_text = "I wrote them down"

    def __init__(self, vm: OnboardingViewModel, theme: Theme, clipboard: SecretClipboard) -> None:
        super().__init__(
            vm,
            theme,
            "",
            "Write them on paper, in this order. They are the only copy that can bring your "
            "wallet back. They hide when you look at another window.",
        )
        self._clipboard = clipboard
        self._shown = False
        self._count = Segmented(theme, "Number of words", [("12", "12 words"), ("24", "24 words")])
        self._count.chosen.connect(self._choose)
        self._reveal = button(theme, "Show the words", icon="eye")
        self._reveal.clicked.connect(self._toggle)
        self._copy = button(theme, "Copy", "ghost", icon="copy")
        self._copy.clicked.connect(self._warn)
        self._grid = WordGrid(theme, lambda: vm.draft.words, lambda: self._shown)
        self._warning: Note = self._make_warning()
        row = QHBoxLayout()
        row.addWidget(self._count)
        row.addStretch()
        row.addWidget(self._copy)
        row.addWidget(self._reveal)
        self.column.addLayout(row)
        self.column.addWidget(self._grid)
        self.column.addWidget(self._warning)
        self.warn_of_watchers(NEVER_ASKED)

    def _make_warning(self) -> Note:
        note = Note(
            self.theme,
            "danger",
            "Other programs can read the clipboard.",
            "Paper is safer. A copy is removed after 30 s, if it is still there.",
            icon="triangle-alert",
        )
        anyway = button(self.theme, "Copy anyway", "danger")
        anyway.clicked.connect(self._copy_words)
        leave = button(self.theme, "Do not copy")
        leave.clicked.connect(note.hide)
        note.add_action(leave, below=True)
        note.add_action(anyway, below=True)
        grow(note)
        note.hide()
        return note

    def refresh(self) -> None:
        """The number of words may be another."""
        super().refresh()
        count = len(self.vm.draft.words)
        self.say(f"Write down {count} words", self._about.text())
        if count:
            self._count.choose(str(count))
        self._reveal.setText("Hide the words" if self._shown else "Show the words")
        self._reveal.set_icon("eye-off" if self._shown else "eye")
        self._grid.refresh()

    def opened(self) -> None:
        """Hidden at first, each time."""
        self._shown = False
        self._warning.hide()
        self.refresh()

    def first(self) -> QWidget | None:
        """What shows them."""
        return self._reveal

    def wipe(self) -> None:
        """Nothing is kept here; hide what is shown."""
        self._shown = False
        self._clipboard.clear()

    def _choose(self, count: str) -> None:
        self.vm.set_count(int(count))
        if self._shown:
            self.vm.set(seen=True)

    def _toggle(self) -> None:
        self._shown = not self._shown
        self.vm.set(seen=True)

    def _warn(self) -> None:
        self._warning.show()

    def _copy_words(self) -> None:
        self._clipboard.copy(" ".join(self.vm.draft.words))
        self._warning.hide()
        set_tip(self._copy, COPIED)
        self._copy.setText("Copied for 30 s")
