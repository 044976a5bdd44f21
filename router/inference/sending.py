"""What goes through the pipe to the worker: not more than a context could hold.

The worker counts tokens exactly, but that takes seconds for a pasted book, during which it does not
hear a stop. So what is far too long is refused here, by its characters.
"""

import dataclasses
import math
from collections.abc import Sequence

from router.backends.base import Request
from router.errors import ContextTooLong
from router.inference import window

# Writing the prompt runs the template of the model file, which may never end.
PROMPT_S = 5.0
PROMPT_S_PER_MB = 2.0
CHARACTERS_PER_TOKEN = 3.5
# Only lines of spaces have tokens so long; words have 4 to 6 characters a token.
MOST_CHARACTERS_PER_TOKEN = 16
MOST_CHARACTERS = 2_000_000
# A text for a vector is computed in one piece, whose memory grows with the square of its length.
LONGEST_EMBEDDED_TOKENS = 2048


def characters(request: Request) -> int:
    """How long a request is."""
    return len(request.prompt or "") + sum(len(turn.content) for turn in request.turns)


def estimated_tokens(request: Request) -> int:
    """About how many tokens a request has, without asking a model."""
    return math.ceil(characters(request) / CHARACTERS_PER_TOKEN)


def room(context_tokens: int) -> int:
    """The most characters that a context can hold."""
    return min(context_tokens * MOST_CHARACTERS_PER_TOKEN, MOST_CHARACTERS)


def prompt_s(request: Request) -> float:
    """Seconds that writing the prompt of a request may take."""
    return PROMPT_S + PROMPT_S_PER_MB * characters(request) / 1e6


def shortened(request: Request, context_tokens: int) -> tuple[Request, int]:
    """The request without old turns that the context could not hold, and how many those are.

    Raises:
        ContextTooLong: what is left is still more than it could hold.
    """
    sizes = [len(turn.content) for turn in request.turns]
    most = room(context_tokens)
    part = window.without(request.turns, window.groups_to_drop(request.turns, sizes, most, most))
    request = dataclasses.replace(request, turns=part.turns)
    check(characters(request), most)
    return request, part.dropped


def check(length: int, most: int = MOST_CHARACTERS) -> None:
    """Refuse a text of so many characters when only `most` can be read.

    Raises:
        ContextTooLong: it is too long.
    """
    if length > most:
        raise ContextTooLong(
            f"The text has {length:,} characters, more than this model can read at once.",
            safe="Nothing was sent to the model.",
            hint="Shorten the text, or set a longer context for this model.",
        )


def check_texts(texts: Sequence[str]) -> None:
    """Refuse texts that are too long to become vectors.

    Raises:
        ContextTooLong: one of them, or all together.
    """
    check(sum(map(len, texts)))
    check(max(map(len, texts), default=0), room(LONGEST_EMBEDDED_TOKENS))
