"""Where things lie: one data folder, private to its user, that `--data-dir` moves as a whole."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from router.errors import StorageError

APP_NAME = "Morpheus Desktop"


@dataclass(frozen=True)
class Paths:
    """The files of one installation, all below `data`."""

    data: Path

    @property
    def settings(self) -> Path:
        """The settings people may edit by hand (TOML)."""
        return self.data / "settings.toml"

    @property
    def window(self) -> Path:
        """Looks only: geometry, theme, last page (INI)."""
        return self.data / "window.ini"

    @property
    def database(self) -> Path:
        """Chats and messages (SQLite)."""
        return self.data / "chats.db"

    @property
    def backups(self) -> Path:
        """Dated copies of the database, made before each change of format and on request."""
        return self.data / "backups"

    @property
    def wallet(self) -> Path:
        """The folder of the wallet file."""
        return self.data / "wallet"

    @property
    def address_book(self) -> Path:
        """Names that the user gave to addresses (JSON)."""
        return self.data / "address-book.json"

    @property
    def transactions(self) -> Path:
        """The journal of transactions (SQLite)."""
        return self.data / "transactions.db"

    @property
    def sessions(self) -> Path:
        """What is remembered of sessions and providers (SQLite)."""
        return self.data / "sessions.db"

    @property
    def rating(self) -> Path:
        """How bids are put in order, where the user wants it otherwise (JSON)."""
        return self.data / "rating-config.json"

    @property
    def served(self) -> Path:
        """What the provider served, and to whom (SQLite)."""
        return self.data / "provider.db"

    @property
    def served_models(self) -> Path:
        """Which models the provider serves (JSON, written by the user)."""
        return self.data / "models-config.json"

    @property
    def uploads(self) -> Path:
        """What consumers send to the provider, while it is needed."""
        return self.data / "provider-uploads"

    @property
    def demo(self) -> Path:
        """What the providers of the demo network write, for as long as it runs."""
        return self.data / "demo"

    @property
    def models(self) -> Path:
        """Downloaded model files."""
        return self.data / "models"

    @property
    def logs(self) -> Path:
        """Rotated log files."""
        return self.data / "logs"

    @property
    def cookie(self) -> Path:
        """`user:password` of the HTTP interface, mode 0600."""
        return self.data / ".cookie"

    @property
    def api_keys(self) -> Path:
        """Named keys of the HTTP interface, as salted hashes (JSON)."""
        return self.data / "api-keys.json"

    @property
    def instance(self) -> Path:
        """Lock file of the running instance."""
        return self.data / "instance.lock"

    def prepare(self) -> None:
        """Make the folders that nothing works without, readable by their owner only.

        Raises:
            StorageError: when the folder cannot be made or written.
        """
        try:
            for folder in (self.data, self.models, self.wallet):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _close(self.data, stat.S_IWGRP | stat.S_IWOTH)
            _close(self.wallet, stat.S_IRWXG | stat.S_IRWXO)
            probe = self.data / f".write-test-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise StorageError(
                f"The data folder {self.data} cannot be written: {error.strerror or error}.",
                safe="Nothing was changed.",
                hint="Free some space or correct its permissions, or start with "
                "--data-dir and another folder.",
            ) from error


def _close(folder: Path, rights: int) -> None:
    """Take rights away from others, on a folder of ours that is not one for everybody (/tmp)."""
    found = folder.stat()
    if os.name != "nt" and found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
        folder.chmod(stat.S_IMODE(found.st_mode) & ~rights)


def default_data_dir() -> Path:
    """The data folder of this user on this platform."""
    return platformdirs.user_data_path("morpheus-desktop", appauthor=False)
