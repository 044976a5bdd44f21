"""The wallet file when the process is killed at each step of writing it.

A child process per step: it counts what it asks the system for (an audit hook) and kills itself
with SIGKILL at the n-th.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from router.errors import WrongPassword
from router.wallet.vault import Cost, Vault

OLD, NEW = "the old password", "the new password"
SECRETS = {"key": "11" * 32}
PUBLIC = {"address": "0x" + "22" * 20, "kind": "own"}
QUICK = Cost(1, 32, 4)
MOST_STEPS = 40

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def killed_at(step: int, work: Callable[[], None]) -> bool:
    """Do something in a child that dies at its `step`-th call of the system; whether it died."""
    child = os.fork()
    if child == 0:
        left = step

        def count(event: str, _args: object) -> None:
            nonlocal left
            if event in ("open", "os.rename", "os.remove"):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def opens(vault: Vault, password: str) -> bool:
    try:
        return vault.open(password).secrets == SECRETS
    except WrongPassword:
        return False


def test_another_password_is_the_old_or_the_new_one_never_both_or_none(tmp_path: Path) -> None:
    found = {"old": 0, "new": 0}
    for step in range(MOST_STEPS):
        folder = tmp_path / str(step)
        folder.mkdir()
        vault = Vault(folder / "wallet.json", folder, QUICK)
        vault.save(SECRETS, PUBLIC, OLD)
        died = killed_at(step, lambda vault=vault: vault.save(SECRETS, PUBLIC, NEW))
        vault.sweep()
        assert [path.name for path in folder.iterdir()] == ["wallet.json"]
        old, new = opens(vault, OLD), opens(vault, NEW)
        assert old is not new, f"killed at step {step}: old {old}, new {new}"
        found["old" if old else "new"] += 1
        if not died:
            break
    else:
        pytest.fail("it never came to its end")
    print(f"{step} kills while saving: {found}")  # noqa: T201 - the count is the point
    assert step >= 5
    assert found["old"] >= 3
    assert found["new"] >= 1


def test_a_first_save_is_there_or_not(tmp_path: Path) -> None:
    for step in range(MOST_STEPS):
        folder = tmp_path / str(step)
        folder.mkdir()
        vault = Vault(folder / "wallet.json", folder, QUICK)
        died = killed_at(step, lambda vault=vault: vault.save(SECRETS, PUBLIC, NEW))
        vault.sweep()
        assert not vault.exists or opens(vault, NEW)
        if not died:
            assert vault.exists
            return
    pytest.fail("it never came to its end")
