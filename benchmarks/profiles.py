"""Data folders for the measured app: an app that was used before, with chats on disk."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from morpheus_desktop.prefs import Prefs
from router.config import Settings
from router.paths import Paths
from router.store.chats import ChatStore
from router.store.db import Database
from router.store.records import NewMessage

QUESTIONS = (
    "How do I read a large file line by line, number {n}?",
    "Which is faster for {n} entries, a list or a set? Please show figures.",
    "Explain the water cycle to me in {n} words.",
)
ANSWERS = (
    """Reading number {n} works like this:

```python
from pathlib import Path

def lines(path: Path, most: int = {n}) -> list[str]:
    found: list[str] = []
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number >= most:
                break
            found.append(line.rstrip("\\n"))
    return found
```

The file is **never** in memory as a whole. `enumerate` counts, and `break` leaves early.""",
    """With {n} entries the difference is large:

| Container | Look up | Add | Memory |
|---|---:|---:|---:|
| list | {n} steps | 1 step | 8 bytes |
| set | 1 step | 1 step | 32 bytes |
| dict | 1 step | 1 step | 56 bytes |

1. Use a *set* when you only ask **whether** something is there.
2. Use a *list* when the order counts.
   - It can be sorted in place.
   - It can hold the same thing twice.

> Measure before you change anything.""",
    """## The water cycle, part {n}

Water evaporates from seas, lakes and rivers when the sun warms them. The vapour rises, cools and
becomes clouds; wind carries them over the land. There it falls as rain, snow or hail, seeps into
the ground or runs off in brooks and rivers, and in the end it is back in the sea, where everything
begins anew. About {n} days pass until a drop has gone all the way, though some wait in glaciers
for thousands of years. See [a longer text](https://example.org/{n}) for the details.

Plants take part as well: they drink with their roots and breathe vapour out with their leaves.""",
)


def prepare(folder: Path, *lengths: int, settings: Mapping[str, object] | None = None) -> list[str]:
    """Make a data folder with chats of so many messages; returns their ids.

    The chat page opens first, as it does from the second start on.
    """
    paths = Paths(folder)
    paths.prepare()
    Settings(paths.settings).change(settings or {})
    prefs = Prefs(paths.window)
    prefs.welcome_done = True
    prefs.page = "chat"
    return asyncio.run(_with_chats(paths, lengths))


async def _with_chats(paths: Paths, lengths: tuple[int, ...]) -> list[str]:
    database = Database(paths.database, backups=paths.backups)
    await database.open()
    store = ChatStore(database)
    ids = []
    for length in lengths:
        chat = await store.create()
        await store.add(chat.id, *messages(length), title=f"A chat of {length:,} messages")
        ids.append(chat.id)
    await database.close()
    return ids


def messages(length: int) -> list[NewMessage]:
    """Questions and answers as they are in real chats, with code, tables, lists and prose."""
    return [
        NewMessage("assistant", ANSWERS[n // 2 % len(ANSWERS)].replace("{n}", str(n)))
        if n % 2
        else NewMessage("user", QUESTIONS[n // 2 % len(QUESTIONS)].replace("{n}", str(n)))
        for n in range(length)
    ]
