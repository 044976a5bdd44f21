"""Keeps what is in memory, keys above all, out of files that a crash would leave behind."""

import sys

if sys.platform != "win32":
    import resource


def forbid_core_files() -> None:
    """No core file of this process and of those that it starts. Windows makes none by itself."""
    if sys.platform != "win32":
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
