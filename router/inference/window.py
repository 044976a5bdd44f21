"""Which turns of a conversation are left out when it has outgrown the model's context.

The policy: system messages and the newest question always stay. The oldest questions go, each
together with its answers, and they go a quarter of the context at a time: so the prompt begins
in the same way for several questions, and what the model has already read can be used again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from router.backends.base import Turn

MOST_RESERVED_TOKENS = 512


@dataclass(frozen=True)
class Window:
    """The turns that are sent, and how many are not."""

    turns: tuple[Turn, ...]
    dropped: int


def reserve(context_tokens: int, max_tokens: int | None) -> int:
    """Tokens kept free for the answer: as many as it may have, at most a quarter."""
    return min(max_tokens or MOST_RESERVED_TOKENS, MOST_RESERVED_TOKENS, context_tokens // 4)


def least_answer(context_tokens: int) -> int:
    """Tokens that must be free for an answer to be worth beginning."""
    return min(32, context_tokens // 8)


def groups(turns: Sequence[Turn]) -> list[list[int]]:
    """The positions of the turns that go together: a question and all that answers it."""
    result: list[list[int]] = []
    for position, turn in enumerate(turns):
        if turn.role == "system":
            continue
        if turn.role == "user" or not result:
            result.append([])
        result[-1].append(position)
    return result


def without(turns: Sequence[Turn], count: int) -> Window:
    """The conversation without its `count` oldest groups."""
    gone = {position for group in groups(turns)[:count] for position in group}
    kept = tuple(turn for position, turn in enumerate(turns) if position not in gone)
    return Window(kept, len(gone))


def groups_to_drop(turns: Sequence[Turn], sizes: Sequence[int], room: int, step: int) -> int:
    """How many of the oldest groups to leave out; the newest is never among them.

    Args:
        sizes: tokens of each turn.
        room: tokens that all of it may have.
        step: what is left out is at least a multiple of so many tokens.
    """
    excess = sum(sizes) - room
    if excess <= 0:
        return 0
    wanted = math.ceil(excess / step) * step
    parts = groups(turns)
    dropped = 0
    for count, group in enumerate(parts[:-1]):
        if dropped >= wanted:
            return count
        dropped += sum(sizes[position] for position in group)
    return max(len(parts) - 1, 0)
