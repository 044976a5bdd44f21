"""The real headless node on a test's chain: `python -m tests.support.chain_node FILE OPTIONS`.

The file says where the contracts are, which for the networks of the settings stands in the code.
"""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

from router.networks import NETWORKS, Network

NAME = "arbitrum-sepolia"  # play money, so that nothing of it is guarded more than on Base


def as_known(network: Network) -> Network:
    """The network of a test, under the name by which settings know one."""
    return replace(network, name=NAME, title=NETWORKS[NAME].title)


def write(network: Network, file: Path) -> None:
    """Say where the contracts are, for the process."""
    file.write_text(json.dumps(asdict(as_known(network))), "utf-8")


def main() -> int:
    """Run the node."""
    from router.__main__ import main as run  # after the network is another one

    file, *options = sys.argv[1:]
    values = json.loads(Path(file).read_text("utf-8"))
    NETWORKS[NAME] = Network(**{**values, "nodes": tuple(values["nodes"])})
    return run([*options, "--network", NAME])


if __name__ == "__main__":
    sys.exit(main())
