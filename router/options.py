"""The command-line options that the window and the headless node share."""

import argparse
from pathlib import Path
from typing import Any

from router import __version__
from router.config import is_loopback
from router.networks import NETWORKS
from router.paths import default_data_dir


def parser(prog: str, description: str) -> argparse.ArgumentParser:
    """A parser with the shared options."""
    options = argparse.ArgumentParser(prog=prog, description=description)
    options.add_argument(
        "--data-dir",
        type=Path,
        default=default_data_dir(),
        metavar="DIR",
        help="folder for settings, chats, models and logs (default: %(default)s)",
    )
    options.add_argument(
        "--api",
        type=address,
        metavar="HOST:PORT",
        help="where the HTTP interface listens for this run (default: 127.0.0.1:8082)",
    )
    options.add_argument(
        "--network", choices=sorted(NETWORKS), metavar="NAME", help=", ".join(sorted(NETWORKS))
    )
    options.add_argument("--version", action="version", version=f"Morpheus Desktop {__version__}")
    return options


def address(text: str) -> tuple[str, int]:
    """Read HOST:PORT, :PORT or [IPV6]:PORT.

    Raises:
        argparse.ArgumentTypeError: not an address, or a port outside 0 to 65535.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not HOST:PORT, for example 127.0.0.1:8082")
    return host.strip("[]") or "127.0.0.1", int(port)


def overrides(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line replaces for this run.

    Naming an outside address on the command line is the explicit wish that
    `api.allow_lan` stands for.
    """
    values: dict[str, Any] = {}
    if options.network is not None:
        values["network"] = options.network
    if options.api is not None:
        host, port = options.api
        values |= {"api.host": host, "api.port": port, "api.enabled": True}
        if not is_loopback(host):
            values["api.allow_lan"] = True
    return values
