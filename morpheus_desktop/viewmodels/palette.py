"""The command palette without its looks: what can be found, in which order, and what Enter does."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from PySide6.QtCore import QObject, Signal

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.prefs import Prefs
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.matching import Match, fold, match, terms

Group = Literal["Recent", "Actions", "Settings", "Models", "Chats"]
GROUPS: tuple[Group, ...] = ("Recent", "Actions", "Settings", "Models", "Chats")
PREFIXES: dict[str, tuple[Group, ...]] = {
    ">": ("Actions", "Settings"),
    "@": ("Models",),
    "#": ("Chats",),
}
SHOWN_PER_GROUP = 50
CHATS_WHEN_EMPTY = 5


@dataclass(frozen=True)
class Item:
    """Something that can be found. `checked` is None unless it is a switch."""

    id: str
    group: Group
    title: str
    run: Callable[[], object]
    icon: str = "chevron-right"
    detail: str = ""
    keys: str = ""
    keywords: tuple[str, ...] = ()
    checked: bool | None = None

    @cached_property
    def folded(self) -> str:
        """The title as it is compared; made once, an item is matched with every key press."""
        return fold(self.title)


@dataclass(frozen=True)
class Row:
    """An item as found: which letters of the title, or of another word for it, fit."""

    item: Item
    group: Group
    positions: tuple[int, ...] = ()
    keyword: str = ""
    keyword_positions: tuple[int, ...] = ()


# An item, how it fits, and the keyword through which it was found (empty: its title).
Find = tuple[Item, Match, str]
Source = Callable[[], Awaitable[Sequence[Item]]]


class PaletteViewModel(QObject):
    """Finds actions, settings, models and chats by a few letters.

    Signals:
        rows_changed: `rows` and `matches` are new.
        failed: a source could not be read (the exception); the others are found all the same.
        ask_requested: put this text into a new chat.
        search_requested: search all messages for this text.

    Args:
        sources: coroutines that list models, chats and the like, asked each time it opens.
    """

    rows_changed = Signal()
    failed = Signal(object)
    ask_requested = Signal(str)
    search_requested = Signal(str)

    def __init__(self, commands: Commands, prefs: Prefs, sources: Sequence[Source] = ()) -> None:
        super().__init__()
        self.query = ""
        self.rows: tuple[Row, ...] = ()
        self.matches = 0
        self._commands = commands
        self._prefs = prefs
        self._sources = tuple(sources)
        self._listed: dict[int, tuple[Item, ...]] = {}
        self._unread: set[int] = set()
        self._tasks = UiTasks(self.failed.emit)

    def open(self) -> None:
        """Start anew: empty query, and lists read again in the background."""
        self.query = ""
        self._unread = set(range(len(self._sources)))
        self._find()
        for number, source in enumerate(self._sources):
            self._tasks.start(f"palette {number}", self.read(number, source))

    async def read(self, number: int, source: Source) -> None:
        """Read one source and show what it has."""
        try:
            self._listed[number] = tuple(await source())
        except Exception:
            self._known(number)
            raise
        self._known(number)

    def _known(self, number: int) -> None:
        self._unread.discard(number)
        self._find()

    @property
    def reading(self) -> bool:
        """Whether there may be more to find than is known yet."""
        return bool(self._unread)

    def search(self, query: str) -> None:
        """Find what fits; `>`, `@` and `#` in front narrow it to actions, models, chats."""
        self.query = query
        self._find()

    def run(self, row: Row) -> None:
        """Do what a row stands for; it is the first of the recent ones next time."""
        self._prefs.add_recent(row.item.id)
        row.item.run()

    def flip(self, row: Row) -> None:
        """Flip a switch and show it as it is now."""
        self.run(row)
        self._find()

    def ask(self) -> None:
        """Put the query into a new chat."""
        self.ask_requested.emit(self.words)

    def search_messages(self) -> None:
        """Search all messages for the query."""
        self.search_requested.emit(self.words)

    @property
    def words(self) -> str:
        """The query without its prefix."""
        return (self.query[1:] if self.query[:1] in PREFIXES else self.query).strip()

    async def close(self) -> None:
        """End the reading."""
        await self._tasks.close()

    def _items(self) -> list[Item]:
        commands = [self._item(c) for c in self._commands.all() if c.listed and c.enabled()]
        return [*commands, *(item for part in self._listed.values() for item in part)]

    def _item(self, command: Command) -> Item:
        return Item(
            f"command:{command.id}",
            command.group,
            command.title,
            command.run,
            icon=command.icon,
            detail=command.detail() if command.detail else "",
            keys=self._commands.shown_keys(command.id),
            keywords=command.keywords,
            checked=command.checked() if command.checked else None,
        )

    def _find(self) -> None:
        groups = PREFIXES.get(self.query[:1], GROUPS)
        items = [item for item in self._items() if item.group in groups]
        words = terms(self.words)
        if words:
            finds = _fitting(items, words)
            self.matches, self.rows = len(finds), _grouped(finds)
        else:
            self.rows = self._unasked(items, recent=groups is GROUPS)
            self.matches = len(self.rows)
        self.rows_changed.emit()

    def _unasked(self, items: Sequence[Item], *, recent: bool) -> tuple[Row, ...]:
        """What is offered before anything is typed: recent things first, then a few of each."""
        by_id = {item.id: item for item in items}
        first = [by_id[each] for each in self._prefs.recent if each in by_id] if recent else []
        rest: dict[Group, list[Item]] = {}
        for item in items:
            if item not in first:
                rest.setdefault(item.group, []).append(item)
        if recent:
            rest["Chats"] = rest.get("Chats", [])[:CHATS_WHEN_EMPTY]
        rows = [Row(item, "Recent") for item in first]
        for group in GROUPS:
            rows += [Row(item, group) for item in rest.get(group, [])[:SHOWN_PER_GROUP]]
        return tuple(rows)


def _fitting(items: Sequence[Item], words: tuple[str, ...]) -> list[Find]:
    finds = [found for item in items if (found := _fit(item, words)) is not None]
    return sorted(finds, key=lambda found: -found[1].score)


def _fit(item: Item, words: tuple[str, ...]) -> Find | None:
    found = match(words, item.folded)
    if found is not None:
        return item, found, ""
    best: Find | None = None
    for keyword in item.keywords:
        found = match(words, fold(keyword), whole=True)
        # A find through another word for it comes after one in the title itself.
        if found is not None and (best is None or found.score // 2 > best[1].score):
            best = item, Match(found.score // 2, found.positions), keyword
    return best


def _grouped(finds: Sequence[Find]) -> tuple[Row, ...]:
    """Rows by group; the groups in the order of their best find."""
    parts: dict[Group, list[Find]] = {}
    for found in finds:
        parts.setdefault(found[0].group, []).append(found)
    order = sorted(parts, key=lambda group: (-parts[group][0][1].score, GROUPS.index(group)))
    return tuple(_row(*found) for group in order for found in parts[group][:SHOWN_PER_GROUP])


def _row(item: Item, found: Match, keyword: str) -> Row:
    if keyword:
        return Row(item, item.group, (), keyword, found.positions)
    return Row(item, item.group, found.positions)
