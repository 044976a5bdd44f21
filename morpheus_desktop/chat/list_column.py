"""The column with the chats: new chat, search, the list and what can be done with a chat."""

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.chat.chat_rows import ChatRows
from morpheus_desktop.chat.header import PINNING
from morpheus_desktop.chat.prompt_edit import local_files
from morpheus_desktop.chat.row_button import RowButton
from morpheus_desktop.chat.search_field import SearchField
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.chat_list import ChatListViewModel, Row, RowRole
from morpheus_desktop.widgets.basic import Picture, icon_button, label
from morpheus_desktop.widgets.keycaps import with_keys
from morpheus_desktop.widgets.tip import set_tip
from router.untrusted import one_line

TURN_MS = 66
WIDTH = 264


class ChatView(QListView):
    """The rows.

    Signals:
        delete_pressed, rename_pressed: Delete or F2 on a chat: its id.
    """

    delete_pressed = Signal(str)
    rename_pressed = Signal(str)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A right click asks for the menu and leaves the open chat marked."""
        if event.button() != Qt.MouseButton.RightButton:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete and F2 are for the row, the rest moves about."""
        signals = {
            Qt.Key.Key_Delete: self.delete_pressed,
            Qt.Key.Key_F2: self.rename_pressed,
        }
        signal = signals.get(Qt.Key(event.key()))
        row: Row | None = self.currentIndex().data(RowRole)
        if signal is None:
            super().keyPressEvent(event)
        elif row is not None and row.chat is not None:
            signal.emit(row.chat.id)


class ListColumn(QFrame):
    """The list of chats.

    Signals:
        opened: (chat id, message id or 0): show this chat, and in it this message.
        new_asked: True for a temporary chat.
        rename_asked, export_asked: chat id.
        import_asked: chats are to be read from a file.
        files_dropped: list of Path with chats to read.
    """

    opened = Signal(str, object)
    new_asked = Signal(bool)
    rename_asked = Signal(str)
    export_asked = Signal(str)
    import_asked = Signal()
    files_dropped = Signal(object)

    def __init__(self, vm: ChatListViewModel, theme: Theme) -> None:
        super().__init__()
        self._vm = vm
        self._theme = theme
        self._current = ""
        self._turning = QTimer(self, interval=TURN_MS)
        self._turning.timeout.connect(self._turn)
        self.setObjectName("listColumn")
        self.setAcceptDrops(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._top = self._head()
        column.addWidget(self._top)
        self.search = SearchField(theme)
        self.search.textChanged.connect(vm.search)
        self.search.left.connect(self._enter_list)
        search_row = QHBoxLayout()
        search_row.setContentsMargins(12, 12, 12, 4)
        search_row.addWidget(self.search)
        column.addLayout(search_row)
        self.list = self._list()
        column.addWidget(self.list, 1)
        self._empty = label("", "body", "text-3", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._empty.setContentsMargins(16, 24, 16, 0)
        column.addWidget(self._empty, 1)
        vm.loaded.connect(self._loaded)
        theme.changed.connect(self._measure)
        self._measure()
        self._loaded()

    def _measure(self) -> None:
        self.setFixedWidth(self._theme.px(WIDTH))
        self._top.setFixedHeight(self._theme.px(56))

    def _head(self) -> QWidget:
        head = QWidget()
        head.setObjectName("pageHeader")
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(label("Chats", "heading"), 1)
        temporary = icon_button(self._theme, "square-dashed", "New temporary chat, nothing is kept")
        temporary.clicked.connect(lambda: self.new_asked.emit(True))
        fresh = RowButton(
            self._theme, "New chat", Picture(self._theme, "square-pen", 16, "text"), margin=8
        )
        self._fresh = fresh
        fresh.clicked.connect(lambda: self.new_asked.emit(False))
        row.addWidget(temporary)
        row.addWidget(fresh)
        return head

    def _list(self) -> ChatView:
        view = ChatView()
        view.setModel(self._vm.model)
        self._rows = ChatRows(self._theme)
        view.setItemDelegate(self._rows)
        view.setAccessibleName("Chats")
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._menu_at)
        view.clicked.connect(self._open)
        view.activated.connect(self._open)
        view.delete_pressed.connect(self._vm.delete)
        view.rename_pressed.connect(self.rename_asked)
        view.setContentsMargins(8, 0, 8, 0)
        view.setViewportMargins(8, 0, 8, 8)
        self._vm.model.modelReset.connect(self._show_current)
        self._theme.changed.connect(view.doItemsLayout)
        return view

    def set_keys(self, search: str, new: str) -> None:
        """Show the shortcuts of what is here."""
        self.search.set_keys(search)
        set_tip(self._fresh, with_keys("New chat", new))

    def set_current(self, chat_id: str) -> None:
        """Mark the chat that is open."""
        self._current = chat_id
        self._show_current()

    def _enter_list(self) -> None:
        """To the open chat, else to the first one; a group's title cannot be chosen."""
        rows = self._vm.model.rows
        first = next((n for n, row in enumerate(rows) if row.chat_id), -1)
        if first >= 0:
            if not self.list.currentIndex().isValid():
                self.list.setCurrentIndex(self._vm.model.index(first))
            self.list.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_current(self) -> None:
        row = self._vm.model.row_of(self._current) if self._current else -1
        if row >= 0:
            self.list.setCurrentIndex(self._vm.model.index(row))
        else:
            self.list.clearSelection()
            self.list.setCurrentIndex(QModelIndex())

    def _loaded(self) -> None:
        rows = bool(self._vm.model.rows)
        self.list.setVisible(rows)
        self._empty.setVisible(not rows)
        searching = bool(self._vm.query)
        self._empty.setText(
            f"Nothing for “{one_line(self._vm.query, 40)}”" if searching else "No chats yet"
        )
        busy = any(row.writing for row in self._vm.model.rows)
        if busy and not self._turning.isActive():
            self._turning.start()
        elif not busy:
            self._turning.stop()

    def _turn(self) -> None:
        """Paint the rings of the chats that are being written in."""
        for number, row in enumerate(self._vm.model.rows):
            if row.writing:
                self.list.update(self._vm.model.index(number))

    def _open(self, index: QModelIndex) -> None:
        row: Row = index.data(RowRole)
        if row.chat_id:
            message = row.hit.message_id if row.hit is not None else None
            self.opened.emit(row.chat_id, message or 0)

    def _menu_at(self, at: QPoint) -> None:
        row: Row | None = self.list.indexAt(at).data(RowRole)
        if row is not None and row.chat is not None:
            menu = self.menu_for(row)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(at))

    def menu_for(self, row: Row) -> QMenu:
        """What can be done with a chat."""
        assert row.chat is not None
        chat, vm, theme = row.chat, self._vm, self._theme
        menu = QMenu(self)
        menu.addAction(theme.icon("pencil"), "Rename…", lambda: self.rename_asked.emit(chat.id))
        picture, words = PINNING[chat.pinned]
        menu.addAction(theme.icon(picture), words, lambda: vm.pin(chat.id, pinned=not chat.pinned))
        menu.addAction(theme.icon("download"), "Export…", lambda: self.export_asked.emit(chat.id))
        menu.addAction(theme.icon("upload"), "Import chats…", self.import_asked.emit)
        menu.addSeparator()
        menu.addAction(theme.icon("trash-2"), "Delete", lambda: vm.delete(chat.id))
        return menu

    # Qt overrides

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files can be dropped anywhere on the column."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read the chats in what was dropped."""
        self.files_dropped.emit(local_files(event.mimeData()))
        event.acceptProposedAction()
