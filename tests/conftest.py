"""What holds for every test; the parts are in tests/support."""

import os
import sys
import tempfile
from pathlib import Path

import hypothesis

# Qt ends the process when it finds no screen; `scripts/test` starts a virtual one.
if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

pytest_plugins = [
    "tests.support.strict",
    "tests.support.workers",
    "tests.support.qt",
    "tests.support.chat_desk",
]

hypothesis.settings.register_profile("fast", deadline=None, max_examples=50)
hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=300, derandomize=True, print_blob=True
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

_home = tempfile.TemporaryDirectory(prefix="home-", ignore_cleanup_errors=True)


def pytest_configure() -> None:
    """Nothing a test does may reach the home folder, or the keychain, of whoever runs it."""
    home = Path(_home.name)
    os.environ.update(
        PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
        HOME=str(home),
        USERPROFILE=str(home),
        APPDATA=str(home / "roaming"),
        LOCALAPPDATA=str(home / "local"),
        XDG_CONFIG_HOME=str(home / "config"),
        XDG_DATA_HOME=str(home / "data"),
        XDG_STATE_HOME=str(home / "state"),
        XDG_CACHE_HOME=str(home / "cache"),
    )


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    _home.cleanup()
