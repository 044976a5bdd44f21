"""The rows of a transcript: which messages and notices stand in it, and how high they may be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from morpheus_desktop.chat import wording
from morpheus_desktop.chat.answer import AnswerView
from morpheus_desktop.chat.body import estimate
from morpheus_desktop.chat.notice import Notice, NoticeView
from morpheus_desktop.chat.question import QuestionView
from router.store.records import Message
from router.untrusted import visible

TOP = 16  # above the first row
GAPS = {"question": 16, "answer": 20, "notice": 12}
_FRAME = {"question": 20, "answer": 65, "notice": 48}  # what is there besides the text

View = AnswerView | QuestionView | NoticeView


@dataclass(slots=True)
class Row:
    """One message or notice, with its widgets while they exist.

    `text` and `reasoning` came in while the message was written and are not part of it yet.
    """

    key: str
    kind: str
    item: Message | Notice
    index: int = 0
    view: View | None = None
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    unfolded: bool = False

    @property
    def message(self) -> Message:
        """The message with everything that has come in since."""
        assert isinstance(self.item, Message)
        if not self.text and not self.reasoning:
            return self.item
        return replace(
            self.item,
            content=self.item.content + "".join(self.text),
            reasoning=self.item.reasoning + "".join(self.reasoning),
        )


def rows_of(
    messages: Sequence[Message], notices: Sequence[Notice], *, hidden: bool = False
) -> Iterator[Row]:
    """The rows, top to bottom.

    Above an answer stands what did not fit the model's context, and who failed before it.

    Args:
        hidden: no amount is shown.
    """
    above: dict[int, list[Notice]] = {}
    for notice in notices:
        above.setdefault(notice.before, []).append(notice)
    before = 0
    for message in messages:
        for notice in above.get(message.id, ()):
            yield Row(f"notice {notice.key}", "notice", notice)
        count = message.stats.dropped_turns if message.stats is not None else 0
        if count > 0 and not before:
            text = wording.dropped(count)
            key = f"dropped {message.id}"
            yield Row(f"notice {key}", "notice", Notice(key, text, tone="neutral"))
        if message.role == "assistant":
            before = count
        for number, (title, text) in enumerate(wording.rerouted(message)):
            words = visible(wording.masked(text, hidden=hidden))
            key = f"rerouted {message.id} {number}"
            notice = Notice(key, words, title=title, tone="warn", icon="shuffle")
            yield Row(f"notice {key}", "notice", notice)
        kind = "question" if message.role == "user" else "answer"
        yield Row(f"message {message.id}", kind, message)
    for notice in above.get(0, ()):
        yield Row(f"notice {notice.key}", "notice", notice)


def guess(row: Row, width: int, scale: float) -> int:
    """Roughly how high a row will be with the space above it."""
    height = round((_FRAME[row.kind] + (GAPS[row.kind] if row.index else TOP)) * scale)
    if isinstance(row.item, Message):
        height += estimate(row.item.content, width, scale)
        if row.item.reasoning:
            height += round(40 * scale)
    return height
