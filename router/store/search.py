"""Full-text search over titles and messages.

What the user types is never query syntax: each word is quoted. A word also finds longer ones
that begin with it. All words have to be there; accents and capitals make no difference.
"""

import re
import sqlite3
import unicodedata

from router.store.records import SearchHit, storable

MOST_WORDS = 16
MOST_LETTERS = 200
RANKED = 2_000  # newest matches that are ranked; "e" alone may match every message
SHOWN = 240  # letters of a message around what was found in it
_BEFORE = 60
_LOOKED_THROUGH = 50_000
_MARKS = 40

_IN_TITLES = """
SELECT chat.id, chat.title, chat.updated_at
FROM chat_words JOIN chat ON chat.number = chat_words.rowid
WHERE chat_words MATCH ? AND chat.deleted_at IS NULL
ORDER BY chat_words.rank, chat.updated_at DESC LIMIT ?
"""
_IN_MESSAGES = """
WITH newest AS MATERIALIZED (
    SELECT rowid, bm25(message_words) AS score FROM message_words
    WHERE message_words MATCH ? ORDER BY rowid DESC LIMIT ?
)
SELECT chat.id, chat.title, message.id, message.role, message.content, message.created_at
FROM newest JOIN message ON message.id = newest.rowid
JOIN chat ON chat.id = message.chat_id AND chat.deleted_at IS NULL
ORDER BY score, message.id DESC LIMIT ?
"""


def search(connection: sqlite3.Connection, text: str, limit: int) -> tuple[SearchHit, ...]:
    """The best places, titles first, at most `limit` of each kind."""
    words = _words(text)
    if not words:
        return ()
    query = " ".join('"' + word.replace('"', '""') + '" *' for word in words)
    found = _pattern(words)
    hits = [
        SearchHit(chat_id, title, None, None, title, _marks(title, found), updated_at)
        for chat_id, title, updated_at in connection.execute(_IN_TITLES, (query, limit))
    ]
    for chat_id, title, key, role, content, created_at in connection.execute(
        _IN_MESSAGES, (query, RANKED, limit)
    ):
        shown = _excerpt(content, found)
        hits.append(SearchHit(chat_id, title, key, role, shown, _marks(shown, found), created_at))
    return tuple(hits)


def _words(text: str) -> list[str]:
    """The words to look for; signs alone are none."""
    words = storable(text[:MOST_LETTERS]).replace("\0", " ").split()
    return [word for word in words if any(char.isalnum() for char in word)][:MOST_WORDS]


def _pattern(words: list[str]) -> re.Pattern[str]:
    """Finds the words in folded text, each with the rest of a longer word."""
    parts = {part for word in words for part in re.findall(r"[^\W_]+", word.translate(_FOLD))}
    longest_first = sorted(parts, key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})[^\W_]*")


def _marks(text: str, found: re.Pattern[str]) -> tuple[tuple[int, int], ...]:
    """Where the words stand in a short text."""
    marks = [match.span() for match in found.finditer(text.translate(_FOLD))]
    return tuple(marks[:_MARKS])


def _excerpt(content: str, found: re.Pattern[str]) -> str:
    """The part of a message in which most of the words stand, on one line."""
    folded = content[:_LOOKED_THROUGH].translate(_FOLD)
    matches = [(match.start(), match.group()) for match in found.finditer(folded)][:_MARKS]

    def words_near(start: int) -> int:
        return len({word for at, word in matches if start <= at < start + SHOWN - _BEFORE})

    best = max((start for start, _ in matches), key=words_near, default=0)
    start = max(0, best - _BEFORE)
    if start > 0 and (space := re.search(r"\s", content[start:best])):
        start += space.end()
    end = start + SHOWN
    text = re.sub(r"\s", " ", content[start:end])
    return ("…" if start else "") + text + ("…" if end < len(content) else "")


class _Folding(dict[int, str]):
    """Letter by letter: without its accent, in lower case; fills itself as letters are met."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFD", chr(code))[0].lower()[0]
        self[code] = plain
        return plain


_FOLD = _Folding()
