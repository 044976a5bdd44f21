"""The wallet file when the process is killed at each step of writing it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANG_S = 120.0

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def saves(folder: Path, kind: str) -> list[tuple[bool, ...]]:
    """(died, exists, old opens, new opens, is something else left) for each step."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.killed_saves", str(folder), kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(value != "0" for value in line.split()[1:]) for line in done.stdout.splitlines()]


def test_another_password_is_the_old_or_the_new_one_never_both_or_none(tmp_path: Path) -> None:
    steps = saves(tmp_path, "change")
    for number, (_died, exists, old, new, left) in enumerate(steps):
        assert exists, f"killed at step {number}: the file is gone"
        assert old is not new, f"killed at step {number}: old {old}, new {new}"
        assert not left, f"killed at step {number}: something is left"
    kills = sum(died for died, *_ in steps)
    kept = sum(old for _, _, old, _, _ in steps)
    print(f"{kills} kills while saving: {kept} times the old password")  # noqa: T201 - the count
    assert kills >= 5
    assert kept >= 3
    assert not steps[-1][0]
    assert steps[-1][3]


def test_a_first_save_is_there_or_not(tmp_path: Path) -> None:
    steps = saves(tmp_path, "first")
    for number, (_died, exists, _old, new, left) in enumerate(steps):
        assert exists is new, f"killed at step {number}"
        assert not left
    assert {exists for _, exists, *_ in steps} == {False, True}
