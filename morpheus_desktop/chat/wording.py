"""The words around messages: how an answer came about and how it ended. Pure."""

import re
from datetime import datetime

from morpheus_desktop import format as shown
from morpheus_desktop.amounts import HIDDEN
from router.store.records import Message, Stats

# What can be done after a failure: an icon and words for each stable name.
CHOICES = {
    "retry": ("refresh-cw", "Try again"),
    "other_provider": ("replace", "Other provider"),
    "open": ("store", "Open a session"),
    "unlock": ("lock-open", "Unlock"),
    "local": ("cpu", "Local model"),
}
_AMOUNT = re.compile(r"\d[\d.,]*(?=\sMOR\b)")


def speed_of(stats: Stats) -> float | None:
    """Tokens per second while it was writing; None when there were too few to tell."""
    seconds = stats.total_s - stats.first_token_s
    if stats.answer_tokens < 2 or seconds <= 0:
        return None
    return (stats.answer_tokens - 1) / seconds


def facts(stats: Stats | None, created_at: float = 0.0, *, hidden: bool = False) -> list[str]:
    """`61.3 tok/s`, `0.09 s to first token`, `58 tokens`, what its time cost, `19:44`.

    Args:
        hidden: no amount is shown.
    """
    parts: list[str] = []
    if stats is not None and stats.answer_tokens:
        if (speed := speed_of(stats)) is not None:
            parts.append(shown.speed(speed))
        if stats.first_token_s > 0:
            parts.append(f"{shown.short_time(stats.first_token_s)} to first token")
        claimed = " claimed" if stats.claimed else ""
        parts.append(shown.counted(stats.answer_tokens, "token") + claimed)
    if stats is not None and stats.cost:
        amount = masked(shown.amount(stats.cost, "MOR", up=True), hidden=hidden)
        parts.append(f"cost {amount}" if stats.is_direct else f"≈ {amount} of time")
    if created_at:
        parts.append(shown.clock(datetime.fromtimestamp(created_at).astimezone()))
    return parts


def masked(text: str, *, hidden: bool) -> str:
    """A text without its amounts of MOR, where amounts are hidden."""
    return _AMOUNT.sub(HIDDEN, text) if hidden else text


def by(message: Message) -> str:
    """Whose computer wrote it."""
    if message.origin == "local":
        return "Local"
    return shown.short_address(provider) if (provider := provider_of(message)) else "Remote"


def spoken_by(message: Message) -> str:
    """The same as it is read aloud, after the model's name; nothing for this computer."""
    if message.origin == "local":
        return ""
    provider = provider_of(message)
    return f", {shown.spoken_address(provider)}" if provider else ", remote"


def provider_of(message: Message) -> str:
    """The address of who answered, or empty."""
    return message.stats.provider if message.stats is not None else ""


def choices(message: Message) -> tuple[str, ...]:
    """What can be done after a failure; asking again is always among it."""
    named = message.stats.choices if message.stats is not None else ()
    known = tuple(choice for choice in named if choice in CHOICES)
    return known if "retry" in known else (*known, "retry")


def rerouted(message: Message) -> list[tuple[str, str]]:
    """Title and text for each of those who failed before an answer."""
    told = message.stats.rerouted if message.stats is not None else ""
    lines = told.replace(" MOR", "\u00a0MOR").splitlines()  # no line ends before the unit
    titles = ["Switched provider."] * len(lines)
    if lines and message.origin == "local":
        titles[-1] = "Switched to the local model."
    return list(zip(titles, lines, strict=True))


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
