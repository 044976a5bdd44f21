"""Makes guessing slow: after five wrong passwords each try waits, also after a restart."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from router.errors import StorageError, WrongPassword
from router.files import replace_private
from router.outside import parse_json

log = logging.getLogger(__name__)

FREE_TRIES = 5
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 3600.0


class Backoff:
    """Counts wrong tries in a small file.

    Args:
        clock: seconds since 1970, because it must go on while the app is closed.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._failed, self._last = self._load()

    @property
    def wait_s(self) -> float:
        """Seconds until the next try is looked at."""
        if self._failed < FREE_TRIES:
            return 0.0
        doubled = FIRST_WAIT_S * 2.0 ** (self._failed - FREE_TRIES)
        now = self._clock()
        # A clock that was set back: it begins anew, as it would last until the old time is back.
        self._last = min(self._last, now)
        return max(self._last + min(doubled, LONGEST_WAIT_S) - now, 0.0)

    def check(self) -> None:
        """Refuse a try that comes too early.

        Raises:
            WrongPassword: with the time to wait; the password was not looked at.
        """
        if (wait := self.wait_s) > 0:
            raise WrongPassword(
                f"Too many wrong passwords. The next try is possible in {round(wait)} s.",
                wait_s=wait,
                safe="The password was not looked at.",
            )

    def failed(self) -> None:
        """Note a wrong try before its answer is given."""
        self._failed, self._last = self._failed + 1, self._clock()
        self._save()

    def worked(self) -> None:
        """Forget the wrong ones."""
        if self._failed:
            self._failed = 0
            self._save()

    def _load(self) -> tuple[int, float]:
        try:
            found = parse_json(self._path.read_bytes())
            return min(max(int(found["failed"]), 0), 64), float(found["last"])
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return 0, 0.0

    def _save(self) -> None:
        try:
            text = json.dumps({"failed": self._failed, "last": self._last})
            replace_private(self._path, text.encode())
        except StorageError as error:
            log.warning("wrong passwords cannot be counted: %s", error)
