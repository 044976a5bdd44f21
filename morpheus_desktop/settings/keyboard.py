"""Settings: the keys of every command; no two have the same."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.settings.form import Row, Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.basic import ThemedButton, icon_button

CHANGING = frozenset({"Ctrl", "Alt", "Meta"})
ALONE = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
LEAVING = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)
FIELD_WIDTH = 160


class KeyboardSection(Section):
    """A row for each command: its keys, which can be pressed anew, and the way back."""

    def __init__(self, commands: Commands, theme: Theme) -> None:
        super().__init__(theme, "Keyboard")
        self._commands = commands
        self._rows: dict[str, tuple[Row, KeysField, ThemedButton]] = {}
        card = self.card("", "Go to a field and press other keys. Backspace takes them away.")
        for command in commands.all():
            field = KeysField(command.title)
            field.pressed.connect(lambda keys, command=command: self._take(command, keys))
            back = icon_button(theme, "undo-2", f"Built-in keys: {command.title}")
            back.clicked.connect(lambda _=False, command=command: self._take(command, None))
            row = card.row(command.icon, command.title, "", field, back)
            self._rows[command.id] = (row, field, back)
        commands.changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    def _take(self, command: Command, keys: str | None) -> None:
        row = self._rows[command.id][0]
        wanted = command.keys if keys is None else keys
        other = self._commands.conflict(command.id, wanted)
        if other is not None:
            shown = QKeySequence(wanted).toString(QKeySequence.SequenceFormat.NativeText)
            row.say(f"{shown} is already for: {other.title}.")
        elif wanted and not _works(wanted):
            row.say("Use a function key, or Ctrl or Alt with another key.")
        else:
            row.say("")
            self._commands.set_keys(command.id, None if wanted == command.keys else wanted)

    def _show(self) -> None:
        for command in self._commands.all():
            if command.id in self._rows:
                _row, field, back = self._rows[command.id]
                field.setText(self._commands.shown_keys(command.id))
                field.setFixedWidth(self.theme.px(FIELD_WIDTH))
                built_in = self._commands.keys(command.id) == command.keys
                back.set_reason("These are the built-in keys." if built_in else "")


class KeysField(QLineEdit):
    """Shows keys; the ones that are pressed in it are told and not typed.

    Signals:
        pressed: the keys in portable form, or "" for none.
    """

    pressed = Signal(str)

    def __init__(self, command: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAccessibleName(f"Keys: {command}")
        self.setPlaceholderText("None")

    def event(self, event: QEvent) -> bool:
        """Keep the window from taking its shortcuts before they are seen here."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell what was pressed; Tab and Esc lead on as everywhere."""
        key = Qt.Key(event.key())
        if key in LEAVING or key in ALONE:
            event.ignore()
        elif key == Qt.Key.Key_Backspace:
            self.pressed.emit("")
        else:
            self.pressed.emit(QKeySequence(event.keyCombination()).toString())


def _works(keys: str) -> bool:
    """Whether keys may be a shortcut: a letter alone would be lost to typing."""
    *held, key = keys.split("+")
    return bool(CHANGING & set(held)) or (key[:1] == "F" and key[1:].isdigit())
