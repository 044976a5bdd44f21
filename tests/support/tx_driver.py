"""A process that sends transactions and can be killed in the middle, again and again.

It reads a job a line from stdin, does each in a fork of itself (importing takes longer than the
job), and says how that ended. Jobs: see `Job`.
"""

import asyncio
import json
import os
import sys
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


def main() -> None:
    for line in sys.stdin:
        job = Job(**json.loads(line))
        child = os.fork()
        if child == 0:
            os.environ["MORPHEUS_CRASH_AT"] = job.crash_at
            try:
                asyncio.run(run(job))
            except BaseException as error:  # noqa: BLE001 - said by the exit code and on stderr
                print(repr(error), file=sys.stderr, flush=True)  # noqa: T201
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
