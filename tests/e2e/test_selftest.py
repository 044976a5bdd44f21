"""The self-test that the bundle is judged by passes on the source tree."""

import subprocess
import sys

import pytest

from tests.support.running_app import HANG_S, ROOT


@pytest.mark.slow
@pytest.mark.model
def test_the_self_test_passes():
    done = subprocess.run(
        [sys.executable, "-m", "morpheus_desktop", "--selftest"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "self-test passed"
