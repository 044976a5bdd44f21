"""The chat page: the list of chats, one conversation, and the composer below it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from morpheus_desktop.amounts import Amounts
from morpheus_desktop.chat.backdrop import Backdrop
from morpheus_desktop.chat.composer import Composer
from morpheus_desktop.chat.dock import Dock
from morpheus_desktop.chat.header import ChatHeader
from morpheus_desktop.chat.list_column import ListColumn
from morpheus_desktop.chat.notice import Notice
from morpheus_desktop.chat.session_bar import SessionBar
from morpheus_desktop.chat.session_guide import SessionGuide
from morpheus_desktop.chat.transcript import TranscriptView
from morpheus_desktop.problems import describe
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.chat import ChatViewModel
from morpheus_desktop.viewmodels.chat_list import ChatListViewModel
from morpheus_desktop.viewmodels.chat_page import Meter
from morpheus_desktop.viewmodels.chat_session import ChatSessionViewModel
from morpheus_desktop.viewmodels.fit import TooBig
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.empty_state import EmptyState
from router.errors import MorpheusError
from router.untrusted import one_line

OVERLAY_BELOW = 1120
LOCAL_MODELS = "Local models"
EMPTY = ("Ask anything", "The model runs on this computer. It is free, and nothing leaves it.")
TEMPORARY = (
    "Temporary chat",
    "Nothing of it is written to the disk. It is gone when you leave it.",
)
STARTERS = (
    "Explain how a transformer model works, for a beginner",
    "Write a short poem about the sea",
    "Suggest five names for a cat",
)


class ChatPane(QWidget):
    """Everything about chats.

    Signals:
        link_clicked: address to ask about.
        parameters_asked, models_asked: dialogs and pages of the window.
        rename_asked, export_asked: chat id.
        import_asked: read chats from a file.
        files_dropped: list of Path with chats to read.
        said: a short message for a toast.
        extend_asked, close_asked: id of the session.
        open_asked: a session is wanted; id of the model on the chain, or empty.
        unlock_asked: the wallet's password is needed.
    """

    link_clicked = Signal(str)
    extend_asked = Signal(str)
    close_asked = Signal(str)
    open_asked = Signal(str)
    unlock_asked = Signal()
    parameters_asked = Signal()
    models_asked = Signal()
    rename_asked = Signal(str)
    export_asked = Signal(str)
    import_asked = Signal()
    files_dropped = Signal(object)
    said = Signal(str)

    def __init__(
        self,
        vm: ChatViewModel,
        chats: ChatListViewModel,
        session: ChatSessionViewModel,
        theme: Theme,
        amounts: Amounts,
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self._vm = vm
        self._session = session
        self._amounts = amounts
        self._chats = chats
        self._theme = theme
        self._notices: dict[str, Notice] = {}
        self._list_wanted = True
        self._list = ListColumn(chats, theme)
        self._backdrop = Backdrop(self, theme)
        self._header = ChatHeader(vm, session, theme)
        self.session_bar = SessionBar(session, theme, amounts)
        self.transcript = TranscriptView(theme)
        self.composer = Composer(theme)
        self._guide = SessionGuide(vm, session, self.transcript, self.composer, self.session_bar)
        self._empty = self._make_empty()
        self._middle = QStackedWidget()
        self._middle.addWidget(self._empty)
        self._middle.addWidget(self.transcript)
        self._lay_out()
        self._connect()
        self._show_chat()
        self.setFocusProxy(self.composer.edit)

    def regions(self) -> list[QWidget]:
        """The parts between which F6 moves."""
        shown = [self._list.list] if self._list.isVisible() else []
        return [*shown, self.transcript, self.composer.edit]

    def search(self) -> None:
        """Go to the search field."""
        self._set_list(shown=True)
        self._list.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._list.search.selectAll()

    def toggle_list(self) -> None:
        """Show or hide the list of chats; over the conversation it has the focus."""
        shown = not self._list.isVisible()
        self._set_list(shown=shown)
        if shown and self._narrow:
            self._list.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def new_chat(self, *, temporary: bool) -> None:
        """Begin a chat and go to the composer."""
        self._vm.new(temporary=temporary)
        self._type()

    def search_messages(self, text: str) -> None:
        """Search all messages for a text."""
        self.search()
        self._list.search.setText(text)

    def show_keys(self, keys_of: Callable[[str], str]) -> None:
        """Show the shortcuts in force, asked for by the ids of their commands."""
        self._list.set_keys(search=keys_of("search"), new=keys_of("chat.new"))
        self._header.set_keys(model=keys_of("chat.model"))
        self.session_bar.set_keys(extend=keys_of("chat.extend"))

    @property
    def can_extend(self) -> bool:
        """Whether there is a session in sight that can be followed by another one."""
        return self.isVisible() and self._session.phase == "open"

    def extend(self) -> None:
        """Ask for the session that follows the one of this chat."""
        if self._session.view is not None:
            self.extend_asked.emit(self._session.view.id)

    def choose_model(self) -> None:
        """Open the list of models."""
        self._header.choose_model()

    def copy_code(self) -> None:
        """Put the last code block on the clipboard."""
        copied = self.transcript.copy_last_code()
        self.said.emit("Code copied" if copied else "There is no code in this chat yet")

    def ask(self, text: str) -> None:
        """Put a text into a new chat's composer."""
        self.new_chat(temporary=False)
        self.composer.set_text(text)

    # Building

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._header)
        right.addWidget(self.session_bar)
        right.addWidget(self._middle, 1)
        self.foot = Dock(self.composer, self._theme)
        right.addWidget(self.foot)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self._list)
        self._row.addLayout(right, 1)

    def _make_empty(self) -> QWidget:
        page = QWidget()
        area = QScrollArea()
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(page)
        column = QVBoxLayout(page)
        column.addStretch()
        state = EmptyState("message-square-plus", "", self._theme)
        column.addWidget(state, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(12)
        for words in STARTERS:
            starter = button(self._theme, words, icon="corner-down-right")
            starter.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            starter.clicked.connect(lambda _=False, words=words: self._start_with(words))
            column.addWidget(starter, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        self._empty_state = state
        return area

    def _start_with(self, words: str) -> None:
        self.composer.set_text(words)
        self._type()

    def _connect(self) -> None:
        self._connect_view_model()
        self._connect_session()
        vm, transcript, composer = self._vm, self.transcript, self.composer
        transcript.link_clicked.connect(lambda url, _text: self.link_clicked.emit(url))
        transcript.copied.connect(self._copied)
        transcript.regenerate_requested.connect(vm.regenerate)
        transcript.branch_requested.connect(vm.branch)
        transcript.edit_requested.connect(vm.edit)
        transcript.version_selected.connect(vm.select)
        transcript.notice_clicked.connect(self._notice_clicked)
        composer.sent.connect(self._send)
        composer.stopped.connect(vm.stop)
        composer.typed.connect(vm.typed)
        composer.attach_asked.connect(self._choose_files)
        composer.files_offered.connect(vm.attach)
        composer.detached.connect(vm.detach)
        composer.recalled.connect(self._edit_last)
        composer.refused.connect(self._explain)
        composer.parameters_asked.connect(self.parameters_asked)
        self._backdrop.clicked.connect(self._leave_list)
        self._header.parameters_asked.connect(self.parameters_asked)
        self._header.models_asked.connect(self.models_asked)
        self._header.model_chosen.connect(self._type)
        self._header.list_asked.connect(self.toggle_list)
        self._header.rename_asked.connect(self.rename_asked)
        self._header.export_asked.connect(self.export_asked)
        self._header.pin_asked.connect(lambda chat, pinned: self._chats.pin(chat, pinned=pinned))
        self._header.delete_asked.connect(self._chats.delete)
        self._list.opened.connect(self._open)
        self._list.new_asked.connect(lambda temporary: self.new_chat(temporary=temporary))
        self._list.rename_asked.connect(self.rename_asked)
        self._list.export_asked.connect(self.export_asked)
        self._list.import_asked.connect(self.import_asked)
        self._list.files_dropped.connect(self.files_dropped)

    def _connect_session(self) -> None:
        bar, guide = self.session_bar, self._guide
        bar.extend_asked.connect(self.extend_asked)
        bar.close_asked.connect(self.close_asked)
        guide.open_asked.connect(self.open_asked)
        guide.unlock_asked.connect(self.unlock_asked)
        self._header.open_asked.connect(lambda: self.open_asked.emit(""))
        self._session.changed.connect(self._greet)
        self._vm.model_changed.connect(self._leave_meter)
        self._amounts.changed.connect(self._hide_amounts)
        self._hide_amounts()

    def _connect_view_model(self) -> None:
        vm = self._vm
        vm.opened.connect(self._show_chat)
        vm.chat_changed.connect(self._show_parameters)
        vm.messages_changed.connect(self._show_messages)
        vm.message_changed.connect(self.transcript.set_message)
        vm.answer_flowed.connect(self.transcript.append)
        vm.live_changed.connect(self.transcript.set_live)
        vm.writing_changed.connect(lambda _ids: self._show_writing())
        vm.saving_changed.connect(self._show_saving)
        vm.meter_changed.connect(self._show_meter)
        vm.attachments_changed.connect(self._show_attachments)
        vm.draft_restored.connect(self.composer.set_text)
        vm.failed.connect(self._explain)

    # Showing

    def _show_chat(self) -> None:
        self._notices.clear()
        self._list.set_current(self._vm.chat.id if self._vm.chat is not None else "")
        self.transcript.set_notices([])
        self._show_messages()
        if self.window().focusWidget() is self.transcript:
            self._type()
        self._show_parameters()
        self._show_writing()
        self.composer.set_meter(0, 0)
        if self._narrow:
            self._set_list(shown=False)

    def _show_messages(self) -> None:
        self.transcript.set_messages(self._vm.messages)
        self._show_middle()
        if self._vm.chat is not None:
            self._list.set_current(self._vm.chat.id)
        self._greet()

    def _greet(self) -> None:
        greeting = TEMPORARY if self._vm.temporary else self._guide.greeting or EMPTY
        self._empty_state.title.setText(greeting[0])
        self._empty_state.sentence.setText(greeting[1])

    def _leave_meter(self) -> None:
        """Nobody counts the tokens of remote models beforehand."""
        if self._vm.is_remote:
            self.composer.set_meter(0, 0)

    def _hide_amounts(self) -> None:
        self.transcript.hide_amounts(hidden=self._amounts.hidden)

    def _show_middle(self) -> None:
        something = bool(self._vm.messages or self._notices)
        self._middle.setCurrentWidget(self.transcript if something else self._empty)

    def _show_parameters(self) -> None:
        sampling = self._vm.sampling
        temperature = "auto" if sampling.temperature is None else f"{sampling.temperature:g}"
        self.composer.set_parameters(temperature, one_line(self._vm.system_prompt))

    def _show_writing(self) -> None:
        self.composer.set_writing(writing=self._vm.writing)

    def _show_meter(self, meter: Meter) -> None:
        self.composer.set_meter(meter.used, meter.size)

    def _show_attachments(self) -> None:
        self.composer.set_attachments([file.name for file in self._vm.attachments])

    def _show_saving(self, error: MorpheusError | None) -> None:
        if error is None:
            self._drop_notice("saving")
        else:
            problem = describe(error)
            self._notice(
                Notice(
                    "saving",
                    f"{problem.safe} {problem.hint}".strip(),
                    title=problem.message,
                    tone="danger",
                )
            )

    def _explain(self, error: Exception) -> None:
        problem = describe(error)
        rest = " ".join(part for part in (problem.safe, problem.hint) if part)
        action = LOCAL_MODELS if isinstance(error, TooBig) else "Dismiss"
        self._notice(Notice("failed", rest, title=problem.message, tone="danger", action=action))

    def _notice(self, notice: Notice) -> None:
        self._notices[notice.key] = notice
        self._show_notices()

    def _drop_notice(self, key: str) -> None:
        if self._notices.pop(key, None) is not None:
            self._show_notices()

    def _show_notices(self) -> None:
        self.transcript.set_notices(list(self._notices.values()))
        self._show_middle()

    def _notice_clicked(self, key: str) -> None:
        if self._notices[key].action == LOCAL_MODELS:
            self.models_asked.emit()
        self._drop_notice(key)

    def _copied(self, hidden: bool) -> None:
        """The button says that it was copied; what nobody sees has to be said."""
        if hidden:
            self.said.emit(
                "Copied. It contains characters that cannot be seen; check it before you use it."
            )

    # Doing

    def _send(self) -> None:
        text = self.composer.text
        self._drop_notice("failed")
        self.composer.set_text("")
        self.transcript.jump_to_latest()
        self._vm.send(text)

    def _open(self, chat_id: str, message_id: int) -> None:
        self._vm.open(chat_id)
        if message_id:
            self._scroll_once(message_id)

    def _scroll_once(self, message_id: int) -> None:
        def scroll() -> None:
            self._vm.opened.disconnect(scroll)
            self.transcript.scroll_to(message_id)

        self._vm.opened.connect(scroll)

    def _edit_last(self) -> None:
        questions = [message for message in self._vm.messages if message.role == "user"]
        if questions:
            self.transcript.edit(questions[-1].id)

    def _choose_files(self) -> None:
        dialog = QFileDialog(self, "Attach text files")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self._vm.attach([Path(name) for name in names]))
        dialog.finished.connect(lambda _code: self.composer.edit.setFocus())
        dialog.open()

    # Layout

    def _type(self) -> None:
        """The next key goes into the question."""
        self.composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_list(self) -> None:
        self._set_list(shown=not self._narrow)
        self._type()

    @property
    def _narrow(self) -> bool:
        return self.window().width() < self._theme.px(OVERLAY_BELOW)

    def _set_list(self, *, shown: bool) -> None:
        if not self._narrow:
            self._list_wanted = shown
        self._arrange(shown=shown)

    def _arrange(self, *, shown: bool) -> None:
        """Beside the conversation in a wide window, over it in a narrow one."""
        narrow = self._narrow
        inside = self._row.indexOf(self._list) >= 0
        if narrow and inside:
            self._row.removeWidget(self._list)
        elif not narrow and not inside:
            self._row.insertWidget(0, self._list)
        if narrow:
            self._backdrop.raise_()
            self._list.setGeometry(QRect(0, 0, self._list.width(), self.height()))
            self._list.raise_()
        self._backdrop.setGeometry(self.rect())
        self._backdrop.setVisible(narrow and shown)
        self._list.setVisible(shown)
        self.composer.set_compact(compact=narrow)
        self._header.set_list_button(shown=narrow or not shown)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the list (one that lies over the conversation goes), or stops the answer."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._list.isAncestorOf(self.window().focusWidget()):
            self._leave_list()
        elif self._vm.writing:
            self._vm.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The list beside or over the conversation."""
        super().resizeEvent(event)
        self._arrange(shown=self._list_wanted and not self._narrow)
