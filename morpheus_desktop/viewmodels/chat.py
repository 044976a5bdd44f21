"""One conversation on the screen: what is shown, what is being written, what can be asked."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from morpheus_desktop.attachments import read_attachment
from morpheus_desktop.ui_tasks import UiTasks
from router.answer import (
    AnswerDelta,
    AnswerEnded,
    AnswerReading,
    AnswerStarted,
    ChatEvent,
    SavingChanged,
)
from router.backends.base import Sampling, Turn
from router.chat import Conversations
from router.errors import MorpheusError
from router.inference.host import HostState, InferenceHost
from router.inference.library import LocalModel, ModelLibrary
from router.store.chats import ChatStore
from router.store.records import Attachment, Chat, ChatChanged, Message

DRAFT_PAUSE_MS = 400
METER_PAUSE_MS = 300
LIVE_MS = 250
MOST_ATTACHMENTS = 8


@dataclass(frozen=True)
class Meter:
    """How full the context is: tokens of the conversation with the draft, and its size."""

    used: int = 0
    size: int = 0


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
        dropped: (message id, number): so many oldest messages did not fit the context.
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
    dropped = Signal(object, int)
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
        self._stores = {False: chats, True: temporary}
        self._library = library
        self._host = host
        self._tasks = UiTasks(self.failed.emit)
        self.chat: Chat | None = None
        self.messages: tuple[Message, ...] = ()
        self.attachments: tuple[Attachment, ...] = ()
        self.temporary = False
        self._draft = ""
        self._model_id = ""
        self._system_prompt = ""
        self._sampling = Sampling()
        self._timers = {
            "draft": _timer(self, DRAFT_PAUSE_MS, self._save_draft),
            "meter": _timer(self, METER_PAUSE_MS, self._measure),
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
        self._live.stop()
        if self._timers["draft"].isActive():
            await self._store_draft(self._chat_id, self._draft)
        for timer in self._timers.values():
            timer.stop()
        await self._tasks.close()

    # What is shown

    @property
    def title(self) -> str:
        """Of the open chat."""
        if self.temporary:
            return "Temporary chat"
        return (self.chat.title if self.chat is not None else "") or "New chat"

    @property
    def models(self) -> tuple[LocalModel, ...]:
        """The models that can be asked."""
        return tuple(m for m in self._library.models if not m.problem and "chat" in m.capabilities)

    @property
    def model(self) -> LocalModel | None:
        """The model that will be asked, or None when there is none."""
        wanted = self.chat.model if self.chat is not None else self._model_id
        try:
            return self._library.find(wanted)
        except MorpheusError:
            return self._library.default

    @property
    def host_state(self) -> HostState:
        """How the local model is."""
        return self._host.state

    @property
    def system_prompt(self) -> str:
        """What the model is told before the conversation."""
        return self.chat.system_prompt if self.chat is not None else self._system_prompt

    @property
    def sampling(self) -> Sampling:
        """The parameters of the conversation."""
        return self.chat.sampling if self.chat is not None else self._sampling

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
        """Save a question and ask it. On failure `draft_restored` gives the text back."""
        attachments, self.attachments = self.attachments, ()
        self.attachments_changed.emit()
        self._set_draft("")
        self._tasks.start("send", self._send(text, attachments))

    def stop(self) -> None:
        """Stop the answer of the open chat; what is written stays."""
        self._tasks.start("stop", self._stop(self._chat_id))

    def regenerate(self, message_id: int) -> None:
        """Answer again; the old answer stays as another version."""
        self._tasks.start(
            "ask", self._ask(self._conversations.regenerate(self._chat_id, message_id))
        )

    def edit(self, message_id: int, text: str) -> None:
        """Ask a changed question; the old one stays as another version."""
        self._tasks.start(
            "ask", self._ask(self._conversations.edit(self._chat_id, message_id, text))
        )

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
            self._tasks.start("set", self._set(self._store.set_model(self.chat.id, model_id)))
        self.model_changed.emit()

    def set_parameters(self, system_prompt: str, sampling: Sampling) -> None:
        """Change the system prompt and the parameters of this chat."""
        self._system_prompt, self._sampling = system_prompt, sampling
        if self.chat is not None:
            self._tasks.start("set", self._set_both(self.chat.id, system_prompt, sampling))
        self.chat_changed.emit()

    def typed(self, text: str) -> None:
        """The composer's text changed: keep it, and measure it."""
        self._set_draft(text)
        self._timers["draft"].start()
        self._timers["meter"].start()

    def attach(self, paths: Sequence[Path]) -> None:
        """Let text files go with the next question."""
        self._tasks.start("attach", self._attach(tuple(paths)))

    def detach(self, index: int) -> None:
        """Leave a file out."""
        kept = list(self.attachments)
        del kept[index]
        self.attachments = tuple(kept)
        self.attachments_changed.emit()

    def load_model(self) -> None:
        """Load the model now, so that the first answer comes sooner."""
        if (model := self.model) is not None:
            self._tasks.start("load", self._host.load(model.id))

    # Inside

    @property
    def _store(self) -> ChatStore:
        return self._stores[self.temporary]

    @property
    def _chat_id(self) -> str:
        return self.chat.id if self.chat is not None else ""

    async def _new(self, temporary: bool) -> None:
        await self._flush_draft()
        self.chat, self.messages, self.temporary = None, (), temporary
        self._system_prompt, self._sampling = "", Sampling()
        self.opened.emit()
        await self._restore_draft("")

    async def _open(self, chat_id: str) -> None:
        if chat_id == self._chat_id and not self.temporary:
            return
        await self._flush_draft()
        self.temporary = False
        self.chat = await self._store.get(chat_id)
        self.messages = self._with_live(await self._store.messages(chat_id))
        self.opened.emit()
        await self._restore_draft(chat_id)

    async def _send(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        try:
            if self.chat is None:
                self.chat = await self._store.create(
                    model=self._model_id, system_prompt=self._system_prompt, sampling=self._sampling
                )
                if not self.temporary:
                    await self._store.save_draft("", "")
                self.chat_changed.emit()
            await self._conversations.send(self.chat.id, text, attachments)
        except MorpheusError:
            self.attachments = attachments
            self.attachments_changed.emit()
            self._set_draft(text)
            self.draft_restored.emit(text)
            raise
        await self._reload()

    async def _ask(self, started: Coroutine[object, object, object]) -> None:
        await started
        await self._reload()

    async def _stop(self, chat_id: str) -> None:
        await self._conversations.stop(chat_id)

    async def _select(self, message_id: int) -> None:
        self.messages = self._with_live(await self._store.select(self._chat_id, message_id))
        self.messages_changed.emit()

    async def _branch(self, message_id: int) -> None:
        chat = await self._store.branch(self._chat_id, message_id)
        self.chat, self.messages = chat, await self._store.messages(chat.id)
        self.opened.emit()

    async def _set(self, change: Coroutine[object, object, None]) -> None:
        await change
        await self._reload_chat()

    async def _set_both(self, chat_id: str, system_prompt: str, sampling: Sampling) -> None:
        await self._store.set_system_prompt(chat_id, system_prompt)
        await self._store.set_sampling(chat_id, sampling)
        await self._reload_chat()

    async def _attach(self, paths: tuple[Path, ...]) -> None:
        room = MOST_ATTACHMENTS - len(self.attachments)
        for path in paths[:room]:
            attachment = await asyncio.to_thread(read_attachment, path)
            self.attachments = (*self.attachments, attachment)
            self.attachments_changed.emit()
        if len(paths) > room:
            raise MorpheusError(
                f"At most {MOST_ATTACHMENTS} files can go with a question.",
                safe="The first ones were attached.",
            )

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
        if self.chat is not None:
            self.chat = await self._store.get(self.chat.id)
            self.chat_changed.emit()

    def _with_live(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        answer = self._conversations.running.get(self._chat_id)
        if answer is None or not answer.message_id:
            return messages
        live = answer.message
        return tuple(replace(live, versions=m.versions) if m.id == live.id else m for m in messages)

    def _heard(self, event: ChatEvent) -> None:
        if isinstance(event, AnswerStarted | AnswerEnded):
            self._tell_writing()
        if isinstance(event, SavingChanged):
            self.saving_changed.emit(event.error)
        if event.chat_id != self._chat_id:
            return
        match event:
            case AnswerStarted():
                self._tasks.start("messages", self._reload())
            case AnswerReading(message_id=message_id, dropped_turns=number):
                if number:
                    self.dropped.emit(message_id, number)
            case AnswerDelta(message_id=message_id, text=text, reasoning=reasoning):
                self.answer_flowed.emit(message_id, text, reasoning)
            case AnswerEnded(message=message, error=error):
                self.message_changed.emit(message)
                self._tasks.start("messages", self._reload())
                if error is not None and message.state == "failed":
                    self.failed.emit(error)

    def _tell_writing(self) -> None:
        running = frozenset(self._conversations.running)
        if running and not self._live.isActive():
            self._live.start()
        elif not running:
            self._live.stop()
        self.writing_changed.emit(running)

    def _tell_live(self) -> None:
        answer = self._conversations.running.get(self._chat_id)
        if answer is not None and answer.message_id:
            self.live_changed.emit(answer.message_id, answer.stats)

    def _store_changed(self, event: ChatChanged) -> None:
        """Somebody else (the list, another program) changed or deleted the open chat."""
        if self.temporary or event.chat_id != self._chat_id or not event.chat_id:
            return
        if event.what in ("deleted", "purged"):
            self.new()
        elif event.what == "changed":
            self._tasks.start("chat", self._reload_chat())

    def _host_changed(self, _state: HostState) -> None:
        self.model_changed.emit()

    # Drafts and the meter

    def _set_draft(self, text: str) -> None:
        self._draft = text

    async def _flush_draft(self) -> None:
        if self._timers["draft"].isActive():
            self._timers["draft"].stop()
            await self._store_draft(self._chat_id, self._draft)

    def _save_draft(self) -> None:
        self._tasks.start("draft", self._store_draft(self._chat_id, self._draft))

    async def _store_draft(self, chat_id: str, text: str) -> None:
        if not self.temporary:
            await self._store.save_draft(chat_id, text)

    async def _restore_draft(self, chat_id: str) -> None:
        text = "" if self.temporary else await self._store.draft(chat_id)
        self._set_draft(text)
        self.draft_restored.emit(text)
        self._timers["meter"].start()

    def _measure(self) -> None:
        self._tasks.start("meter", self._count())

    async def _count(self) -> None:
        """Ask the loaded model how many tokens there are; a model is not loaded just for that."""
        state = self._host.state
        if self.model is None or state.phase != "ready" or state.model is None:
            return
        turns = [*_turns(self.system_prompt, self.messages), Turn("user", self._draft)]
        used = await self._host.count_tokens(self.model.id, turns)
        self.meter_changed.emit(Meter(used, state.context_tokens))


def _turns(system_prompt: str, messages: Sequence[Message]) -> list[Turn]:
    turns = [Turn("system", system_prompt)] if system_prompt else []
    return turns + [Turn(message.role, message.content) for message in messages]


def _timer(parent: QObject, pause_ms: int, run: Callable[[], None]) -> QTimer:
    timer = QTimer(parent, singleShot=True, interval=pause_ms)
    timer.timeout.connect(run)
    return timer
