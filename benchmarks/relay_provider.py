"""The provider of the relay: `python -m benchmarks.relay_provider FOLDER URL`, on a core of its own.

It tells where it listens; each line on stdin is answered with the seconds of the processor that it
used so far.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, cast

from benchmarks.child import say
from benchmarks.relay_parties import MODEL_ID, PROVIDER, Market, stay_on
from router.backends.base import Backend
from router.chain.marketplace import Marketplace
from router.config import ProviderConfig
from router.paths import Paths
from router.provider.provider import Provider

# As for somebody who serves one large customer: all streams come from one address here.
CONFIG = ProviderConfig(
    enabled=True,
    listen="127.0.0.1:0",
    connections_per_address=128,
    requests_a_minute=1_000_000,
)


async def main(folder: str, url: str) -> None:
    """Serve until stdin ends."""
    stay_on(0)
    paths = Paths(Path(folder))
    entry = {"modelId": MODEL_ID, "apiType": "openai", "apiUrl": url, "modelName": "fake"}
    await asyncio.to_thread(paths.served_models.write_text, json.dumps({"models": [entry]}))
    local = cast("Backend", None)  # no entry asks for one
    provider = Provider(CONFIG, paths, cast("Marketplace", Market()), PROVIDER, local)
    host, port = await provider.start()
    await provider.look()
    say({"endpoint": f"{host}:{port}"})
    while await asyncio.to_thread(sys.stdin.readline):
        say(_used())
    await provider.stop()


def _used() -> dict[str, Any]:
    return {"cpu_s": time.process_time()}


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
