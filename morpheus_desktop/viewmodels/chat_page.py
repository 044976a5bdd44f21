"""What belongs to one chat on the screen, and stays with it while another chat is looked at."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from morpheus_desktop.attachments import MOST_ATTACHMENTS, read_attachments
from router.answer import Answer
from router.backends.base import Sampling
from router.errors import MorpheusError
from router.store.attachments import fenced
from router.store.chats import ChatStore
from router.store.records import Attachment, Chat, Message


@dataclass
class ChatPage:
    """A chat with what is typed and attached but not sent.

    Args:
        chat: None until the first question makes one; then this page keeps it.
        draft: None until it was read from the store.
        unsaved: the draft is not in the store yet.
        system_prompt, sampling: what the chat will begin with.
    """

    temporary: bool = False
    chat: Chat | None = None
    draft: str | None = None
    unsaved: bool = False
    attachments: tuple[Attachment, ...] = ()
    system_prompt: str = ""
    sampling: Sampling = field(default_factory=Sampling)

    @property
    def id(self) -> str:
        """The chat's id, empty before there is a chat."""
        return self.chat.id if self.chat is not None else ""

    @property
    def title(self) -> str:
        """What stands above it."""
        if self.temporary:
            return "Temporary chat"
        return (self.chat.title if self.chat is not None else "") or "New chat"

    @property
    def question(self) -> str:
        """What a model would be asked if this was sent now."""
        files = [fenced(file.name, (file.data or b"").decode()) for file in self.attachments]
        return "\n\n".join([*files, self.draft or ""])

    def write(self, text: str) -> None:
        """Change the draft."""
        self.draft, self.unsaved = text, True

    def take_back(self, text: str, attachments: tuple[Attachment, ...]) -> None:
        """Put what could not be sent before what was typed since."""
        self.write("\n\n".join(part for part in (text, self.draft) if part))
        self.attachments = (*attachments, *self.attachments)

    async def add_files(self, paths: tuple[Path, ...]) -> MorpheusError | None:
        """Attach text files; returns why one of them was left out."""
        room = MOST_ATTACHMENTS - len(self.attachments)
        read, refused = await asyncio.to_thread(read_attachments, paths, room)
        self.attachments += read
        return refused


class Pages:
    """The pages of this session by the ids of their chats; "" is the page for a new chat."""

    def __init__(self) -> None:
        self._by_id = {"": ChatPage()}

    @property
    def all(self) -> tuple[ChatPage, ...]:
        """Every page."""
        return tuple(self._by_id.values())

    def of(self, chat_id: str) -> ChatPage:
        """The page of a chat."""
        return self._by_id.setdefault(chat_id, ChatPage())

    def fresh(self) -> ChatPage:
        """The page for a new chat: what was typed there stays, its settings begin afresh."""
        old = self.of("")
        self._by_id[""] = ChatPage(draft=old.draft, attachments=old.attachments)
        return self._by_id[""]

    def keep(self, page: ChatPage) -> None:
        """The page has a chat from now on."""
        self._by_id[page.id] = page
        if self._by_id.get("") is page:
            del self._by_id[""]

    def forget(self, chat_id: str) -> None:
        """The chat is gone."""
        self._by_id.pop(chat_id, None)


@dataclass(frozen=True)
class Meter:
    """How full the context is: tokens of the conversation with the draft, and its size."""

    used: int = 0
    size: int = 0


def with_live(messages: tuple[Message, ...], answer: Answer | None) -> tuple[Message, ...]:
    """The messages, that which is being written as far as it is."""
    if answer is None or not answer.message_id:
        return messages
    live = answer.message
    return tuple(replace(live, versions=m.versions) if m.id == live.id else m for m in messages)


async def texts_of(messages: Iterable[Message], store: ChatStore) -> dict[int, str]:
    """The text of every file that was sent with these messages, by its id.

    Raises:
        StorageError, NotFound
    """
    files = [file for message in messages for file in message.attachments]
    return {file.id: (await store.attachment_data(file.id)).decode() for file in files}
