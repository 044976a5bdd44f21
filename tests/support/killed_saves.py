"""Saves a wallet file in children that are killed at each step; run with `python -m`.

A child counts what it asks the system for (an audit hook) and kills itself with SIGKILL at the
n-th. A process of its own, because a process with threads should not fork. For each step it prints
what is left: `step died exists old new`.
"""

import os
import signal
import sys
from pathlib import Path

from router.errors import WalletError, WrongPassword
from router.wallet.vault import Cost, Vault

OLD, NEW = "the old password", "the new password"
SECRETS = {"key": "11" * 32}
PUBLIC = {"address": "0x" + "22" * 20, "kind": "own"}
QUICK = Cost(1, 32, 4)
MOST_STEPS = 40


def killed_save(vault: Vault, step: int) -> bool:
    """Save with the new password in a child that dies at its `step`-th call; whether it died."""
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
        vault.save(SECRETS, PUBLIC, NEW)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def opens(vault: Vault, password: str) -> bool:
    """Whether a password opens it, with all that was in it."""
    try:
        return vault.open(password).secrets == SECRETS
    except WrongPassword:
        return False
    except WalletError:
        if vault.exists:
            raise
        return False


def main(folder: Path, *, first: bool) -> None:
    """Kill at each step until a save comes to its end."""
    for step in range(MOST_STEPS):
        place = folder / str(step)
        place.mkdir()
        vault = Vault(place / "wallet.json", QUICK)
        if not first:
            vault.save(SECRETS, PUBLIC, OLD)
        died = killed_save(vault, step)
        vault.sweep()
        left = len(list(place.iterdir())) - vault.exists
        found = (died, vault.exists, opens(vault, OLD), opens(vault, NEW), left)
        print(step, *map(int, found), flush=True)  # noqa: T201 - what it is for
        if not died:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), first=sys.argv[2] == "first")
