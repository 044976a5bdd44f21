"""The words around messages: how an answer came about and how it ended. Pure."""

from datetime import datetime

from morpheus_desktop import format as shown
from router.store.records import Message, Stats


def speed_of(stats: Stats) -> float | None:
    """Tokens per second while it was writing; None when there were too few to tell."""
    seconds = stats.total_s - stats.first_token_s
    if stats.answer_tokens < 2 or seconds <= 0:
        return None
    return (stats.answer_tokens - 1) / seconds


def facts(stats: Stats | None, created_at: float = 0.0) -> list[str]:
    """`61.3 tok/s`, `0.09 s to first token`, `58 tokens`, `19:44`: what is known of it."""
    parts: list[str] = []
    if stats is not None and stats.answer_tokens:
        if (speed := speed_of(stats)) is not None:
            parts.append(shown.speed(speed))
        if stats.first_token_s > 0:
            parts.append(f"{shown.short_time(stats.first_token_s)} to first token")
        parts.append(shown.counted(stats.answer_tokens, "token"))
    if created_at:
        parts.append(shown.clock(datetime.fromtimestamp(created_at).astimezone()))
    return parts


def ending(message: Message) -> tuple[str, str]:
    """How an answer ended, when that needs a word, and the colour of the word."""
    if message.state == "stopped":
        return "Stopped by you", "text-2"
    if message.state == "cut_off":
        return "Cut off", "warn"
    if message.state == "done" and message.stats is not None and message.stats.finish == "length":
        return "Reached its longest length", "warn"
    return "", ""


def thought(message: Message) -> tuple[str, str]:
    """Title and note of the folded reasoning."""
    stats = message.stats
    if message.state in ("stopped", "cut_off", "failed") and not message.content:
        return "Stopped while thinking", ""
    title = "Thought"
    if stats is not None and stats.reasoning_s > 0:
        title = f"Thought for {shown.short_time(stats.reasoning_s)}"
    note = "not sent back as context"
    if stats is not None and stats.reasoning_tokens:
        note = f"{shown.counted(stats.reasoning_tokens, 'token')}, {note}"
    return title, note


def dropped(count: int) -> str:
    """The notice above an answer whose question was too long for the model."""
    if count == 1:
        return "The oldest message no longer fits the model's context and was not sent."
    return f"The {count:,} oldest messages no longer fit the model's context and were not sent."
