"""Settings: named keys of the HTTP interface, each for one program and with its own scopes."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from morpheus_desktop.settings.form import Card, Row
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.basic import button, set_property
from morpheus_desktop.widgets.check import CheckBox
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.wrap import Wrap
from router.api.keys import LONGEST_NAME, SCOPES, ApiKey
from router.errors import MorpheusError
from router.untrusted import one_line

WORDS = {
    "models": "See models",
    "chat": "Chat",
    "embeddings": "Embeddings",
    "chats": "Saved chats",
    "market": "The market",
    "wallet": "Balances",
    "spend": "Sending money",
    "admin": "Everything",
}
AT_FIRST = ("models", "chat", "embeddings")
REFUSED = ("name", "scopes")


class KeysCard(Card):
    """A form for a new key, the new key until one looks elsewhere, and the keys there are."""

    def __init__(self, vm: SettingsViewModel, theme: Theme) -> None:
        super().__init__(
            theme, "Named keys", "Make one for each program, so that each can be revoked alone."
        )
        self._vm = vm
        self._theme = theme
        self._made = ""
        self._shown: dict[str, Row] = {}
        self._name = LineEdit(theme, "Name of the new key", hint="For example Editor")
        self._name.setMaxLength(LONGEST_NAME)
        self._scopes = {scope: CheckBox(theme, WORDS[scope]) for scope in SCOPES}
        for scope in AT_FIRST:
            self._scopes[scope].setChecked(True)
        self._note = Note(theme, "accent")
        self._form = self._make_form()
        vm.key_made.connect(self._show_made)
        vm.refused.connect(self._refuse)
        vm.keys_changed.connect(self._show_keys)
        theme.changed.connect(self._fit)
        self._fit()
        self._show_keys()

    def _make_form(self) -> Row:
        make = button(self._theme, "Make a key")
        make.clicked.connect(self._make)
        self._name.returnPressed.connect(self._make)
        form = self.row("plus", "New key", "A name, and what it may do.", self._name, make)
        scopes = QWidget()
        line = Wrap(scopes, gap=12, line_gap=0)
        for box in self._scopes.values():
            line.addWidget(box)
        form.add_below(scopes)
        copy = button(self._theme, "Copy", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._made))
        self._note.add_action(copy)
        self._note.hide()
        form.add_below(self._note)
        return form

    def _fit(self) -> None:
        self._name.setFixedWidth(self._theme.px(160))

    def _make(self) -> None:
        scopes = tuple(scope for scope, box in self._scopes.items() if box.isChecked())
        self._vm.make_key(self._name.text(), scopes)

    def _refuse(self, name: str, error: MorpheusError) -> None:
        if name in REFUSED:
            self._form.say(error.message)
            set_property(self._name, "problem", "true" if name == "name" else "false")

    def _show_made(self, text: str) -> None:
        self._form.say("")
        set_property(self._name, "problem", "false")
        self._name.clear()
        self._made = text
        self._note.set("accent", "This key is shown once. Copy it now.", text)
        self._note.show()

    def forget(self) -> None:
        """Do not show the new key any more."""
        self._made = ""
        self._note.set("accent", "", "")
        self._note.hide()

    def _show_keys(self) -> None:
        keys = {key.id: key for key in self._vm.keys}
        for key_id in self._shown.keys() - keys.keys():
            self.remove(self._shown.pop(key_id))
        for key_id in keys.keys() - self._shown.keys():
            self._shown[key_id] = self._key_row(keys[key_id])

    def _key_row(self, key: ApiKey) -> Row:
        name = one_line(key.name)
        scopes = ", ".join(WORDS[scope] for scope in key.scopes)
        revoke = button(self._theme, "Revoke", "danger")
        revoke.setAccessibleName(f"Revoke {name}")
        revoke.clicked.connect(lambda: self._vm.revoke_key(key))
        return self.row("key-round", name, f"mk-{key.id}-…   {scopes}", revoke)
