"""Which titles a few typed letters may mean, how well they fit, and which letters fit; pure."""

import unicodedata
from dataclasses import dataclass

WORD_START = 100
INSIDE = 60
SCATTERED = 30
# A letter that is neither next to the one before nor at the start of a word.
STRAY_COST = 12
GAP_COST = 3
LONGEST = 200


@dataclass(frozen=True)
class Match:
    """How well a query fits a text (higher is better) and where its letters are."""

    score: int
    positions: tuple[int, ...] = ()


def fold(text: str) -> str:
    """Lower case without accents, one character for each of the text, at most LONGEST."""
    text = text[:LONGEST]
    if text.isascii():
        return text.lower()
    return "".join(_fold_one(char) for char in text)


def _fold_one(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char


def terms(query: str) -> tuple[str, ...]:
    """The words of a query, folded."""
    return tuple(fold(query).split())


def match(words: tuple[str, ...], folded: str, *, whole: bool = False) -> Match | None:
    """Fit all words of a query to a folded text, or None when one of them does not fit.

    With `whole` the letters of a word must stand together.
    """
    score = 0
    positions: set[int] = set()
    for word in words:
        found = _together(word, folded) or (None if whole else _scattered(word, folded))
        if found is None:
            return None
        score += found.score
        positions.update(found.positions)
    # Among equal fits the shorter title is the likelier wish.
    return Match(score * LONGEST - len(folded), tuple(sorted(positions)))


def _together(word: str, folded: str) -> Match | None:
    inside = -1
    at = folded.find(word)
    while at >= 0:
        if _starts_word(folded, at):
            bonus = 20 if at == 0 else 0
            return Match(WORD_START + bonus, tuple(range(at, at + len(word))))
        inside = at if inside < 0 else inside
        at = folded.find(word, at + 1)
    if inside >= 0:
        return Match(INSIDE, tuple(range(inside, inside + len(word))))
    return None


def _scattered(word: str, folded: str) -> Match | None:
    """Fit letters in order, with leaps to the starts of words, else wherever they come next."""
    # Letters strewn over a text fit almost any query: that is noise and not a find.
    if len(word) < 2:
        return None
    found = _leap(word, folded, to_starts=True) or _leap(word, folded, to_starts=False)
    return found if found is not None and found.score > 0 else None


def _leap(word: str, folded: str, *, to_starts: bool) -> Match | None:
    positions: list[int] = []
    score = SCATTERED
    for letter in word:
        last = positions[-1] if positions else -1
        at = _next(letter, folded, last + 1, to_starts=to_starts)
        if at < 0:
            return None
        if at != last + 1 or last < 0:
            score -= _leap_cost(first=last < 0, starts=_starts_word(folded, at))
        positions.append(at)
    return Match(score, tuple(positions))


def _leap_cost(*, first: bool, starts: bool) -> int:
    if not starts:
        return STRAY_COST
    return 0 if first else GAP_COST


def _next(letter: str, folded: str, start: int, *, to_starts: bool) -> int:
    first = at = folded.find(letter, start)
    while to_starts and at > start:
        if _starts_word(folded, at):
            return at
        at = folded.find(letter, at + 1)
    return first


def _starts_word(folded: str, at: int) -> bool:
    return at == 0 or not folded[at - 1].isalnum()
