"""A provider as a process of its own: `python -m tests.support.lone_provider FOLDER`.

Says where it listens, and serves until it is killed. Who takes part, and which sessions are open, is
as in the benchmark of the relay; its model repeats what it is asked.
"""

import asyncio
import sys
from pathlib import Path
from typing import cast

from benchmarks.relay_parties import MODEL_ID, PROVIDER, Market
from router.chain.marketplace import Marketplace
from router.config import ProviderConfig
from router.paths import Paths
from router.provider.provider import Provider
from tests.support.scripted_backend import ScriptedBackend
from tests.support.serving import write_models

# All attackers come from one address here, and so does who is honest.
CONFIG = ProviderConfig(
    enabled=True,
    listen="127.0.0.1:0",
    connections_per_address=256,
    requests_a_minute=1_000_000,
)


async def main(folder: str) -> None:
    """Serve."""
    paths = Paths(Path(folder))
    write_models(paths, {"modelId": MODEL_ID, "apiType": "local"})
    market = cast("Marketplace", Market())
    provider = Provider(CONFIG, paths, market, PROVIDER, ScriptedBackend())
    host, port = await provider.start()
    await provider.look()
    print(f"{host}:{port}", flush=True)  # noqa: T201 - the test reads it
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
