"""What the steps have in common: a title, a sentence, a column, and a note for what went wrong."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from morpheus_desktop.widgets.basic import label
from morpheus_desktop.widgets.note import Note, NoteTone, grow

NEVER_ASKED = (
    "Nobody from Morpheus will ever ask for these words. Anyone who has them can take everything "
    "in the wallet."
)


class Step(QWidget):
    """One step; made when it is first opened.

    Subclasses fill `column` and implement what they need of the methods below.
    """

    next_text = "Next"

    def __init__(self, vm: OnboardingViewModel, theme: Theme, title: str, about: str) -> None:
        super().__init__()
        self.vm = vm
        self.theme = theme
        self._title = label(title, "display", wrap=True)
        self._about = label(about, "reading", "text-2", wrap=True)
        self._note = Note(theme, "danger")
        self._note.hide()
        grow(self)
        grow(self._note)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(4, 4, 4, 4)
        outer.setSpacing(0)
        outer.addWidget(self._title)
        outer.addSpacing(8)
        outer.addWidget(self._about)
        outer.addSpacing(24)
        self.column = QVBoxLayout()
        self.column.setSpacing(12)
        self.column.addWidget(self._note)
        outer.addLayout(self.column)

    def say(self, title: str, about: str) -> None:
        """Say something else above."""
        self._title.setText(title)
        self._about.setText(about)

    def refresh(self) -> None:
        """Show what is true now."""
        self._note.setVisible(self.vm.error is not None)
        if self.vm.error is not None:
            self._note.set_error(self.vm.error)

    def add_note(self, tone: NoteTone, title: str, text: str, icon: str = "") -> Note:
        """A notice in the column that may take as many lines as it needs."""
        note = Note(self.theme, tone, title, text, icon=icon)
        grow(note)
        self.column.addWidget(note)
        return note

    def warn_of_watchers(self, about: str) -> None:
        """Something secret is on the screen in this step."""
        self.add_note("warn", "Make sure nobody can see your screen.", about, icon="eye-off")

    def opened(self) -> None:
        """It is in sight from now on."""

    def explain(self) -> None:
        """Say at its fields why it cannot be left; somebody tried to."""

    def first(self) -> QWidget | None:
        """What gets the focus when it opens."""
        return None

    @property
    def progress(self) -> str:
        """A few words beside the button."""
        return ""

    def wipe(self) -> None:
        """Forget what was typed."""

    def typed(self, name: str, text: str) -> None:
        """Keep what was typed in the field of this name."""
        if getattr(self.vm.draft, name) != text:
            self.vm.set(**{name: text})

    def enter(self) -> None:
        """Go on as the button does, or say why not."""
        if self.vm.problem:
            self.explain()
        else:
            self.vm.forward()
