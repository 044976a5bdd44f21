"""Names for addresses, kept in one file. Losing it loses no money, so a broken one is set aside."""

import json
import logging
from pathlib import Path

from router.errors import BadRequest, StorageError
from router.events import Emitter
from router.files import replace_private
from router.outside import parse_json
from router.untrusted import one_line
from router.wallet.checks import checked_address

log = logging.getLogger(__name__)

LONGEST_NAME = 40
MOST = 5_000


class AddressBook:
    """Checksummed address -> name.

    Attributes:
        changed: tells that a name is new, other, or gone.
    """

    def __init__(self, path: Path) -> None:
        self.changed: Emitter[None] = Emitter()
        self._path = path
        self._unread = ""  # why the file could not be read
        self._names = self._load()

    @property
    def names(self) -> dict[str, str]:
        """All of them, by name."""
        return dict(sorted(self._names.items(), key=lambda pair: pair[1].casefold()))

    def name_of(self, address: str) -> str:
        """The name of an address, or empty."""
        return self._names.get(address, "")

    def set(self, address: str, name: str) -> None:
        """Name an address; an empty name removes it.

        Raises:
            BadRequest: no address, or the name is another one's.
            StorageError: it could not be read or written; nothing was changed.
        """
        self._read_at_last()
        key, shown = checked_address(address), one_line(name, LONGEST_NAME)
        names = {other: known for other, known in self._names.items() if other != key}
        if shown:
            if shown.casefold() in (known.casefold() for known in names.values()):
                raise BadRequest("Another address has this name.", param="name")
            if len(names) >= MOST:
                raise BadRequest("The address book is full.", param="name")
            names[key] = shown
        self._write(names)
        self._names = names
        self.changed.emit(None)

    def _read_at_last(self) -> None:
        """Names that could not be read at the start must not be written over."""
        if not self._unread:
            return
        self._unread = ""
        self._names = self._load()
        if self._unread:
            raise StorageError(
                f"The address book cannot be read: {self._unread}.",
                safe="It was not changed.",
                hint="Make the file readable again, or move it away, then try again.",
            )

    def _write(self, names: dict[str, str]) -> None:
        text = json.dumps({"version": 1, "names": names}, ensure_ascii=False, indent=1)
        replace_private(self._path, text.encode())

    def _load(self) -> dict[str, str]:
        try:
            found = parse_json(self._path.read_bytes())["names"]
            pairs = [
                (checked_address(key), one_line(str(found[key]), LONGEST_NAME)) for key in found
            ]
            return {key: name for key, name in pairs[:MOST] if name}
        except FileNotFoundError:
            return {}
        except OSError as error:
            self._unread = str(error.strerror)
            log.warning("the address book cannot be read: %s", self._unread)
            return {}
        except (ValueError, KeyError, TypeError, BadRequest):
            self._set_aside()
            return {}

    def _set_aside(self) -> None:
        aside, number = self._path.with_suffix(".bad.json"), 1
        while aside.exists():
            number += 1
            aside = self._path.with_suffix(f".bad{number}.json")
        log.warning("%s cannot be read and is kept as %s", self._path.name, aside.name)
        try:
            self._path.replace(aside)
        except OSError as error:
            log.warning("it could not be set aside: %s", error.strerror)
