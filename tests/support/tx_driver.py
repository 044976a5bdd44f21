"""A process that sends transactions and can be killed in the middle, again and again.

It reads a job a line from stdin, does each in a fork of itself (importing takes longer than the
job), and says how that ended. Jobs: see `Job`.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from router.chain.client import Chain
from router.chain.follow import Follower
from router.chain.journal import Journal
from router.chain.nodes import Nodes
from router.chain.preparing import Intent
from router.chain.tx import TxManager
from router.networks import Network
from router.wallet.account import Account
from tests.support.forked import serve

LOOKS = 20


@dataclass(frozen=True)
class Job:
    """One run. Without an intent it is a restart that only follows what is in the journal.

    Args:
        crash_at: name of the crash point at which the process is killed; empty for none.
    """

    journal: str
    network: dict[str, Any]
    key: str
    intent: dict[str, Any] | None = None
    crash_at: str = ""

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


async def run(job: Job) -> None:
    """Send what is wanted, then follow everything until it is settled."""
    network = Network(**{**job.network, "nodes": tuple(job.network["nodes"])})
    nodes = Nodes(network.chain_id, network.nodes, requests_a_minute=1_000_000)
    chain = Chain(nodes)
    journal = Journal(Path(job.journal))
    await journal.open()
    account = Account(bytes.fromhex(job.key[2:]))
    manager = TxManager(chain, network, journal, lambda: account)
    follower = Follower(chain, network, journal, manager)
    try:
        if job.intent is not None:
            data = bytes.fromhex(job.intent["data"])
            await manager.submit(Intent(**{**job.intent, "data": data}), account.address)
        for _ in range(LOOKS):
            await follower.look()
            if not any(r.is_open for r in await journal.list(network.chain_id)):
                break
    finally:
        await journal.close()
        await nodes.close()


if __name__ == "__main__":
    serve(Job, run)
