"""What is wrong, above the models: the runtime, the part that looks for files, the last action."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.problems import describe
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.models import ModelsViewModel
from morpheus_desktop.widgets.basic import button, icon_button
from morpheus_desktop.widgets.note import Note


class Notes(QWidget):
    """One note for each thing that can be wrong; no higher than what is."""

    def __init__(self, vm: ModelsViewModel, theme: Theme) -> None:
        super().__init__()
        self._vm = vm
        self._part = Note(theme)
        look = button(theme, "Look again", icon="rotate-cw")
        look.clicked.connect(vm.look_again)
        self._part.add_action(look)
        self._host = Note(theme)
        self._smaller = button(theme, "")
        self._smaller.clicked.connect(vm.load_smaller)
        self._again = button(theme, "Try again", "ghost", icon="rotate-cw")
        self._again.clicked.connect(self._load_again)
        self._host.add_action(self._smaller)
        self._host.add_action(self._again)
        self._list = Note(theme)
        self._action = Note(theme)
        close = icon_button(theme, "x", "Close this note")
        close.clicked.connect(self.forget)
        self._action.add_action(close)
        self._action.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for note in (self._part, self._host, self._list, self._action):
            column.addWidget(note)
        vm.refused.connect(self._explain)
        self.show_state()

    def show_state(self) -> None:
        """Show what is wrong now."""
        part, host = self._vm.part, self._vm.host_state
        if part.error is not None:
            self._part.set_error(part.error)
        self._part.setVisible(part.error is not None)
        if host.error is not None:
            problem = describe(host.error)
            missing = host.phase == "missing"
            rest = " ".join(words for words in (problem.safe, problem.hint) if words)
            self._host.set("warn" if missing else "danger", problem.message, rest)
            tokens = self._vm.smaller_context
            self._smaller.setText(f"Load with {fmt.count(tokens)} tokens")
            self._smaller.setVisible(bool(tokens))
            self._again.setVisible(not missing)
        self._host.setVisible(host.error is not None)
        if self._vm.problem:
            self._list.set("warn", self._vm.problem)
        self._list.setVisible(bool(self._vm.problem))
        self._show_self()

    def forget(self) -> None:
        """Take the note about the last action away."""
        self._action.hide()
        self._show_self()

    def _explain(self, error: Exception) -> None:
        self._action.set_error(error)
        self._action.show()
        self._show_self()

    def _load_again(self) -> None:
        if (model := self._vm.host_state.model) is not None:
            self._vm.load(model.id)

    def _show_self(self) -> None:
        notes = (self._part, self._host, self._list, self._action)
        self.setVisible(any(not note.isHidden() for note in notes))
