"""The real keychain of a Linux desktop: gnome-keyring on a session bus of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANG_S = 120.0

needs_keyring = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("dbus-run-session", "gnome-keyring-daemon")),
    reason="needs dbus-run-session and gnome-keyring: scripts/test brings both on Linux",
)

PROGRAM = """
import asyncio, sys
from pathlib import Path
from router.wallet.secret_store import Keychain
from router.wallet.vault import Cost
from router.wallet.wallet import Wallet

async def main() -> None:
    folder = Path(sys.argv[1])
    found = await Keychain().availability()
    print("usable", found.usable, found.reason)
    if not found.usable:
        return
    wallet = Wallet(folder, cost=Cost(1, 32, 4))
    await wallet.import_key("11" * 32, "correct horse")
    await wallet.remember("correct horse")
    again = Wallet(folder, cost=Cost(1, 32, 4))
    await again.open()
    print("remembered", again.state.in_keychain, again.state.kind)
    print("unlocked", (await again.unlock_with_keychain()).kind)
    await again.forget()
    again.lock()
    try:
        await again.unlock_with_keychain()
    except Exception as error:
        print("forgotten", type(error).__name__)

asyncio.run(main())
"""
NODE_KEYS = """
import asyncio, sys
from pathlib import Path
from router.config import Settings
from router.wallet.node_keys import NodeKeys
from router.wallet.secret_store import Keychain

URL = "https://me:secret@base.example/v2/key-that-costs?key=1"

async def main() -> None:
    settings = Settings(Path(sys.argv[1]) / "settings.toml")
    keys = NodeKeys(settings)
    settings.change({"chain.base": await keys.keep(URL)})
    (kept,) = settings.current.chain.base
    print(kept.partition(":")[0], kept.count("key"), "secret" in settings.path.read_text())
    await keys.close()
    keys = NodeKeys(Settings(settings.path))
    print("same", await keys.real(kept) == URL)
    await keys.forget(kept)
    print("forgotten", await keys.real(kept))
    await keys.close()

asyncio.run(main())
"""
UNLOCK = 'printf "\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$@"'


def run(folder: Path, *before: str, program: str = PROGRAM) -> list[str]:
    """What the program says on a session bus of its own."""
    home = folder / "home"
    home.mkdir()
    wallet = folder / "wallet"
    wallet.mkdir()
    names = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND")
    env = {key: value for key, value in os.environ.items() if key not in names}
    env |= {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_RUNTIME_DIR": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    command = ["dbus-run-session", "--", *before, sys.executable, "-c", program, str(wallet)]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=HANG_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@needs_keyring
def test_it_unlocks_the_wallet_until_it_is_told_to_forget(tmp_path: Path) -> None:
    assert run(tmp_path, "sh", "-c", UNLOCK, "sh") == [
        "usable True ",
        "remembered True locked",
        "unlocked unlocked",
        "forgotten WalletError",
    ]


@needs_keyring
def test_it_keeps_the_key_of_a_node(tmp_path: Path) -> None:
    assert run(tmp_path, "sh", "-c", UNLOCK, "sh", program=NODE_KEYS) == [
        "https 1 False",
        "same True",
        "forgotten None",
    ]


@needs_keyring
def test_on_a_bus_without_a_keychain_it_is_refused_with_a_reason(tmp_path: Path) -> None:
    (line,) = run(tmp_path, "env", "XDG_DATA_DIRS=/nonexistent")
    assert line.startswith("usable False ")
    assert line.endswith(".")
