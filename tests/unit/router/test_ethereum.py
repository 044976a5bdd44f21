"""What the Ethereum libraries do to Python is undone, whoever imports them first.

py-evm raises the limit too, because contracts call each other a thousand deep; so it is for the
process of the demo network alone.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = (
    "router.ethereum", "router.chain.client", "router.wallet.account", "router.devnet.process",
    "router.funds", "router.api.server", "router.__main__", "morpheus_desktop.app",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("module", [*MODULES, ", ".join(MODULES)])
def test_the_recursion_limit_stays(module: str) -> None:
    code = (
        "import sys; before = sys.getrecursionlimit()\n"
        f"import {module}\n"
        "import router.ethereum, web3, eth_account\n"
        "assert sys.getrecursionlimit() == before, sys.getrecursionlimit()\n"
        "assert 'eth.vm' not in sys.modules, 'the EVM is in the process of the app'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
