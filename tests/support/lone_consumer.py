"""A consumer as a process of its own: `python -m tests.support.lone_consumer ENDPOINT FILE`.

Asks the provider "a" there in a chat, within the limits of the app, once for each line on stdin;
says what was kept of the answer in the file, and how.
"""

import asyncio
import json
import sys
from pathlib import Path

from tests.support.lying_provider import LyingProvider, account
from tests.support.remote_chat import remote_chat

PATIENCE_S = 150.0
PATIENCE = dict.fromkeys(("first_frame_s", "gap_s", "total_s"), PATIENCE_S)


async def main(endpoint: str, file: str) -> None:
    """Ask until stdin ends."""
    async with remote_chat(Path(file), **PATIENCE) as chat:
        chat.desk.sessions.add(LyingProvider(account("a"), endpoint=endpoint))
        print("ready", flush=True)  # noqa: T201 - the test reads it
        while await asyncio.to_thread(sys.stdin.readline):
            message = await chat.ask(within_s=PATIENCE_S)
            told = {"length": len(message.content), "state": message.state, "code": chat.code}
            print(json.dumps(told), flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
