"""The running app as somebody uses it who looks at it: things are found by what they say.

What it says comes from `screen_reader.py`, what is done goes through keyboard and mouse.
"""

import json
import os
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from tests.support import screen_reader
from tests.support.running_app import RunningApp, wait_for
from tests.support.screen_reader import Seen

READ = ("tests.support.driven_app", "read")
T = TypeVar("T")
# So often Tab is pressed at most to get to something.
FARTHEST = 60


class SeenApp(RunningApp):
    """One start of the app on a data folder.

    Args:
        pictures: where pictures are kept; $SHOTS comes first.
        program: what makes the module run otherwise than usual, with the module's name at its end.
    """

    def __init__(
        self,
        folder: Path,
        pictures: Path,
        program: Callable[..., tuple[str, ...]] = lambda *module: module,
    ) -> None:
        super().__init__(folder, command=("-m", *program(*READ)))
        self.pictures = Path(os.environ.get("SHOTS", pictures))
        self.pictures.mkdir(parents=True, exist_ok=True)

    # Looking

    def everything(self) -> list[Seen]:
        """All that is visible now."""
        return screen_reader.seen(self.folder)

    def seen(self, words: str, role: str = "") -> Seen | None:
        """The topmost thing that says this (a regular expression for all of it), if it is there."""
        for each in reversed(self.everything()):
            if re.fullmatch(words, each.name) and role in ("", each.role):
                return each
        return None

    def wait_to_see(self, words: str, role: str = "") -> Seen:
        """The same, once it is there."""
        return self._wait_for(f"{role or 'something'} {words!r}", lambda: self.seen(words, role))

    def wait_to_read(self, caption: str, value: str) -> None:
        """Wait until this value stands after this caption."""

        def reads() -> bool:
            names = [each.name for each in self.everything() if each.name]
            return (caption, value) in pairwise(names)

        self._wait_for(f"{caption!r} with {value!r}", reads)

    def wait_to_focus(self, words: str) -> None:
        """Wait until the keyboard is with what says this."""
        self._wait_for(f"the focus on {words!r}", lambda: words in self._focus())

    def keep_picture(self, name: str) -> None:
        """Keep what the screen shows now."""
        assert self.picture().save(str(self.pictures / f"{name}.png"))

    # Doing

    def tab_to(self, words: str) -> None:
        """Go with Tab to what says this, once it can be used."""
        self._wait_for_use(words)
        for _ in range(FARTHEST):
            before = self._focus()
            if any(re.fullmatch(words, name) for name in before):
                return
            self.press("Tab")
            self._wait_for("the focus to move", lambda was=before: self._focus() != was)
        raise AssertionError(f"Tab does not lead to {words!r}")

    def click(self, words: str, role: str = "Button") -> None:
        """Click on what says this, once it can be used and stands still."""
        spot = self._wait_for_use(words, role)
        x, y, width, height = spot.place
        at = str(x + width // 2), str(y + height // 2)
        self._xdotool("mousemove", *at, "click", "1")

    # The chain, by the interface for programs

    def ask(self, path: str) -> Any:
        """What the app's HTTP interface answers."""
        return json.loads(wait_for(f"an answer to {path}", lambda: self._get(path)))

    # Inside

    def _focus(self) -> list[str]:
        return [each.name for each in self.everything() if each.focused]

    def _wait_for_use(self, words: str, role: str = "") -> Seen:
        """What says this, once it is enabled and at the same place twice in a row."""
        before: Seen | None = None

        def usable() -> Seen | None:
            nonlocal before
            last, before = before, self.seen(words, role)
            is_still = before is not None and before.place == (last and last.place)
            return before if before is not None and is_still and not before.disabled else None

        return self._wait_for(f"{words!r} to be of use", usable)

    def _wait_for(self, what: str, condition: Callable[[], T | None]) -> T:
        """As `wait_for`; when it was in vain, tell what there was instead, and keep a picture."""
        try:
            return wait_for(what, condition)
        except AssertionError as error:
            self.keep_picture("in-vain")
            names = [each.name for each in self.everything() if each.name]
            raise AssertionError(f"{error}; the window says {names}") from error
