"""Settings: the HTTP interface, its keys, and who may reach it."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from morpheus_desktop.settings.form import Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.basic import Chip, button, icon_button, label
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.switch import Switch
from router.api.keys import ApiKey
from router.parts import Part, PartState
from router.untrusted import one_line

WARNING = "Other computers in your network can reach the interface with a key."
WARNING_DETAIL = "What they send and get is not encrypted on the way."
SETTINGS = ("api.port", "api.host")


class ApiSection(Section):
    """Switch, address, keys."""

    def __init__(self, vm: SettingsViewModel, part: Part, theme: Theme) -> None:
        super().__init__(
            "API access", "Other programs on this computer can use your models, with a key."
        )
        self._vm = vm
        self._theme = theme
        self._lan_note = Note(theme, "warn", WARNING, WARNING_DETAIL)
        self.column.addWidget(self._lan_note)
        self._server_card(part)
        self._cookie_card()
        self._keys_card()
        self.finish()
        vm.changed.connect(self._show)
        vm.keys_changed.connect(self._show_keys)
        vm.key_made.connect(self._show_new_key)
        vm.refused.connect(self._refused)
        self._unsubscribe = part.changed.subscribe(self._show_part)
        self.destroyed.connect(lambda unsubscribe=self._unsubscribe: unsubscribe())
        self._show()
        self._show_part(part.state)
        self._show_keys()

    def _server_card(self, part: Part) -> None:
        theme, vm = self._theme, self._vm
        self._card = self.card()
        self._enabled = Switch(theme, "API server")
        self._enabled.toggled.connect(lambda on: vm.change({"api.enabled": on}))
        self._address = label("", "mono", "text-2")
        self._card.row("API server", "OpenAI-compatible", self._address, self._enabled)
        self._port = QSpinBox()
        self._port.setAccessibleName("Port")
        self._port.setRange(0, 65535)
        self._port.setMinimumWidth(theme.px(96))
        self._port.editingFinished.connect(lambda: vm.change({"api.port": self._port.value()}))
        self._card.row(
            "Port", "When it is taken, the next free one is used", self._port, setting="api.port"
        )
        self._lan = Switch(theme, "Let other computers in")
        self._lan.toggled.connect(self._set_lan)
        self._card.row(
            "Let other computers in", "Off: this computer only", self._lan, setting="api.host"
        )
        self._bodies = Switch(theme, "Log questions and answers")
        self._bodies.toggled.connect(lambda on: vm.change({"api.log_bodies": on}))
        self._card.row(
            "Log questions and answers", "In the request log of this window only", self._bodies
        )

    def _cookie_card(self) -> None:
        card = self.card("The key of this installation")
        copy = button(self._theme, "Copy key", icon="copy")
        copy.clicked.connect(self._copy_cookie)
        card.row("Key for your own programs", str(self._vm.paths.cookie), copy)

    def _keys_card(self) -> None:
        self._keys_heading = self.card("Named keys")
        self._name = QLineEdit(placeholderText="Name, for example Editor")
        self._name.setAccessibleName("Name of the new key")
        self._name.setMaxLength(60)
        self._name.setMinimumWidth(self._theme.px(220))
        make = button(self._theme, "Make a key")
        make.clicked.connect(self._make)
        self._name.returnPressed.connect(self._make)
        self._keys_heading.row("New key", "For chat, models and embeddings", self._name, make)
        self._new = Note(self._theme, "accent")
        self._new.hide()
        self._new_text = ""
        copy = button(self._theme, "Copy", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._new_text))
        self._new.add_action(copy)
        self.column.addWidget(self._new)
        self._keys = QVBoxLayout()
        self._keys.setSpacing(0)
        holder = QWidget()
        holder.setLayout(self._keys)
        self._keys.setContentsMargins(0, 0, 0, 0)
        self._keys_heading.add(holder)

    def _make(self) -> None:
        self._vm.make_key(self._name.text(), ("models", "chat", "embeddings"))

    def _show_new_key(self, text: str) -> None:
        self._name.clear()
        self._new_text = text
        self._new.set("accent", "This key is shown once. Copy it now.", text)
        self._new.show()

    def _copy_cookie(self) -> None:
        QGuiApplication.clipboard().setText(self._vm.cookie().partition(":")[2])

    def _set_lan(self, on: bool) -> None:
        host = "0.0.0.0" if on else "127.0.0.1"  # noqa: S104 - the user asked for it
        self._vm.change({"api.allow_lan": on, "api.host": host})

    def _show(self) -> None:
        api = self._vm.config.api
        for field, on in (
            (self._enabled, api.enabled),
            (self._lan, api.allow_lan),
            (self._bodies, api.log_bodies),
        ):
            field.blockSignals(True)
            field.setChecked(on)
            field.blockSignals(False)
            field.update()
        self._port.blockSignals(True)
        self._port.setValue(api.port)
        self._port.blockSignals(False)
        self._lan_note.setVisible(api.allow_lan)
        for name in SETTINGS:
            self._card.show_problem(name, "")

    def _show_part(self, state: PartState) -> None:
        self._address.setText(state.detail if state.phase == "ready" else "")
        if state.error is not None:
            self._card.show_problem("api.port", state.error.message)

    def _refused(self, name: str, error: Exception) -> None:
        self._card.show_problem(name, str(error))
        self._show()
        self._card.show_problem(name, str(error))

    def _show_keys(self) -> None:
        while (item := self._keys.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for key in self._vm.keys:
            self._keys.addWidget(self._key_row(key))
        if not self._vm.keys:
            empty = label(
                "No named keys. Make one for each program, to revoke it alone.", "small", "text-3"
            )
            empty.setContentsMargins(0, 10, 0, 10)
            self._keys.addWidget(empty)

    def _key_row(self, key: ApiKey) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 8, 0, 8)
        line.setSpacing(8)
        line.addWidget(label(one_line(key.name), "body"))
        line.addWidget(label(f"mk-{key.id}-…", "mono", "text-3"))
        line.addStretch()
        for scope in key.scopes:
            line.addWidget(Chip(self._theme, scope))
        revoke = icon_button(self._theme, "trash-2", f"Revoke {one_line(key.name)}")
        revoke.clicked.connect(lambda: self._vm.revoke_key(key))
        line.addWidget(revoke)
        return row
