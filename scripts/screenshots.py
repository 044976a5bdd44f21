"""Takes pictures of the real app: each page and state, in both themes and two window sizes.

    .venv/bin/python scripts/screenshots.py FOLDER [WORD]

With a word, only of the states whose name has it. The app runs on a virtual screen of its own, on a
data folder prepared here, with the real model. Not a test: the pictures are looked at by people.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from devtools import screen

from morpheus_desktop.app import Hooks, run
from morpheus_desktop.desk import Desk
from morpheus_desktop.panes.settings import SettingsPane
from morpheus_desktop.problems import crash_of
from morpheus_desktop.widgets.overlay import Overlay
from router import options
from router.answer import AnswerDelta, ChatEvent
from router.backends.base import Sampling
from router.store.chats import ChatStore
from router.store.records import NewMessage, Stats

SIZES = ((1280, 820), (960, 640))
SETTLE_S = 0.6  # longer than any transition
DAY_S = 86_400
MODEL = "Phi-4 mini"
TITLE = "Parse nginx logs"
WRITTEN = 150  # characters of an answer that make a good picture
OLDER = {
    0.3: "Trip plan: Porto in October",
    1: "Rust lifetimes explained simply",
    1.2: "Draft reply to the landlord",
    3: "SQL window functions cheat sheet",
    5: "Regex for Portuguese tax numbers",
    40: "Sourdough timing table",
}
QUESTION = "Which pages in my nginx log fail most often?"
ANSWER = """Read the file line by line, keep only `5xx` responses and count them by path:

```python
def top_errors(path: str, n: int = 10) -> list:
    hits = Counter()
    for line in open(path, encoding="utf-8"):
        if (m := LINE.match(line)) and m[2].startswith("5"):
            hits[m[1]] += 1
    return hits.most_common(n)
```

| Path | Failures |
|---|---:|
| `/checkout` | 118 |
| `/api/cart` | 42 |
"""
NEXT_QUESTION = "Explain what a log file is and what it is good for."

Step = Callable[[Desk], Awaitable[None]]


async def prepare(desk: Desk) -> None:
    """Chats of several days."""
    database = desk.node.services.database
    for days, title in OLDER.items():
        then = time.time() - days * DAY_S
        store = ChatStore(database, clock=lambda then=then: then)
        chat = await store.create()
        said = NewMessage("user", title), NewMessage("assistant", "Gladly.", model=MODEL)
        await store.add(chat.id, *said, title=title)
    await renew(desk)


async def renew(desk: Desk) -> None:
    """Make the newest chat anew: its answer has everything in it."""
    store = desk.node.services.chats
    await store.purge(*(chat.id for chat in await store.list() if chat.title == TITLE))
    chat = await store.create(sampling=Sampling(temperature=0.0))
    stats = Stats(31, 341, 0.18, 6.66, 186, 3.4, 8192)
    reasoning = "The log has one request a line. The status is the ninth field."
    answer = NewMessage("assistant", ANSWER, reasoning, model=MODEL, stats=stats)
    await store.add(chat.id, NewMessage("user", QUESTION), answer, title=TITLE)
    desk.chats.refresh()


async def welcome(desk: Desk) -> None:
    """The first screen."""
    desk.window.show_welcome()


async def chat_empty(desk: Desk) -> None:
    """A new chat."""
    desk.window.open_page("chat")
    desk.chat.new()


async def chat_full(desk: Desk) -> None:
    """An answer with code, a table and reasoning."""
    desk.window.open_page("chat")
    desk.chat.open((await desk.node.services.chats.list())[0].id)


async def chat_temporary(desk: Desk) -> None:
    """A chat that leaves nothing behind."""
    desk.window.open_page("chat")
    desk.chat.new(temporary=True)


async def chat_writing(desk: Desk) -> None:
    """While the model writes; the model is loaded before, so that the moment is a good one."""
    await chat_full(desk)
    await asyncio.sleep(SETTLE_S)
    if desk.chat.model is not None:
        await desk.node.services.host.load(desk.chat.model.id)
    written = asyncio.Event()
    text: list[str] = []

    def hear(event: ChatEvent) -> None:
        if isinstance(event, AnswerDelta):
            text.append(event.text)
            if len("".join(text)) > WRITTEN:
                written.set()

    unsubscribe = desk.node.services.conversations.changed.subscribe(hear)
    desk.chat.send(NEXT_QUESTION)
    async with asyncio.timeout(60):
        await written.wait()
    unsubscribe()


def page(name: str) -> Step:
    """A page as it opens."""

    async def step(desk: Desk) -> None:
        desk.window.open_page(name)

    return step


def section(title: str) -> Step:
    """A section of the settings."""

    async def step(desk: Desk) -> None:
        pane = desk.window.open_page("settings")
        assert isinstance(pane, SettingsPane)
        pane.show_section(title)

    return step


def over(name: str) -> Step:
    """A dialog of the window over the chat."""

    async def step(desk: Desk) -> None:
        await chat_full(desk)
        getattr(desk.window.dialogs, name)()

    return step


async def crash(desk: Desk) -> None:
    """The dialog about a mistake of the app."""
    await chat_full(desk)
    try:
        raise ValueError("an example")
    except ValueError as error:
        desk.window.dialogs.crash(crash_of(error))


STATES: dict[str, Step] = {
    "welcome": welcome,
    "chat-empty": chat_empty,
    "chat-temporary": chat_temporary,
    "chat": chat_full,
    "chat-writing": chat_writing,
    **{name: page(name) for name in ("market", "staking", "wallet", "models", "provider")},
    "diagnostics": page("diagnostics"),
    **{
        f"settings-{title.lower().replace(' ', '-')}": section(title)
        for title in ("Appearance", "Keyboard", "Local models", "API access", "Data and backups")
    },
    "settings-about": section("About"),
    **{f"dialog-{name}": over(name) for name in ("palette", "shortcuts", "licences", "offline")},
    "dialog-mistake": crash,
}


async def take(desk: Desk, folder: Path, word: str) -> None:
    """All pictures."""
    await prepare(desk)
    for mode in ("dark", "light"):
        desk.window.looks.set_mode(mode)
        for width, height in SIZES:
            desk.window.resize(width, height)
            for name, step in STATES.items():
                if word in name:
                    await step(desk)
                    await asyncio.sleep(SETTLE_S)
                    picture = folder / f"{name}-{mode}-{width}.png"
                    assert desk.window.grab().save(str(picture)), picture
                    await leave(desk)


async def leave(desk: Desk) -> None:
    """Close dialogs and end answers, so that the next state begins clean."""
    for dialog in desk.window.findChildren(Overlay):
        dialog.reject()
    for chat_id in tuple(desk.node.services.conversations.running):
        await desk.node.services.conversations.stop(chat_id)
        await renew(desk)


def main(folder: Path, word: str = "") -> int:
    """Start the app for the time of the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with screen.virtual() as variables, tempfile.TemporaryDirectory() as data:
        os.environ.update(variables)
        arguments = ["--data-dir", data, "--api", "127.0.0.1:0"]
        chosen = options.parser("screenshots", "").parse_args(arguments)
        return run(chosen, Hooks(started=lambda desk: take(desk, folder, word)))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
