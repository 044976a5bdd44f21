"""Settings: the HTTP interface, who may reach it, and the key of this installation."""

from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QVBoxLayout

from morpheus_desktop.problems import describe
from morpheus_desktop.settings.form import Card, Section
from morpheus_desktop.settings.keys import KeysCard
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.basic import button, icon_button, label
from morpheus_desktop.widgets.field import Choice, NumberBox
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.switch import Switch
from router.config import is_loopback
from router.untrusted import one_line

HERE, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - offered, with a warning


class ApiSection(Section):
    """Switch, address, port; the key of the installation; named keys."""

    def __init__(self, vm: SettingsViewModel, theme: Theme) -> None:
        super().__init__(theme, "API access")
        self._vm = vm
        self._notes = QVBoxLayout()
        self._notes.setSpacing(8)
        self.column.addLayout(self._notes)
        self._server(self.card("Local API"))
        self._own_key(self.card("Key of this installation"))
        self._named = self.add_card(KeysCard(vm, theme))
        vm.changed.connect(self._show)
        theme.changed.connect(self._show)
        vm.api_changed.connect(self._show)
        vm.refused.connect(lambda name, error: self.show_problem(name, error.message))
        self._show()

    def _server(self, card: Card) -> None:
        theme, vm = self.theme, self._vm
        self._copy = icon_button(theme, "copy", "Copy the address")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(vm.address))
        self._enabled = Switch(theme, "API server")
        self._enabled.toggled.connect(lambda on: vm.change({"api.enabled": on}))
        self._running = card.row("plug", "API server", "", self._copy, self._enabled)
        self._host = Choice(theme, "Who can reach it", [])
        self._host.chosen.connect(self._set_host)
        card.row(
            "wifi",
            "Who can reach it",
            "Every request needs a key, also from this computer.",
            self._host,
            setting="api.host",
        )
        self._port = NumberBox(theme, "Port", 0, 65535)
        self._port.setGroupSeparatorShown(False)
        self._port.setSpecialValueText("Any free one")
        self._port.valueChanged.connect(lambda port: vm.change({"api.port": port}))
        self._port_row = card.row(
            "server", "Port", "When it is taken, the next free one is used.", self._port
        )
        self._bodies = Switch(theme, "Keep questions and answers in the request log")
        self._bodies.toggled.connect(lambda on: vm.change({"api.log_bodies": on}))
        card.row(
            "logs",
            "Keep questions and answers in the request log",
            "In memory only, until the app ends.",
            self._bodies,
        )

    def _own_key(self, card: Card) -> None:
        self._key = label("", "mono", wrap=True)
        self._key.hide()
        self._reveal = button(self.theme, "Show")
        self._reveal.setCheckable(True)
        self._reveal.toggled.connect(self._show_key)
        copy = button(self.theme, "Copy", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._vm.own_key))
        row = card.row(
            "key-round",
            "Key for your own programs",
            f"It may do everything. Programs find it in {self._vm.paths.cookie}",
            self._reveal,
            copy,
        )
        row.add_below(self._key)

    def forget_keys(self) -> None:
        """Show no key any more."""
        self._reveal.setChecked(False)
        self._named.forget()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page or section; a minimized window comes back as it was."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.forget_keys()

    def _show_key(self, shown: bool) -> None:
        self._key.setText(self._vm.own_key if shown else "")
        self._key.setVisible(shown)
        self._reveal.setText("Hide" if shown else "Show")

    def _set_host(self, host: str) -> None:
        self._vm.change({"api.host": host, "api.allow_lan": not is_loopback(host)})

    def _show(self) -> None:
        px, api = self.theme.px, self._vm.config.api
        self._enabled.show_state(on=api.enabled)
        self._bodies.show_state(on=api.log_bodies)
        hosts = [(HERE, "This computer only"), (EVERYWHERE, "The whole network")]
        if api.host not in dict(hosts):
            hosts.append((api.host, one_line(api.host)))
        self._host.set_choices(hosts)
        self._host.choose(api.host)
        self._port.blockSignals(True)
        self._port.setValue(api.port)
        self._port.blockSignals(False)
        self._port.setFixedWidth(px(132))
        self.clear_problems()
        self._show_state()

    def _show_state(self) -> None:
        vm = self._vm
        self._copy.setVisible(bool(vm.address))
        self._enabled.set_busy(busy=vm.api.phase == "starting")
        self._running.say(describe(vm.api.error).text if vm.api.error is not None else "")
        if vm.address:
            self._running.set_about(f"OpenAI-compatible, at {vm.address}")
        else:
            self._running.set_about("Starting" if vm.api.phase == "starting" else "Off")
        moved = f"Port {vm.taken_port} is used by another program." if vm.taken_port else ""
        self._port_row.say(moved, "warn")
        while (item := self._notes.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for text in vm.warnings:
            first, _, rest = text.partition(". ")
            self._notes.addWidget(Note(self.theme, "warn", f"{first}." if rest else first, rest))
