"""A chain as a process of its own, with the contracts, and programs that take it for a network of the
settings: it is there before them and after them, unlike the demo network.

    python -m tests.support.own_chain CHAIN MODULE ARGUMENTS
"""

import contextlib
import json
import runpy
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from router.devnet.accounts import USER
from router.networks import NETWORKS

ROOT = Path(__file__).parents[2]
NETWORK = "arbitrum-sepolia"
HANG_S = 60.0


@dataclass(frozen=True)
class OwnChain:
    """The chain; the user of the demo network has money on it.

    Args:
        file: says where it and its contracts are.
    """

    url: str
    token: str
    file: Path

    def program(self, *module: str) -> tuple[str, ...]:
        """What to run so that a module uses this chain."""
        return ("tests.support.own_chain", str(self.file), *module)

    def ask(self, method: str, *params: Any) -> Any:
        """Ask the chain itself."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        request = urllib.request.Request(
            self.url, body.encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=HANG_S) as answer:
            return json.load(answer)["result"]

    def sent(self, block: str = "latest") -> int:
        """Transactions of the user up to a block."""
        return int(self.ask("eth_getTransactionCount", USER.address, block), 16)


@contextlib.contextmanager
def own_chain(folder: Path) -> Iterator[OwnChain]:
    """A chain until the block is left. Blocks come with transactions, or when asked for."""
    process = subprocess.Popen(
        [sys.executable, "-m", "router.devnet", "--block-time", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        file = folder / "own-chain.json"
        file.write_text(line)
        found = json.loads(line)
        yield OwnChain(found["url"], found["token"], file)
    finally:
        process.terminate()
        process.communicate(timeout=HANG_S)


def _run(file: Path) -> None:
    found = json.loads(file.read_text())
    NETWORKS[NETWORK] = replace(
        NETWORKS[NETWORK],
        chain_id=NETWORKS["demo"].chain_id,
        nodes=(found["url"],),
        **{name: found[name] for name in ("diamond", "token", "multicall")},
    )
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _, where, *sys.argv = sys.argv
    _run(Path(where))
