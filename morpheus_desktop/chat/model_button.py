"""The button in the head of a chat that says which model will answer, and offers others."""

from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.row_button import RowButton
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import Chip, Picture, label
from morpheus_desktop.widgets.keycaps import with_keys
from morpheus_desktop.widgets.tip import set_tip
from router.inference.host import HostState
from router.inference.library import LocalModel
from router.untrusted import one_line

LONGEST_NAME = 32
UNKNOWN_PROGRESS = 0.04  # shows that something began
REMOTE_PHASES = {
    "loading": "looking",
    "offline": "not connected",
    "none": "no session",
    "locked": "locked",
    "ended": "session over",
}
PHASES = {"failed": "stopped", "missing": "not ready"}


class ModelButton(RowButton):
    """Icon, `Local · name`, the chip for what is free, an arrow; a bar while it is loaded.

    For a model of the network: a globe and its name.
    """

    def __init__(self, theme: Theme) -> None:
        self._icon = Picture(theme, "cpu", 16, "accent-text")
        self._words = label("", "body_strong")
        self._free = Chip(theme, "free", "accent")
        parts: tuple[QWidget, ...] = (
            self._icon,
            self._words,
            self._free,
            Picture(theme, "chevron-down", 14, "text-3"),
        )
        super().__init__(theme, "Model", *parts, margin=10)
        self.set_keys("")

    def set_keys(self, keys: str) -> None:
        """Show the shortcut that opens it."""
        set_tip(self, with_keys("Choose the model", keys))

    def show_remote(self, name: str, phase: str) -> None:
        """Say which model of the network it is, and what is in the way."""
        self._icon.set("globe", "accent-text" if phase == "open" else "text-3")
        self._free.hide()
        self._say(" · ".join(filter(None, (name, REMOTE_PHASES.get(phase, "")))))
        self.set_progress(0.0)

    def show_model(self, model: LocalModel | None, state: HostState) -> None:
        """Say which model it is and how it is."""
        self._icon.set("cpu", "accent-text")
        self._free.setVisible(model is not None)
        phase, progress = _phase(model, state)
        name = one_line(model.name, LONGEST_NAME) if model is not None else ""
        words = " · ".join(filter(None, ("Local", name, phase))) if name else "No model"
        self._say(words)
        self.set_progress(progress)

    def _say(self, words: str) -> None:
        self._words.setText(words)
        self.setAccessibleName(f"Model: {words}")
        self.updateGeometry()


def _phase(model: LocalModel | None, state: HostState) -> tuple[str, float]:
    """A word for what must be known of it, and how much of it is loaded while it is."""
    same = model is not None and state.model is not None and state.model.id == model.id
    if not same and state.phase != "missing":
        return "", 0.0
    if state.phase == "loading":
        percent = f"loading {state.progress:.0%}" if state.progress else "loading"
        return percent, max(state.progress, UNKNOWN_PROGRESS)
    return PHASES.get(state.phase, ""), 0.0
