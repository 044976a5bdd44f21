"""The self-test passes here, and says which part is broken when one is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from morpheus_desktop import selftest
from router.errors import MorpheusError

PROJECT = Path(__file__).parents[3]
PARTS = [*selftest.CHECKS, "self-test passed"]


def run(code: str = "") -> "subprocess.CompletedProcess[str]":
    """A self-test in a process of its own, after `code` has broken something."""
    program = (
        f"{code}\nimport sys; from morpheus_desktop.selftest import selftest\nsys.exit(selftest())"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.model
def test_every_part_passes():
    done = run()
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == PARTS
    assert (done.returncode, done.stderr) == (0, "")


NO_MODEL = """
from pathlib import Path
from router.inference.library import ModelLibrary
ModelLibrary.__init__.__kwdefaults__["bundled"] = Path("none")
"""
NO_FONTS = "from morpheus_desktop import assets; assets.fonts = list"
NO_DEMO = """
from router.devnet import process
process._command = lambda: ["false"]
"""
NO_SIGNING = "from router.wallet.account import Account; del Account.sign_message"
NO_CODES = "import segno; del segno.make"
BAD_PAINT = """
from morpheus_desktop.widgets.page_header import PageHeader
def fail(self, event): raise ValueError("no colour")
PageHeader.paintEvent = fail
"""


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (NO_MODEL, "model: failed: NoModel"),
        (NO_FONTS, "fonts: failed: MorpheusError: not found: JetBrains Mono, Morpheus Inter"),
        (NO_DEMO, "parts: failed: MorpheusError: Network: The demo network did not start."),
        (NO_SIGNING, "wallet: failed: AttributeError"),
        (NO_CODES, "QR code: failed: AttributeError"),
        (BAD_PAINT, "errors: failed: MorpheusError: unexpected error"),
    ],
)
def test_a_broken_part_fails_by_name(broken, said):
    done = run(broken)
    assert said in done.stdout
    assert done.stdout.endswith("self-test failed\n")
    assert done.returncode == 1


async def test_a_failing_step_does_not_keep_the_others_from_running(capsys):
    async def step() -> str:
        raise MorpheusError("the disk is full")

    assert not await selftest._passed("store", step())
    assert capsys.readouterr().out == "store: failed: MorpheusError: the disk is full\n"
