"""How the window looks and where it stands, kept between starts in `window.ini`.

Looks only: losing this file loses no work, so a broken one is set aside, the defaults are used
and the log says so. What the app does is set in `router.config`.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QRect, QSettings, QSize

log = logging.getLogger(__name__)

Mode = Literal["system", "light", "dark"]
SMALLEST_TEXT = 0.8
LARGEST_TEXT = 2.0
SMALLEST_WINDOW = QSize(960, 640)
DEFAULT_WINDOW = QSize(1280, 820)
RECENT_KEPT = 8
# A title bar that shows less than this cannot be grabbed with the mouse.
GRAB = 80
# Far beyond any desk of screens, and still a number that Qt can add to others.
FARTHEST = 1_000_000


class Prefs:
    """Typed access to `window.ini`. A value that makes no sense reads as its default."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._said_unwritable = False
        self._settings = self._open()

    def _open(self) -> QSettings:
        settings = QSettings(str(self._path), QSettings.Format.IniFormat)
        if settings.status() is QSettings.Status.NoError:
            return settings
        aside = self._path.with_suffix(".bad.ini")
        log.warning("%s cannot be read: the window starts with its default looks", self._path.name)
        del settings
        try:
            self._path.replace(aside)
        except OSError as error:
            log.warning("%s could not be set aside: %s", self._path.name, error.strerror)
        return QSettings(str(self._path), QSettings.Format.IniFormat)

    @property
    def theme_mode(self) -> Mode:
        """`system`, `light` or `dark`."""
        modes: tuple[Mode, ...] = ("light", "dark")
        saved = self._text("looks/theme", "system")
        return next((mode for mode in modes if mode == saved), "system")

    @theme_mode.setter
    def theme_mode(self, mode: Mode) -> None:
        self._set("looks/theme", mode)

    @property
    def text_size(self) -> float:
        """Scale of all text, 0.8 to 2.0."""
        try:
            scale = float(self._text("looks/text_size", "1"))
        except ValueError:
            return 1.0
        return scale if SMALLEST_TEXT <= scale <= LARGEST_TEXT else 1.0

    @text_size.setter
    def text_size(self, scale: float) -> None:
        self._set("looks/text_size", f"{scale:g}")

    @property
    def high_contrast(self) -> bool:
        """Whether the user wants stronger lines."""
        return self._text("looks/high_contrast", "") == "true"

    @high_contrast.setter
    def high_contrast(self, on: bool) -> None:
        self._set("looks/high_contrast", _bool(on))

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing is to move."""
        return self._text("looks/reduced_motion", "") == "true"

    @reduced_motion.setter
    def reduced_motion(self, on: bool) -> None:
        self._set("looks/reduced_motion", _bool(on))

    @property
    def amounts_hidden(self) -> bool:
        """Whether nobody who looks over a shoulder is to read amounts."""
        return self._text("looks/amounts_hidden", "") == "true"

    @amounts_hidden.setter
    def amounts_hidden(self, hidden: bool) -> None:
        self._set("looks/amounts_hidden", _bool(hidden))

    @property
    def rail(self) -> bool:
        """Whether the user made the sidebar narrow."""
        return self._text("looks/rail", "") == "true"

    @rail.setter
    def rail(self, narrow: bool) -> None:
        self._set("looks/rail", _bool(narrow))

    @property
    def welcome_done(self) -> bool:
        """Whether the first screen has been answered."""
        return self._text("window/welcome_done", "") == "true"

    @welcome_done.setter
    def welcome_done(self, done: bool) -> None:
        self._set("window/welcome_done", _bool(done))

    @property
    def page(self) -> str:
        """Name of the page that was open last, or empty."""
        return self._text("window/page", "")

    @page.setter
    def page(self, name: str) -> None:
        self._set("window/page", name)

    @property
    def maximized(self) -> bool:
        """Whether the window filled the screen."""
        return self._text("window/maximized", "") == "true"

    @property
    def geometry(self) -> QRect | None:
        """Where the window stood when it was not maximized."""
        numbers = self._numbers("window/geometry")
        return QRect(*numbers) if len(numbers) == 4 and min(numbers[2:]) > 0 else None

    def set_geometry(self, geometry: QRect, *, maximized: bool) -> None:
        """Remember where the window stands."""
        self._set(
            "window/geometry",
            _joined([geometry.x(), geometry.y(), geometry.width(), geometry.height()]),
        )
        self._set("window/maximized", _bool(maximized))

    @property
    def market_view(self) -> str:
        """How somebody looks at the market, as viewmodels/market_kept.py writes it, or empty."""
        return self._text("market/view", "")

    @market_view.setter
    def market_view(self, text: str) -> None:
        self._set("market/view", text)

    @property
    def recent(self) -> list[str]:
        """Ids of what was last run from the command palette, newest first."""
        return [item for item in self._text("palette/recent", "").split("\n") if item][:RECENT_KEPT]

    def add_recent(self, item: str) -> None:
        """Put an id at the front of the recent ones."""
        kept = [item, *(old for old in self.recent if old != item)]
        self._set("palette/recent", "\n".join(kept[:RECENT_KEPT]))

    def keys(self, command: str) -> str | None:
        """The shortcut the user gave a command; None means the built-in one."""
        name = f"shortcuts/{command}"
        return self._text(name, "") if self._settings.contains(name) else None

    def set_keys(self, command: str, keys: str | None) -> None:
        """Give a command another shortcut (empty: none), or with None its built-in one."""
        if keys is None:
            self._settings.remove(f"shortcuts/{command}")
            self.save()
        else:
            self._set(f"shortcuts/{command}", keys)

    def save(self) -> None:
        """Write now. A disk that cannot be written is said once in the log."""
        self._settings.sync()
        failed = self._settings.status() is not QSettings.Status.NoError
        if failed and not self._said_unwritable:
            log.warning("%s cannot be written: looks are kept until the end", self._path.name)
        self._said_unwritable = failed

    def _text(self, name: str, default: str) -> str:
        value = self._settings.value(name, default)
        return value if isinstance(value, str) else default

    def _numbers(self, name: str) -> list[int]:
        try:
            numbers = [int(part) for part in self._text(name, "").split(" ") if part]
        except ValueError:
            return []
        return numbers if all(abs(number) < FARTHEST for number in numbers) else []

    def _set(self, name: str, value: str) -> None:
        self._settings.setValue(name, value)
        self.save()


def on_a_screen(wanted: QRect | None, screens: Sequence[QRect]) -> QRect:
    """Where the window may stand: as wanted, but not larger than its screen nor out of reach.

    Args:
        wanted: where it stood last, or None for the default in the middle of the first screen.
        screens: the usable areas, the main one first; at least one.
    """
    home = screens[0]
    if wanted is None:
        placed = QRect(home.topLeft(), DEFAULT_WINDOW.boundedTo(home.size()))
        placed.moveCenter(home.center())
        return placed
    screen = max(screens, key=lambda area: _shared(area, wanted))
    if _shared(screen, wanted) == 0:
        screen = home
    size = wanted.size().expandedTo(SMALLEST_WINDOW).boundedTo(screen.size())
    placed = QRect(wanted.topLeft(), size)
    shown = placed.intersected(screen)
    title_bar_in_reach = screen.top() <= placed.top() <= screen.bottom() - GRAB
    if shown.width() < GRAB or not title_bar_in_reach:
        placed.moveLeft(min(max(placed.left(), screen.left()), screen.right() + 1 - size.width()))
        placed.moveTop(min(max(placed.top(), screen.top()), screen.bottom() + 1 - size.height()))
    return placed


def _shared(area: QRect, other: QRect) -> int:
    part = area.intersected(other)
    return max(part.width(), 0) * max(part.height(), 0)


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _joined(numbers: Sequence[int]) -> str:
    return " ".join(str(number) for number in numbers)
