"""Settings: values with their checks, API keys, backups, versions of what the app is made of."""

import asyncio
import importlib.metadata
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, qVersion

from morpheus_desktop.prefs import Prefs
from morpheus_desktop.theme import Mode, Theme
from morpheus_desktop.ui_tasks import UiTasks
from router import __version__
from router.api.keys import ApiKey, ApiKeys
from router.config import Config, Settings
from router.errors import ConfigError, MorpheusError, StorageError
from router.paths import Paths
from router.store.db import Database

LIBRARIES = (
    ("PySide6-Essentials", "LGPL-3.0"),
    ("qasync", "BSD-2-Clause"),
    ("aiohttp", "Apache-2.0"),
    ("llama-cpp-python", "MIT"),
    ("markdown-it-py", "MIT"),
    ("Pygments", "BSD-2-Clause"),
    ("platformdirs", "MIT"),
    ("psutil", "BSD-3-Clause"),
    ("tomli-w", "MIT"),
)


class SettingsViewModel(QObject):
    """What the settings page shows and changes.

    Signals:
        changed: the Config in force is new.
        refused: (setting name, MorpheusError): a value was not taken; the old one is in force.
        keys_changed: the named API keys are new.
        key_made: text of a new key, to be shown once.
        backed_up: path of a new backup.
        restored: path of the database that was set aside.
        failed: an exception to show.
    """

    changed = Signal()
    refused = Signal(str, object)
    keys_changed = Signal()
    key_made = Signal(str)
    backed_up = Signal(object)
    restored = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        settings: Settings,
        paths: Paths,
        database: Database,
        keys: ApiKeys,
        theme: Theme,
        prefs: Prefs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._database = database
        self._keys = keys
        self._theme = theme
        self._prefs = prefs
        self.paths = paths
        self._tasks = UiTasks(self.failed.emit)
        self._unsubscribe = [
            settings.changed.subscribe(lambda _config: self.changed.emit()),
            keys.changed.subscribe(lambda _keys: self.keys_changed.emit()),
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

    def change(self, values: Mapping[str, Any]) -> bool:
        """Set values by dotted name; False when one was refused."""
        try:
            self._settings.change(values)
        except MorpheusError as error:
            self.refused.emit(next(iter(values)), error)
            return False
        return True

    def set_theme(self, mode: Mode) -> None:
        """Light, dark or as the system says; at once and for the next start."""
        self._theme.set_mode(mode)
        self._prefs.theme_mode = mode

    def set_text_size(self, scale: float) -> None:
        """Size of all text; at once and for the next start."""
        self._theme.set_scale(scale)
        self._prefs.text_size = scale

    def set_contrast(self, *, on: bool) -> None:
        """Stronger lines; at once and for the next start."""
        self._theme.set_high_contrast(on=on)
        self._prefs.high_contrast = on

    def set_motion(self, *, reduced: bool) -> None:
        """Let nothing move; at once and for the next start."""
        self._theme.set_reduced_motion(on=reduced)
        self._prefs.reduced_motion = reduced

    def make_key(self, name: str, scopes: tuple[str, ...], models: tuple[str, ...] = ()) -> None:
        """Make a named API key."""
        self._tasks.start("make key", self._make_key(name, scopes, models))

    def revoke_key(self, key: ApiKey) -> None:
        """Make a key invalid at once."""
        self._tasks.start(f"revoke {key.id}", self._keys.revoke(key.id))

    def cookie(self) -> str:
        """The `user:password` of this installation, or empty before the first start of the API."""
        try:
            return self.paths.cookie.read_text(encoding="utf-8").strip()
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

    async def _make_key(self, name: str, scopes: tuple[str, ...], models: tuple[str, ...]) -> None:
        _key, text = await self._keys.create(name, scopes, models)
        self.key_made.emit(text)

    async def _back_up(self) -> None:
        self.backed_up.emit(await self._database.backup())

    async def _restore(self, backup: Path) -> None:
        self.restored.emit(await self._database.restore(backup))

    async def data_size(self) -> int:
        """Bytes of everything in the data folder."""
        return await asyncio.to_thread(_size_of, self.paths.data)


def versions() -> list[tuple[str, str, str]]:
    """(name, version, licence) of the app and of what it is made of."""
    rows = [
        ("Morpheus Desktop", __version__, "MIT"),
        ("Python", platform.python_version(), "PSF-2.0"),
        ("Qt", qVersion(), "LGPL-3.0"),
    ]
    for name, licence in LIBRARIES:
        try:
            rows.append((name, importlib.metadata.version(name), licence))
        except importlib.metadata.PackageNotFoundError:
            rows.append((name, "not installed", licence))
    return rows


def _size_of(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except OSError as error:
        raise StorageError(f"The data folder cannot be read: {error.strerror or error}.") from error
