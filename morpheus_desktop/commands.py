"""The one table of what can be done in the window: the palette and the shortcuts both use it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from morpheus_desktop.prefs import Prefs

Group = Literal["Actions", "Settings"]


def _always() -> bool:
    return True


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Command:
    """One thing that can be done.

    Args:
        id: stable name, for example "chat.new"; the user's own shortcut is kept under it.
        title: what happens, as a button would say it.
        run: does it; called on the loop's thread.
        keys: built-in shortcut in Qt's portable form ("Ctrl+Shift+N"), or empty.
        detail: a short fact shown behind the title, asked each time it is shown.
        keywords: other words people may look for.
        enabled: asked each time; a command that is not enabled is not offered.
        checked: for a switch that can be flipped in place: whether it is on.
        listed: offered in the palette.
    """

    id: str
    title: str
    run: Callable[[], object]
    keys: str = ""
    icon: str = "chevron-right"
    group: Group = "Actions"
    detail: Callable[[], str] | None = None
    keywords: tuple[str, ...] = ()
    enabled: Callable[[], bool] = _always
    checked: Callable[[], bool] | None = None
    listed: bool = True


class Commands(QObject):
    """All commands, with the shortcuts in force.

    Signals:
        changed: a command was added or a shortcut was changed.
    """

    changed = Signal()

    def __init__(self, prefs: Prefs) -> None:
        super().__init__()
        self._prefs = prefs
        self._commands: dict[str, Command] = {}
        self._shortcuts: dict[str, QShortcut] = {}
        self._window: QWidget | None = None
        self._blocked: Callable[[], bool] = _never

    def add(self, *commands: Command) -> None:
        """Add commands; their shortcuts work at once when the table is bound to a window.

        Raises:
            ValueError: an id is taken.
        """
        for command in commands:
            if command.id in self._commands:
                raise ValueError(f"the command {command.id} is there already")
            self._commands[command.id] = command
            self._attach(command)
        self.changed.emit()

    def bind(self, window: QWidget, blocked: Callable[[], bool] = _never) -> None:
        """Make all shortcuts work in this window, except while it is `blocked` by a dialog."""
        self._window = window
        self._blocked = blocked
        for command in self.all():
            self._attach(command)

    def all(self) -> tuple[Command, ...]:
        """Every command, in the order in which they were added."""
        return tuple(self._commands.values())

    def find(self, command_id: str) -> Command | None:
        """The command of this id, if there is one."""
        return self._commands.get(command_id)

    def run(self, command_id: str) -> None:
        """Do it, if the command exists and is enabled now."""
        command = self._commands.get(command_id)
        if command is not None and command.enabled():
            command.run()

    def keys(self, command_id: str) -> str:
        """The shortcut in force, in portable form, or empty."""
        own = self._prefs.keys(command_id)
        return self._commands[command_id].keys if own is None else own

    def shown_keys(self, command_id: str) -> str:
        """The shortcut in force as this platform writes it, or empty."""
        return QKeySequence(self.keys(command_id)).toString(QKeySequence.SequenceFormat.NativeText)

    def conflict(self, command_id: str, keys: str) -> Command | None:
        """The other command that already uses these keys, if any."""
        wanted = QKeySequence(keys)
        if wanted.isEmpty():
            return None
        for other in self.all():
            if other.id != command_id and QKeySequence(self.keys(other.id)) == wanted:
                return other
        return None

    def set_keys(self, command_id: str, keys: str | None) -> None:
        """Give a command another shortcut (empty: none), or with None its built-in one.

        Ask `conflict` first: two commands with the same keys keep each other from working.
        """
        self._prefs.set_keys(command_id, keys)
        self._attach(self._commands[command_id])
        self.changed.emit()

    def _pressed(self, command_id: str) -> None:
        if not self._blocked():
            self.run(command_id)

    def _attach(self, command: Command) -> None:
        if self._window is None:
            return
        keys = QKeySequence(self.keys(command.id))
        shortcut = self._shortcuts.get(command.id)
        if shortcut is None and not keys.isEmpty():
            shortcut = QShortcut(self._window)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(partial(self._pressed, command.id))
            self._shortcuts[command.id] = shortcut
        if shortcut is not None:
            shortcut.setKey(keys)
