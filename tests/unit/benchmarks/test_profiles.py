"""benchmarks.profiles: the app that is measured finds what was prepared for it."""

from pathlib import Path

from benchmarks.profiles import messages, prepare
from morpheus_desktop.prefs import Prefs
from router.config import Settings
from router.paths import Paths
from router.store.chats import ChatStore
from router.store.db import Database


async def stored(paths: Paths) -> dict[str, int]:
    database = Database(paths.database, backups=paths.backups)
    await database.open()
    store = ChatStore(database)
    found = {chat.id: len(await store.messages(chat.id)) for chat in await store.list()}
    await database.close()
    return found


def test_prepare(tmp_path: Path, qloop) -> None:
    ids = prepare(tmp_path, 3, 40, settings={"inference.threads": 1})
    paths = Paths(tmp_path)
    assert qloop.run_until_complete(stored(paths)) == dict(zip(ids, (3, 40), strict=True))
    assert Settings(paths.settings).current.inference.threads == 1
    prefs = Prefs(paths.window)
    assert prefs.welcome_done
    assert prefs.page == "chat"


def test_messages_have_what_real_answers_have() -> None:
    made = messages(12)
    assert [message.role for message in made[:3]] == ["user", "assistant", "user"]
    text = "\n".join(message.content for message in made)
    for mark in ("```python", "|---|", "## ", "> ", "1. ", "**"):
        assert mark in text
    assert "{n}" not in text
    assert len({message.content for message in made}) == len(made)
