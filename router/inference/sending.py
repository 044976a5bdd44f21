"""What goes through the pipe to the worker: not more than some context could hold."""

import dataclasses
import math

from router.backends.base import Request
from router.errors import ContextTooLong
from router.inference import window

# Writing the prompt runs the template of the model file, which may never end.
PROMPT_S = 5.0
PROMPT_S_PER_MB = 2.0
CHARACTERS_PER_TOKEN = 3.5
MOST_CHARACTERS_PER_TOKEN = 16
MOST_CHARACTERS = 2_000_000


def characters(request: Request) -> int:
    """How long a request is."""
    return len(request.prompt or "") + sum(len(turn.content) for turn in request.turns)


def estimated_tokens(request: Request) -> int:
    """About how many tokens a request has, without asking a model."""
    return math.ceil(characters(request) / CHARACTERS_PER_TOKEN)


def prompt_s(request: Request) -> float:
    """Seconds that writing the prompt of a request may take."""
    return PROMPT_S + PROMPT_S_PER_MB * characters(request) / 1e6


def shortened(request: Request, context_tokens: int) -> tuple[Request, int]:
    """The request without old turns that no context could hold, and how many those are.

    The worker counts tokens exactly; this only keeps years of talk off the pipe.

    Raises:
        ContextTooLong: what is left is still more than any model could read.
    """
    sizes = [len(turn.content) for turn in request.turns]
    room = context_tokens * MOST_CHARACTERS_PER_TOKEN
    part = window.without(request.turns, window.groups_to_drop(request.turns, sizes, room, room))
    request = dataclasses.replace(request, turns=part.turns)
    check(characters(request))
    return request, part.dropped


def check(length: int) -> None:
    """Refuse a text of so many characters when no model could read it.

    Raises:
        ContextTooLong: it is too long.
    """
    if length > MOST_CHARACTERS:
        raise ContextTooLong(
            f"The text has {length:,} characters, more than any model here can read.",
            safe="Nothing was sent to the model.",
            hint="Shorten the text.",
        )
