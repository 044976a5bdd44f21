"""Settings: keys, locking, the keychain, and removing the wallet."""

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog

from morpheus_desktop import format as fmt
from morpheus_desktop.dialogs.password import PasswordDialog
from morpheus_desktop.dialogs.security import EraseDialog, NewPasswordDialog, SecretDialog
from morpheus_desktop.problems import describe
from morpheus_desktop.secret_clipboard import SecretClipboard
from morpheus_desktop.settings.form import Card, Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.ui_tasks import UiTasks, show
from morpheus_desktop.viewmodels.security import SecurityViewModel
from morpheus_desktop.widgets.basic import ThemedButton, button
from morpheus_desktop.widgets.field import Choice
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.switch import Switch
from router.errors import MorpheusError
from router.files import replace_private

Work = Callable[[], Coroutine[Any, Any, None]]

IDLE = [
    ("60", "1 minute"),
    ("300", "5 minutes"),
    ("900", "15 minutes"),
    ("3600", "1 hour"),
    ("0", "Never"),
]


class SecuritySection(Section):
    """Everything about the wallet file; each action asks for the password again.

    Signals:
        setup_asked: the user wants a wallet.
    """

    setup_asked = Signal()

    def __init__(self, vm: SecurityViewModel, theme: Theme) -> None:
        super().__init__(theme, "Security")
        self._vm = vm
        self._tasks = UiTasks(vm.failed.emit)
        self._clipboard = SecretClipboard(self)
        self._none = Note(theme, "info")
        self._set_up = button(theme, "Set up a wallet")
        self._set_up.clicked.connect(self.setup_asked)
        self._none.add_action(self._set_up)
        self.column.addWidget(self._none)
        self._keys(self.card("Keys"))
        self._locking(self.card("Locking"))
        self._removing(self.card("Removing"))
        vm.changed.connect(self._show)
        vm.refused.connect(self._refused)
        theme.changed.connect(self._show)
        self._show()

    async def close_tasks(self) -> None:
        """End what runs."""
        self._clipboard.clear()
        await self._tasks.close()

    def _keys(self, card: Card) -> None:
        self._reveal = self._action("Show", "phrase", self._reveal_phrase)
        card.row(
            "eye",
            "Recovery phrase",
            "Asks for your password and hides when the window loses focus.",
            self._reveal,
        )
        self._change = self._action("Change", "password", self._change_password)
        card.row(
            "lock",
            "Password",
            "Encrypts the keys with Argon2id. Interrupted, exactly one of the two works.",
            self._change,
        )
        self._key = self._action("Export", "key", self._export_key)
        card.row("key-round", "Private key", "Of this account only.", self._key)
        self._file = self._action("Export…", "key file", self._export_file)
        card.row(
            "file-down",
            "Key file",
            "For another wallet, under a password of its own.",
            self._file,
        )

    def _locking(self, card: Card) -> None:
        self._lock = button(self.theme, "Lock now", icon="lock")
        self._lock.clicked.connect(self._vm.lock)
        self._lock_row = card.row("lock", "Lock the wallet", "", self._lock)
        self._idle = Choice(self.theme, "Lock when idle", IDLE)
        self._idle.chosen.connect(lambda key: self._vm.set_lock_after(int(key)))
        card.row(
            "clock",
            "Lock when idle",
            "Running sessions keep streaming, are closed at their end, and their stake is taken "
            "back. Sending and staking need the password again. It always locks after the computer "
            "has slept.",
            self._idle,
        )
        self._remembered = Switch(self.theme, "Unlock with the system keychain")
        self._remembered.toggled.connect(self._set_keychain)
        self._keychain = card.row(
            "key-round", "Unlock with the system keychain", "", self._remembered
        )

    def _removing(self, card: Card) -> None:
        self._erase = self._action("Remove…", "erase", self._erase_wallet, danger=True)
        card.row(
            "trash-2",
            "Remove this wallet from the computer",
            "You can only get it back with your recovery phrase or key.",
            self._erase,
        )

    def _action(self, words: str, key: str, work: Work, *, danger: bool = False) -> ThemedButton:
        made = button(self.theme, words, "danger" if danger else "secondary")
        made.clicked.connect(lambda: self._tasks.start(key, work()))
        return made

    def _show(self) -> None:
        vm, state = self._vm, self._vm.state
        self._none.set("info", vm.reason)
        self._none.setVisible(bool(vm.reason))
        self._set_up.setVisible(not vm.can_erase)
        self._reveal.set_reason(vm.phrase_reason)
        for action in (self._change, self._key, self._file):
            action.set_reason(vm.reason)
        locked = state is not None and state.kind == "locked"
        self._lock.set_reason(vm.reason or ("It is locked already." if locked else ""))
        goes_on = f"Locked or not, this goes on: {', '.join(vm.exempt)}." if vm.exempt else ""
        about = "It is locked." if locked else "Forgets the key; Ctrl+L."
        self._lock_row.set_about(f"{about} {goes_on}".rstrip())
        choices = list(IDLE)
        if str(vm.lock_after_s) not in dict(IDLE):
            choices.append((str(vm.lock_after_s), fmt.duration(vm.lock_after_s)))
        self._idle.set_choices(choices)
        self._idle.choose(str(vm.lock_after_s))
        self._show_keychain()
        self._erase.set_reason("" if vm.can_erase else "There is no wallet yet.")

    def _look_for_keychain(self) -> None:
        if self.isVisible() and not self._vm.reason:
            self._vm.look_for_keychain()

    def _show_keychain(self) -> None:
        self._look_for_keychain()
        vm, state = self._vm, self._vm.state
        on = state is not None and state.in_keychain
        self._remembered.show_state(on=on)
        reason = vm.keychain_reason
        self._remembered.setEnabled(on or not reason)
        name = vm.keychain.name if vm.keychain is not None else ""
        about = "Whoever is logged in here can unlock the wallet without its password."
        self._keychain.set_about(reason or f"{about} {name}".strip())

    def _refused(self, error: MorpheusError) -> None:
        self._keychain.say(describe(error).text)

    # What asks for the password

    def _ask(
        self, title: str, action: str, work: Callable[[str], Awaitable[None]]
    ) -> PasswordDialog:
        dialog = PasswordDialog(
            self.theme,
            self.window(),
            title,
            action,
            work,
            wait_s=lambda: self._vm.wait_s,
        )
        dialog.failed.connect(self._vm.failed)
        return dialog

    async def _reveal_phrase(self) -> None:
        found: list[tuple[str, ...]] = []

        async def read(password: str) -> None:
            found.append(await self._vm.phrase(password))

        if await show(self._ask("Show the recovery phrase", "Show it", read)):
            await self._show_secret("Recovery phrase", found.pop())

    async def _export_key(self) -> None:
        found: list[str] = []

        async def read(password: str) -> None:
            found.append(await self._vm.key(password))

        if await show(self._ask("Export the private key", "Show it", read)):
            await self._show_secret("Private key", found.pop())

    async def _show_secret(self, title: str, secret: str | tuple[str, ...]) -> None:
        dialog = SecretDialog(self.theme, self.window(), title, secret, self._clipboard)
        self._vm.locked.connect(dialog.close)
        await show(dialog)

    async def _change_password(self) -> None:
        dialog = NewPasswordDialog(
            self.theme,
            self.window(),
            self._vm.change_password,
            lambda: self._vm.wait_s,
            title="Change the password",
            action="Change the password",
            new="New password",
        )
        dialog.failed.connect(self._vm.failed)
        await show(dialog)

    async def _export_file(self) -> None:
        found: list[bytes] = []

        async def make(password: str, file_password: str) -> None:
            found.append(await self._vm.key_file(password, file_password))

        dialog = NewPasswordDialog(
            self.theme,
            self.window(),
            make,
            lambda: self._vm.wait_s,
            title="Export a key file",
            action="Make the file",
            new="Password of the key file",
            subtitle="Whoever has the file and its password has the money.",
        )
        dialog.failed.connect(self._vm.failed)
        if await show(dialog):
            self._save(found.pop())

    def _save(self, data: bytes) -> None:
        dialog = QFileDialog(self.window(), "Save the key file")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("morpheus-key.json")
        dialog.fileSelected.connect(lambda name: self._write(Path(name), data))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _write(self, path: Path, data: bytes) -> None:
        try:
            replace_private(path, data)
        except MorpheusError as error:
            self._vm.failed.emit(error)
        else:
            self._vm.said.emit(f"Saved as {path.name}")

    def _set_keychain(self, on: bool) -> None:
        self._keychain.say("")
        if on:
            self._tasks.start("keychain", self._remember())
        else:
            self._vm.forget_keychain()

    async def _remember(self) -> None:
        work = self._vm.remember
        await show(self._ask("Unlock with the system keychain", "Use the keychain", work))
        self._show()

    async def _erase_wallet(self) -> None:
        state = self._vm.state
        dialog = EraseDialog(
            self.theme,
            self.window(),
            self._vm.erase,
            lambda: self._vm.wait_s,
            watched=state is not None and state.kind == "watch",
        )
        dialog.failed.connect(self._vm.failed)
        self._tasks.start("held", self._show_held(dialog))
        try:
            await show(dialog)
        finally:
            self._tasks.cancel("held")

    async def _show_held(self, dialog: EraseDialog) -> None:
        held = await self._vm.held()
        only = "You can only get it with your recovery phrase or key."
        if held.problem:
            dialog.show_held(
                "What is still staked is not known.", f"{held.problem} {only}", is_safe=False
            )
        elif held.total:
            parts = [
                f"{fmt.amount(held.in_sessions, 'MOR')} in sessions" if held.in_sessions else "",
                f"{fmt.amount(held.on_hold, 'MOR')} on hold" if held.on_hold else "",
                f"{fmt.amount(held.claimable, 'MOR')} to claim" if held.claimable else "",
            ]
            dialog.show_held(f"{', '.join(p for p in parts if p)}.", only, is_safe=False)
        else:
            dialog.show_held("Nothing is in sessions or on hold.", only, is_safe=True)

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """Look for the keychain when somebody looks."""
        super().showEvent(event)
        self._look_for_keychain()
