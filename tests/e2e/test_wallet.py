"""The whole app with its own demo network: a payment with the buttons of the window."""

import subprocess
import sys

import pytest

from tests.support.running_app import ROOT, needs_keyboard

pytestmark = [needs_keyboard, pytest.mark.slow, pytest.mark.timeout(120)]


def test_play_money_is_sent_from_the_window(tmp_path):
    command = [sys.executable, "-m", "tests.support.driven_app", "pay"]
    where = ["--data-dir", str(tmp_path / "data"), "--api", "127.0.0.1:0", "--network", "demo"]
    done = subprocess.run([*command, *where], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"confirmed {975 * 10**18}\n", done.stderr
