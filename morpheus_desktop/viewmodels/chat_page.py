"""What belongs to one chat on the screen, and stays with it while another chat is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from router.backends.base import Sampling
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


@dataclass(frozen=True)
class Meter:
    """How full the context is: tokens of the conversation with the draft, and its size."""

    used: int = 0
    size: int = 0


async def texts_of(messages: Iterable[Message], store: ChatStore) -> dict[int, str]:
    """The text of every file that was sent with these messages, by its id.

    Raises:
        StorageError, NotFound
    """
    files = [file for message in messages for file in message.attachments]
    return {file.id: (await store.attachment_data(file.id)).decode() for file in files}
