"""One conversation on the screen: what is shown, what is being written, what can be asked."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.chat_meter import measured
from morpheus_desktop.viewmodels.chat_page import ChatPage, Meter, Pages, with_live
from morpheus_desktop.viewmodels.fit import check_fit
from router.answer import (
    AnswerDelta,
    AnswerEnded,
    AnswerFrom,
    AnswerReading,
    AnswerRerouted,
    AnswerStarted,
    AnswerWaiting,
    ChatEvent,
    NotSent,
    SavingChanged,
)
from router.backends.base import Sampling
from router.backends.routing import is_remote
from router.chat import Conversations
from router.errors import MorpheusError
from router.inference.host import HostState, InferenceHost
from router.inference.library import LocalModel, ModelLibrary
from router.store.chats import ChatStore
from router.store.records import Attachment, Chat, ChatChanged, Message

DRAFT_PAUSE_MS = 400
METER_PAUSE_MS = 300
LIVE_MS = 250


class ChatViewModel(QObject):
    """The open conversation. Message ids have 64 bits, more than a Signal(int) carries.

    Signals:
        opened: another chat is shown; `chat` (None: a new one) and `messages` are new.
        chat_changed: title, model, system prompt or parameters are new.
        messages_changed: `messages` is new; the same chat is open.
        message_changed: Message: one message reached another state.
        answer_flowed: (message id, text, reasoning) of the answer being written.
        live_changed: (message id, Stats) of the answer being written.
        writing_changed: frozenset of ids of the chats in which an answer is being written.
        saving_changed: the error that keeps answers from being saved, or None.
        meter_changed: Meter.
        attachments_changed: what goes with the next question is new.
        draft_restored: text for the composer.
        model_changed: the model's state or name is new.
        failed: an exception to show.
    """

    opened = Signal()
    chat_changed = Signal()
    messages_changed = Signal()
    message_changed = Signal(object)
    answer_flowed = Signal(object, str, str)
    live_changed = Signal(object, object)
    writing_changed = Signal(object)
    saving_changed = Signal(object)
    meter_changed = Signal(object)
    attachments_changed = Signal()
    draft_restored = Signal(str)
    model_changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        conversations: Conversations,
        chats: ChatStore,
        temporary: ChatStore,
        library: ModelLibrary,
        host: InferenceHost,
    ) -> None:
        super().__init__()
        self._conversations = conversations
        self._chats = chats
        self._temporary = temporary
        self._library = library
        self._host = host
        self._tasks = UiTasks(self.failed.emit)
        self.messages: tuple[Message, ...] = ()
        self._pages = Pages()
        self._page = self._pages.of("")
        self._model_id = ""
        self._sending = asyncio.Lock()
        self._numbers = itertools.count()
        self._timers = {
            "draft": _timer(self, DRAFT_PAUSE_MS, self._save_draft),
            "meter": _timer(
                self, METER_PAUSE_MS, lambda: self._tasks.start("meter", self._count())
            ),
        }
        self._live = QTimer(self, interval=LIVE_MS)
        self._live.timeout.connect(self._tell_live)
        self._unsubscribe = [
            conversations.changed.subscribe(self._heard),
            host.changed.subscribe(self._host_changed),
            library.changed.subscribe(lambda _none: self.model_changed.emit()),
            chats.changed.subscribe(self._store_changed),
        ]

    async def close(self) -> None:
        """Save the draft, stop listening, end what runs."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for timer in (self._live, *self._timers.values()):
            timer.stop()
        await self._tasks.close()
        for page in self._pages.all:
            await self._leave(page)

    # What is shown

    @property
    def chat(self) -> Chat | None:
        """The open chat; None before the first question of a new one."""
        return self._page.chat

    @property
    def temporary(self) -> bool:
        """Whether nothing of the open chat is kept."""
        return self._page.temporary

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """What goes with the next question."""
        return self._page.attachments

    @property
    def title(self) -> str:
        """Of the open chat."""
        return self._page.title

    @property
    def models(self) -> tuple[LocalModel, ...]:
        """The models that can be asked."""
        return tuple(m for m in self._library.models if not m.problem and "chat" in m.capabilities)

    @property
    def model_id(self) -> str:
        """Of the model that is wanted; "" is the default one of this computer."""
        return self.chat.model if self.chat is not None else self._model_id

    @property
    def is_remote(self) -> bool:
        """Whether a model of the network is wanted."""
        return is_remote(self.model_id)

    @property
    def model(self) -> LocalModel | None:
        """The model of this computer that will be asked, or None when there is none."""
        if self.is_remote:
            return None
        try:
            return self._library.find(self.model_id)
        except MorpheusError:
            return self._library.default

    @property
    def host_state(self) -> HostState:
        """How the local model is."""
        return self._host.state

    @property
    def system_prompt(self) -> str:
        """What the model is told before the conversation."""
        return self.chat.system_prompt if self.chat is not None else self._page.system_prompt

    @property
    def sampling(self) -> Sampling:
        """The parameters of the conversation."""
        return self.chat.sampling if self.chat is not None else self._page.sampling

    @property
    def writing(self) -> bool:
        """Whether an answer is being written in the open chat."""
        return self._chat_id in self._conversations.running

    # What can be done

    def new(self, *, temporary: bool = False) -> None:
        """Begin a chat; it is kept from its first question on, a temporary one never."""
        self._tasks.start("open", self._new(temporary))

    def open(self, chat_id: str) -> None:
        """Show a chat."""
        self._tasks.start("open", self._open(chat_id))

    def send(self, text: str) -> None:
        """Save a question and ask it. What cannot be saved comes back with `draft_restored`."""
        page, attachments = self._page, self._page.attachments
        page.write("")
        page.attachments = ()
        self.attachments_changed.emit()
        self._timers["draft"].start()
        # Never under the same key: a second question must not take the place of the first.
        self._tasks.start(f"send {next(self._numbers)}", self._send(page, text, attachments))

    def stop(self) -> None:
        """Stop the answer of the open chat; what is written stays."""
        self._tasks.start("stop", self._stop(self._chat_id))

    def regenerate(self, message_id: int) -> None:
        """Answer again; the old answer stays as another version."""
        self._tasks.start("ask", self._regenerate(self._chat_id, message_id))

    def answer_with(self, message_id: int, model_id: str) -> None:
        """Answer again with another model, which is the chat's from now on."""
        self._model_id = model_id
        self._tasks.start("ask", self._answer_with(self._page, message_id, model_id))

    def edit(self, message_id: int, text: str) -> None:
        """Ask a changed question; the old one stays as another version."""
        self._tasks.start("ask", self._edit(self._page, message_id, text))

    def select(self, message_id: int) -> None:
        """Show another version."""
        self._tasks.start("messages", self._select(message_id))

    def branch(self, message_id: int) -> None:
        """Go on from a message in a new chat."""
        self._tasks.start("open", self._branch(message_id))

    def set_model(self, model_id: str) -> None:
        """Ask another model from now on."""
        self._model_id = model_id
        if self.chat is not None:
            self._tasks.start("set model", self._set(self._store.set_model(self.chat.id, model_id)))
        self.model_changed.emit()

    def set_parameters(self, system_prompt: str, sampling: Sampling) -> None:
        """Change the system prompt and the parameters of this chat."""
        self._page.system_prompt, self._page.sampling = system_prompt, sampling
        if self.chat is not None:
            prompt = self._store.set_system_prompt(self.chat.id, system_prompt)
            values = self._store.set_sampling(self.chat.id, sampling)
            self._tasks.start("set parameters", self._set(prompt, values))
        self.chat_changed.emit()

    def typed(self, text: str) -> None:
        """The composer's text changed: keep it, and measure it."""
        if text == self._page.draft:
            return
        self._page.write(text)
        self._timers["draft"].start()
        self._timers["meter"].start()

    def attach(self, paths: Sequence[Path]) -> None:
        """Let text files go with the next question."""
        self._tasks.start(f"attach {next(self._numbers)}", self._attach(self._page, tuple(paths)))

    def detach(self, index: int) -> None:
        """Leave a file out."""
        kept = list(self.attachments)
        del kept[index]
        self._page.attachments = tuple(kept)
        self.attachments_changed.emit()

    def load_model(self) -> None:
        """Load the model now, so that the first answer comes sooner."""
        self._tasks.start("load", self._load(self.model.id if self.model else ""))

    # Inside

    @property
    def _store(self) -> ChatStore:
        return self._temporary if self.temporary else self._chats

    @property
    def _chat_id(self) -> str:
        return self._page.id

    async def _new(self, temporary: bool) -> None:
        await self._enter(ChatPage(temporary=True) if temporary else self._pages.fresh(), ())

    async def _open(self, chat_id: str) -> None:
        if chat_id == self._chat_id:
            return
        chat = await self._chats.get(chat_id)
        messages = await self._chats.messages(chat_id)
        page = self._pages.of(chat_id)
        page.chat = chat
        await self._enter(page, messages)

    async def _enter(self, page: ChatPage, messages: tuple[Message, ...]) -> None:
        if page.draft is None:
            page.draft = "" if page.temporary else await self._chats.draft(page.id)
        left, self._page = self._page, page
        self._timers["draft"].stop()
        for key in ("messages", "chat"):
            self._tasks.cancel(key)
        self.messages = self._with_live(messages)
        self.opened.emit()
        self.attachments_changed.emit()
        self.draft_restored.emit(page.draft)
        self._timers["meter"].start()
        self._tasks.start(f"leave {next(self._numbers)}", self._leave(left))

    async def _leave(self, page: ChatPage) -> None:
        """Save a draft, end a temporary chat. When the disk refuses, the page still has it."""
        with contextlib.suppress(MorpheusError):
            if page.temporary and page.chat is not None:
                await self._conversations.discard(page.id)
            elif page.unsaved:
                await self._store_draft(page)

    def _check_fit(self) -> None:
        check_fit(self._library, self._host.state, self.model)

    async def _send(self, page: ChatPage, text: str, attachments: tuple[Attachment, ...]) -> None:
        try:
            async with self._sending:
                self._check_fit()
                if page.chat is None:
                    await self._begin(page)
                await self._conversations.send(page.id, text, attachments)
        except (MorpheusError, asyncio.CancelledError):
            self._take_back(page, text, attachments)
            raise
        if page is self._page:
            await self._reload()

    async def _begin(self, page: ChatPage) -> None:
        """Make the chat of a page whose first question is sent."""
        page.chat = await (self._temporary if page.temporary else self._chats).create(
            model=self._model_id, system_prompt=page.system_prompt, sampling=page.sampling
        )
        if not page.temporary:
            self._pages.keep(page)
            await self._chats.save_draft("", "")
        if page is self._page:
            self.chat_changed.emit()

    async def _edit(self, page: ChatPage, message_id: int, text: str) -> None:
        try:
            self._check_fit()
            await self._conversations.edit(page.id, message_id, text)
        except MorpheusError:
            self._take_back(page, text, ())
            raise
        await self._reload()

    def _take_back(self, page: ChatPage, text: str, attachments: tuple[Attachment, ...]) -> None:
        page.take_back(text, attachments)
        if page is self._page:
            self.attachments_changed.emit()
            self.draft_restored.emit(page.draft)
            self._timers["draft"].start()

    async def _regenerate(self, chat_id: str, message_id: int) -> None:
        self._check_fit()
        await self._conversations.regenerate(chat_id, message_id)
        await self._reload()

    async def _answer_with(self, page: ChatPage, message_id: int, model_id: str) -> None:
        await self._store.set_model(page.id, model_id)
        await self._reload_chat()
        self.model_changed.emit()
        await self._regenerate(page.id, message_id)

    async def _load(self, model_id: str) -> None:
        self._check_fit()
        await self._host.load(model_id)

    async def _stop(self, chat_id: str) -> None:
        await self._conversations.stop(chat_id)

    async def _select(self, message_id: int) -> None:
        page = self._page
        messages = await self._store.select(page.id, message_id)
        if page is self._page:
            self.messages = self._with_live(messages)
            self.messages_changed.emit()

    async def _branch(self, message_id: int) -> None:
        page, store = ChatPage(temporary=self.temporary, draft=""), self._store
        page.chat = await store.branch(self._chat_id, message_id)
        messages = await store.messages(page.id)
        if not page.temporary:
            self._pages.keep(page)
        await self._enter(page, messages)

    async def _set(self, *changes: Coroutine[object, object, None]) -> None:
        await asyncio.gather(*changes)
        await self._reload_chat()

    async def _attach(self, page: ChatPage, paths: tuple[Path, ...]) -> None:
        refused = await page.add_files(paths)
        if page is self._page:
            self.attachments_changed.emit()
            self._timers["meter"].start()
        if refused is not None:
            raise refused

    async def _reload(self) -> None:
        """Read the branch in view again; the answer being written is taken from memory."""
        if (chat_id := self._chat_id) == "":
            return
        messages = self._with_live(await self._store.messages(chat_id))
        if chat_id == self._chat_id:
            self.messages = messages
            self.messages_changed.emit()
            await self._reload_chat()

    async def _reload_chat(self) -> None:
        page = self._page
        if page.chat is not None:
            page.chat = await self._store.get(page.id)
            if page is self._page:
                self.chat_changed.emit()

    def _with_live(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        return with_live(messages, self._conversations.running.get(self._chat_id))

    def _heard(self, event: ChatEvent) -> None:
        if isinstance(event, AnswerStarted | AnswerEnded):
            self._tell_writing()
        if isinstance(event, SavingChanged):
            self.saving_changed.emit(event.error)
        if event.chat_id != self._chat_id:
            return
        match event:
            case AnswerStarted() | AnswerWaiting():
                self._tasks.start("messages", self._reload())
            case NotSent(error=error):
                self.failed.emit(error)
            case AnswerFrom() | AnswerRerouted() | AnswerReading():
                self.message_changed.emit(self._conversations.running[event.chat_id].message)
            case AnswerDelta(message_id=message_id, text=text, reasoning=reasoning):
                self.answer_flowed.emit(message_id, text, reasoning)
            case AnswerEnded(message=message):
                self.message_changed.emit(message)
                self._tasks.start("messages", self._reload())
                self._timers["meter"].start()

    def _tell_writing(self) -> None:
        running = frozenset(self._conversations.running)
        self._live.start() if running else self._live.stop()
        self.writing_changed.emit(running)

    def _tell_live(self) -> None:
        answer = self._conversations.running.get(self._chat_id)
        if answer is not None and answer.message_id:
            stats = answer.stats
            self.live_changed.emit(answer.message_id, stats)
            if stats.context_tokens:
                used = stats.prompt_tokens + stats.answer_tokens
                self.meter_changed.emit(Meter(used, stats.context_tokens))

    def _store_changed(self, event: ChatChanged) -> None:
        """Somebody else (the list, an import, another program) changed or deleted a chat."""
        if event.what == "purged":
            self._pages.forget(event.chat_id)
        elif event.what == "all" and self.chat is not None and not self.temporary:
            self._tasks.start("chat", self._look_again(self._chat_id))
        elif event.chat_id != self._chat_id or not event.chat_id:
            return
        elif event.what == "deleted":
            self.new()
        elif event.what == "changed":
            self._tasks.start("chat", self._reload_chat())

    async def _look_again(self, chat_id: str) -> None:
        await self._reload() if await self._store.has(chat_id) else self.new()

    def _host_changed(self, state: HostState) -> None:
        self.model_changed.emit()
        if state.phase == "ready":
            self._timers["meter"].start()

    # Drafts and the meter

    def _save_draft(self) -> None:
        self._tasks.start("draft", self._store_draft(self._page))

    async def _store_draft(self, page: ChatPage) -> None:
        if not page.temporary:
            draft = page.draft or ""
            await self._chats.save_draft(page.id, draft)
            page.unsaved = page.draft != draft

    async def _count(self) -> None:
        page = self._page
        meter = await measured(self._host, self.model, page, self.messages, self._store)
        if meter is not None and page is self._page:
            self.meter_changed.emit(meter)


def _timer(parent: QObject, pause_ms: int, run: Callable[[], None]) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=pause_ms)
    timer.timeout.connect(run)
    return timer
