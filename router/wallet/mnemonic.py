"""Recovery phrases after BIP-39: made, checked word by word, turned into a seed."""

import functools
import hashlib
import unicodedata
from dataclasses import dataclass, field

from mnemonic import Mnemonic

from router.errors import BadRequest

STRENGTHS = {12: 128, 15: 160, 18: 192, 21: 224, 24: 256}  # words: bits
MADE = (12, 24)
LANGUAGES: tuple[str, ...] = tuple(sorted(Mnemonic.list_languages()))
LONGEST_PHRASE = 2_000


@dataclass(frozen=True)
class Checked:
    """What is to be said of a phrase.

    Args:
        words: as they were typed, normalised (NFKD).
        language: of the word list that fits best; empty when no word fits any.
        unknown: positions of words, from 0, that are not in that list.
        problem: why it cannot be used, in a sentence; empty when it can.
    """

    words: tuple[str, ...] = field(repr=False)
    language: str
    unknown: tuple[int, ...]
    problem: str

    @property
    def is_valid(self) -> bool:
        """Whether a wallet can be made of it."""
        return not self.problem

    @property
    def phrase(self) -> str:
        """The words with single spaces."""
        return " ".join(self.words)


def make(words: int = 12) -> str:
    """A new phrase in English, from the system's random numbers.

    Raises:
        BadRequest: another number of words than 12 or 24.
    """
    if words not in MADE:
        raise BadRequest("A recovery phrase has 12 or 24 words.", param="words")
    return _list("english").generate(STRENGTHS[words])


def check(phrase: str) -> Checked:
    """Look at a typed phrase: number of words, each word, and the checksum."""
    if len(phrase) > LONGEST_PHRASE:
        return Checked((), "", (), "This is too long for a recovery phrase.")
    words = tuple(unicodedata.normalize("NFKD", phrase).lower().split())
    language, unknown = _best_language(words)
    return Checked(words, language, unknown, _problem(words, language, unknown))


def completions(start: str, language: str = "english", most: int = 4) -> tuple[str, ...]:
    """The words that begin so, when they are few enough to be offered."""
    begin = unicodedata.normalize("NFKD", start.strip().lower())
    found = tuple(word for word in _list(language).wordlist if word.startswith(begin))
    return found if begin and len(found) <= most else ()


def seed(phrase: str, passphrase: str = "") -> bytes:
    """The seed of 64 bytes; BIP-39, PBKDF2 with 2,048 rounds of HMAC-SHA512.

    Raises:
        BadRequest: the phrase is wrong; says how.
    """
    checked = check(phrase)
    if not checked.is_valid:
        raise BadRequest(checked.problem, param="phrase")
    return Mnemonic.to_seed(checked.phrase, passphrase)


@functools.cache
def _list(language: str) -> Mnemonic:
    return Mnemonic(language)


@functools.cache
def _words(language: str) -> dict[str, int]:
    """The place of each word, in the normal form in which phrases are compared.

    The library's own check compares as its files are written, and so refuses right phrases.
    """
    words = _list(language).wordlist
    return {unicodedata.normalize("NFKD", word): place for place, word in enumerate(words)}


def _best_language(words: tuple[str, ...]) -> tuple[str, tuple[int, ...]]:
    """The list with the fewest unknown words, of several the one whose checksum fits."""
    best: tuple[int, int, str] | None = None
    for language in LANGUAGES:
        known = _words(language)
        unknown = sum(word not in known for word in words)
        if unknown == len(words):
            continue
        wrong = int(unknown > 0 or not _fits(words, language))
        # English first when nothing else speaks for a language.
        rank = (unknown, wrong, "" if language == "english" else language)
        best = rank if best is None else min(best, rank)
    if best is None:
        return "", tuple(range(len(words)))
    language = best[2] or "english"
    known = _words(language)
    return language, tuple(i for i, word in enumerate(words) if word not in known)


def _fits(words: tuple[str, ...], language: str) -> bool:
    """Whether the checksum is right: the last bits are the first ones of the others' SHA-256."""
    if len(words) not in STRENGTHS:
        return False
    places = _words(language)
    number = 0
    for word in words:
        number = number << 11 | places[word]
    checksum_bits = len(words) // 3
    entropy = (number >> checksum_bits).to_bytes(STRENGTHS[len(words)] // 8, "big")
    first = hashlib.sha256(entropy).digest()[0] >> (8 - checksum_bits)
    return number & ((1 << checksum_bits) - 1) == first


def _problem(words: tuple[str, ...], language: str, unknown: tuple[int, ...]) -> str:
    if not words:
        return "Type the words of the recovery phrase."
    if unknown:
        if not language:
            return "These are not words of a recovery phrase."
        places = ", ".join(str(position + 1) for position in unknown[:5])
        noun = "Word" if len(unknown) == 1 else "Words"
        verb = "is" if len(unknown) == 1 else "are"
        return f"{noun} {places} {verb} not in the word list."
    if len(words) not in STRENGTHS:
        return f"A recovery phrase has 12, 15, 18, 21 or 24 words; these are {len(words)}."
    if not _fits(words, language):
        return "The words do not belong together: one of them is wrong, or their order."
    return ""
