"""The command palette: an input, what it finds, and hints; the keyboard never leaves the input."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.palette import PaletteViewModel, Row
from morpheus_desktop.widgets.basic import Picture, button, label, rule
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.focus_frame import no_ring
from morpheus_desktop.widgets.keycaps import KeyCaps
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.palette_list import PaletteList
from router.untrusted import one_line

WIDTH = 640
TOP = 112
INPUT = 56
FOOTER = 40
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}


class PaletteDialog(Overlay):
    """Finds and runs things; accepted when something was run."""

    def __init__(self, vm: PaletteViewModel, theme: Theme, over: QWidget) -> None:
        super().__init__(theme, over, "Commands", width=WIDTH, bare=True)
        self._vm = vm
        self._entered = False
        self._input = QLineEdit()
        self._input.setObjectName("paletteInput")
        self._input.setPlaceholderText("Search actions, settings, models and chats")
        self._input.setAccessibleName("Search commands")
        self._input.setMaxLength(200)
        font = QFont(theme.font("heading"))
        font.setWeight(QFont.Weight.Normal)
        self._input.setFont(font)
        self._input.setStyleSheet("border: none; background: transparent; padding: 0;")
        no_ring(self._input)
        self._input.textChanged.connect(self._search)
        self._input.installEventFilter(self)
        self._count = label("", "small", "text-3")
        self._list = PaletteList(theme)
        self._list.chosen.connect(self._run)
        self._empty = EmptyState("search", "", theme)
        self._fill_empty()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        for part in (self._head_row(), rule(), self._list):
            self.body.addWidget(part)
        self.body.addWidget(self._empty, 0, Qt.AlignmentFlag.AlignHCenter)
        self.body.addWidget(rule())
        self.body.addWidget(self._hints())
        vm.rows_changed.connect(self._refresh)
        vm.open()

    def first_focus(self) -> QWidget:
        """Typing starts at once."""
        return self._input

    def panel_top(self) -> int:
        """Near the top, so that it does not jump as it grows."""
        room = self.height() - self.panel.height()
        return max(min(self.theme.px(TOP), room // 2), 12)

    def _head_row(self) -> QWidget:
        head = QFrame()
        head.setFixedHeight(self.theme.px(INPUT))
        row = QHBoxLayout(head)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(12)
        row.addWidget(Picture(self.theme, "search", 18, "text-2"))
        row.addWidget(self._input, 1)
        row.addWidget(self._count)
        row.addWidget(KeyCaps("Esc", self.theme))
        return head

    def _hints(self) -> QWidget:
        foot = QFrame()
        foot.setFixedHeight(self.theme.px(FOOTER))
        row = QHBoxLayout(foot)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(6)
        for keys, word in ((("↑", "↓"), "Move"), (("Enter",), "Run")):
            for key in keys:
                row.addWidget(KeyCaps(key, self.theme))
            row.addWidget(label(word, "caption", "text-3"))
            row.addSpacing(10)
        row.addStretch()
        for prefix, word in ((">", "actions"), ("@", "models"), ("#", "chats")):
            row.addSpacing(4)
            row.addWidget(KeyCaps(prefix, self.theme))
            row.addWidget(label(word, "caption", "text-3"))
        return foot

    def _fill_empty(self) -> None:
        ask = button(self.theme, "Ask in a new chat", "primary")
        ask.clicked.connect(self._ask)
        search = button(self.theme, "Search messages", "ghost")
        search.clicked.connect(self._search_messages)
        self._empty.add_action(ask)
        self._empty.add_action(search)
        self._empty.sentence.hide()
        self._empty.setContentsMargins(0, 24, 0, 24)

    def _refresh(self) -> None:
        current = self._list.current()
        flipped = (
            current.item.id if current is not None and current.item.checked is not None else ""
        )
        rows = self._vm.rows
        self._list.set_rows(rows, keep=flipped)
        self._list.setVisible(bool(rows))
        self._list.setFixedHeight(self._list_height())
        nothing = not rows and bool(self._vm.words)
        self._empty.setVisible(nothing)
        self._empty.title.setText(f"Nothing for “{one_line(self._vm.words, 40)}”")
        self._count.setText(
            fmt.counted(self._vm.matches, "match", "matches") if self._vm.words else ""
        )
        self._announce()
        self._place()
        if self._entered:
            self._enter()

    def _list_height(self) -> int:
        """All rows, the first nine, or what the window leaves."""
        around = self.theme.px(INPUT + FOOTER) + self.theme.px(TOP) + 24
        return max(min(self._list.wanted_height() + 8, self._over.height() - around), 80)

    def _announce(self) -> None:
        row = self._list.current()
        self._input.setAccessibleDescription("" if row is None else row.item.title)

    def _search(self, text: str) -> None:
        self._entered = False
        self._vm.search(text)

    def _enter(self) -> None:
        """Who types fast presses Enter before all lists are read: that waits for them."""
        row = self._list.current()
        self._entered = row is None and self._vm.reading
        if row is not None:
            self._run(row)
        elif self._vm.words and not self._entered:
            self._ask()

    def _run(self, row: Row) -> None:
        if row.item.checked is not None:
            self._vm.flip(row)
            return
        # Closed first: what runs may open a dialog or move the focus itself.
        self.accept()
        self._vm.run(row)

    def _ask(self) -> None:
        self.accept()
        self._vm.ask()

    def _search_messages(self) -> None:
        self.accept()
        self._vm.search_messages()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows, Page keys and Enter in the input belong to the list."""
        if watched is self._input and isinstance(event, QKeyEvent):
            if event.type() != QEvent.Type.KeyPress:
                return False
            key = Qt.Key(event.key())
            if key in STEPS:
                self._list.move_by(STEPS[key])
                self._announce()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._enter()
                return True
        return super().eventFilter(watched, event)
