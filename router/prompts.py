"""What a model is told of a chat: turns made from its messages (pure)."""

import re
from collections.abc import Iterable, Mapping

from router.backends.base import Turn
from router.store.attachments import fenced
from router.store.records import Message
from router.untrusted import one_line

TITLE_WORDS = 6


def turns_of(
    system_prompt: str, path: Iterable[Message], files: Mapping[int, str]
) -> tuple[Turn, ...]:
    """The conversation as a model sees it, without reasoning and without empty answers.

    Two messages of the same role in a row, like a question after one that was never answered,
    become one turn: most chat templates want roles to alternate.

    Args:
        files: the text of each attachment that is text, by its id.
    """
    turns = [Turn("system", system_prompt)] if system_prompt.strip() else []
    for message in path:
        content = _content(message, files)
        if not content.strip():
            continue
        if turns and turns[-1].role == message.role:
            content = f"{turns.pop().content}\n\n{content}"
        turns.append(Turn(message.role, content))
    return tuple(turns)


def title_of(text: str) -> str:
    """A title from a first question: its first words, without marks of formatting."""
    lines = (re.sub(r"^[\s#>*`~-]+", "", line) for line in text[:2_000].splitlines())
    words = next((line for line in lines if line), "").split()
    title = " ".join(words[:TITLE_WORDS]).rstrip(".,:;?!")
    return one_line(title + ("…" if len(words) > TITLE_WORDS else ""))


def _content(message: Message, files: Mapping[int, str]) -> str:
    blocks = [fenced(file.name, files[file.id]) for file in message.attachments if file.id in files]
    return "\n\n".join([*blocks, message.content] if message.content else blocks)
