"""Settings: values with their checks, API keys, backups."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from morpheus_desktop.ui_tasks import UiTasks
from router.api.keys import ApiKey, ApiKeys
from router.config import Config, Settings, with_values
from router.errors import BadRequest, ConfigError, MorpheusError, StorageError
from router.parts import Part, PartState
from router.paths import Paths
from router.store.chats import ChatStore

if TYPE_CHECKING:  # start-up cost: it brings aiohttp along
    from router.api.server import ApiState


class SettingsViewModel(QObject):
    """What the settings page shows and changes.

    Signals:
        changed: the Config in force is new.
        refused: (setting name, MorpheusError): a value was not taken; the old one is in force.
        keys_changed: the named API keys are new.
        key_made: text of a new key, to be shown once.
        backed_up: path of a new backup.
        restored: path of the database that was set aside.
        api_changed: the HTTP interface is in another state.
        measured: (bytes) how large the data folder is.
        failed: an exception to show.

    Args:
        api: the part of the node that is the HTTP interface.
        api_state: how that interface is, or None before its first start.
    """

    changed = Signal()
    refused = Signal(str, object)
    keys_changed = Signal()
    key_made = Signal(str)
    backed_up = Signal(object)
    restored = Signal(object)
    api_changed = Signal()
    measured = Signal(object)  # an int may be too large for a signal
    failed = Signal(object)

    def __init__(
        self,
        settings: Settings,
        paths: Paths,
        chats: ChatStore,
        keys: ApiKeys,
        api: Part,
        api_state: "Callable[[], ApiState | None]",
    ) -> None:
        super().__init__()
        self._settings = settings
        self._chats = chats
        self._keys = keys
        self._api = api
        self._api_state = api_state
        self.paths = paths
        self._tasks = UiTasks(self.failed.emit)
        self._unsubscribe = [
            settings.changed.subscribe(lambda _config: self.changed.emit()),
            keys.changed.subscribe(lambda _keys: self.keys_changed.emit()),
            api.changed.subscribe(lambda _state: self.api_changed.emit()),
        ]

    async def close(self) -> None:
        """Stop listening and end what runs."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._tasks.close()

    @property
    def config(self) -> Config:
        """The settings in force."""
        return self._settings.current

    @property
    def problem(self) -> ConfigError | None:
        """Why the settings file was not used at the start, if it was not."""
        return self._settings.problem

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """The named API keys."""
        return self._keys.all

    @property
    def api(self) -> PartState:
        """Whether the HTTP interface runs, and why not."""
        return self._api.state

    @property
    def address(self) -> str:
        """Where programs reach the HTTP interface, or empty."""
        state = self._api_state()
        return f"{state.url}/v1" if state is not None and state.url else ""

    @property
    def taken_port(self) -> int:
        """The port that was wanted but is used by another program, or 0."""
        state = self._api_state()
        return state.moved_from if state is not None else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user has to know about the HTTP interface, in sentences."""
        state = self._api_state()
        return state.warnings if state is not None else ()

    def change(self, values: Mapping[str, Any]) -> None:
        """Set values by dotted name; `refused` tells when one cannot be taken."""
        try:
            if with_values(self.config, values) != self.config:
                self._settings.change(values)
        except MorpheusError as error:
            self.refused.emit(next(iter(values)), error)

    def make_key(self, name: str, scopes: tuple[str, ...]) -> None:
        """Make a named API key; `refused` tells "name" or "scopes" when it cannot be."""
        self._tasks.start("make key", self._make_key(name, scopes))

    def revoke_key(self, key: ApiKey) -> None:
        """Make a key invalid at once."""
        self._tasks.start(f"revoke {key.id}", self._keys.revoke(key.id))

    @property
    def own_key(self) -> str:
        """The key of this installation, or empty before the first start of the API."""
        try:
            return self.paths.cookie.read_text(encoding="utf-8").strip().partition(":")[2]
        except OSError:
            return ""

    def back_up(self) -> None:
        """Copy all chats into a dated file in the backups folder."""
        self._tasks.start("backup", self._back_up())

    def restore(self, backup: Path) -> None:
        """Put a backup in the place of the present chats, which are kept aside."""
        self._tasks.start("backup", self._restore(backup))

    def backups(self) -> list[Path]:
        """The copies there are, newest first."""
        return sorted(self.paths.backups.glob("*.db"), reverse=True)

    def measure(self) -> None:
        """Find out how large the data folder is."""
        self._tasks.start("measure", self._measure())

    async def _make_key(self, name: str, scopes: tuple[str, ...]) -> None:
        try:
            _key, text = await self._keys.create(name, scopes)
        except BadRequest as error:
            self.refused.emit(error.param or "name", error)
        else:
            self.key_made.emit(text)

    async def _back_up(self) -> None:
        self.backed_up.emit(await self._chats.database.backup())

    async def _restore(self, backup: Path) -> None:
        self.restored.emit(await self._chats.restore_backup(backup))

    async def _measure(self) -> None:
        self.measured.emit(await asyncio.to_thread(_size_of, self.paths.data))


def _size_of(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except OSError as error:
        raise StorageError(f"The data folder cannot be read: {error.strerror or error}.") from error
