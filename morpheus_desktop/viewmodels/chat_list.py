"""The list of chats: grouped by age, searched in titles and texts, deleted with Undo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt, QTimer, Signal

from morpheus_desktop.ui_tasks import UiTasks
from router.chat import Conversations
from router.store.chats import ChatStore
from router.store.records import Chat, SearchHit

RowRole = Qt.ItemDataRole.UserRole
SEARCH_PAUSE_MS = 120
MOST_HITS = 100

Index = QModelIndex


@dataclass(frozen=True)
class Row:
    """One line of the list: a group's title, a chat, or a place where the search text was found."""

    kind: Literal["group", "chat", "hit"]
    title: str
    chat: Chat | None = None
    hit: SearchHit | None = None
    writing: bool = False

    @property
    def chat_id(self) -> str:
        """The chat this row opens, or empty."""
        if self.hit is not None:
            return self.hit.chat_id
        return self.chat.id if self.chat is not None else ""


class ChatListModel(QAbstractListModel):
    """Rows for the list view. Group titles cannot be chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Replace all rows; the same rows change nothing."""
        if self.rows == list(rows):
            return
        same_shape = [(row.kind, row.chat_id) for row in self.rows] == [
            (row.kind, row.chat_id) for row in rows
        ]
        if same_shape:
            self.rows = list(rows)
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def row_of(self, chat_id: str) -> int:
        """The first row of a chat, or -1."""
        return next((i for i, row in enumerate(self.rows) if row.chat_id == chat_id), -1)

    # Qt overrides

    def rowCount(self, parent: Any = Index()) -> int:  # noqa: B008 - Qt's signature
        """Number of rows, titles included."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """RowRole gives the Row."""
        row = self.rows[index.row()]
        if role == RowRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.title
        return None

    def flags(self, index: Any) -> Qt.ItemFlag:
        """Titles are there to be read only."""
        if self.rows[index.row()].kind == "group":
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class ChatListViewModel(QObject):
    """All chats of the store, as rows.

    Signals:
        loaded: the rows are new; `count` says how many chats there are.
        deleted: chat id of a chat that `undo_delete` can bring back.
        failed: an exception to show.
    """

    loaded = Signal()
    deleted = Signal(str)
    failed = Signal(object)

    def __init__(self, store: ChatStore, conversations: Conversations) -> None:
        super().__init__()
        self._store = store
        self._conversations = conversations
        self.model = ChatListModel(self)
        self.count = 0
        self.query = ""
        self._writing: frozenset[str] = frozenset()
        self._tasks = UiTasks(self.failed.emit)
        self._typing = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._typing.timeout.connect(self.refresh)
        self._unsubscribe = store.changed.subscribe(lambda _event: self.refresh())

    async def close(self) -> None:
        """Stop listening and end what runs."""
        self._unsubscribe()
        self._typing.stop()
        await self._tasks.close()

    def refresh(self) -> None:
        """Read the list again."""
        self._tasks.start("refresh", self._refresh())

    def search(self, text: str) -> None:
        """Show where a text is found, in titles and in messages; empty shows all chats."""
        self.query = text.strip()
        self._typing.start()

    def set_writing(self, chat_ids: frozenset[str]) -> None:
        """Mark the chats in which an answer is being written."""
        if chat_ids != self._writing:
            self._writing = chat_ids
            self.refresh()

    def rename(self, chat_id: str, title: str) -> None:
        """Give a chat a title of the user's own."""
        if title.strip():
            self._tasks.start(f"rename {chat_id}", self._store.rename(chat_id, title.strip()))

    def pin(self, chat_id: str, *, pinned: bool) -> None:
        """Keep a chat on top, or let it go."""
        self._tasks.start(f"pin {chat_id}", self._store.pin(chat_id, pinned=pinned))

    def delete(self, chat_id: str) -> None:
        """Take a chat out of the list; for ten seconds `undo_delete` brings it back."""
        self._tasks.start(f"delete {chat_id}", self._delete(chat_id))

    def undo_delete(self, chat_id: str) -> None:
        """Bring a deleted chat back."""
        self._tasks.start(f"delete {chat_id}", self._conversations.restore(chat_id))

    async def _delete(self, chat_id: str) -> None:
        await self._conversations.delete(chat_id)
        self.deleted.emit(chat_id)

    async def _refresh(self) -> None:
        chats = await self._store.list()
        self.count = len(chats)
        if self.query:
            rows = _found(await self._store.search(self.query, limit=MOST_HITS))
        else:
            rows = grouped(chats, datetime.now().astimezone(), self._writing)
        self.model.set_rows(rows)
        self.loaded.emit()


def grouped(chats: Sequence[Chat], now: datetime, writing: frozenset[str]) -> list[Row]:
    """Chats under the titles of their age, newest first, pinned ones on top."""
    rows: list[Row] = []
    for chat in sorted(chats, key=lambda chat: (not chat.pinned, -chat.updated_at)):
        title = "Pinned" if chat.pinned else group_of(chat.updated_at, now)
        if not rows or _group_above(rows) != title:
            rows.append(Row("group", title))
        rows.append(Row("chat", chat.title, chat=chat, writing=chat.id in writing))
    return rows


def group_of(updated_at: float, now: datetime) -> str:
    """`Today`, `Yesterday`, `Previous 7 days`, then months, with the year of other years."""
    then = datetime.fromtimestamp(updated_at, now.tzinfo)
    days = (now.date() - then.date()).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    if days <= 7:
        return "Previous 7 days"
    return f"{then:%B}" if then.year == now.year else f"{then:%B %Y}"


def _group_above(rows: Sequence[Row]) -> str:
    return next(row.title for row in reversed(rows) if row.kind == "group")


def _found(hits: Sequence[SearchHit]) -> list[Row]:
    if not hits:
        return []
    return [Row("group", f"{len(hits)} found"), *(Row("hit", hit.title, hit=hit) for hit in hits)]
