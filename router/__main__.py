"""Entry of the headless node: `python -m router`. No window, no Qt."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from router import options
from router.config import Settings
from router.crash_dumps import forbid_core_files
from router.errors import ConfigError, MorpheusError
from router.log import LogBook
from router.node import Node
from router.paths import Paths

_SWITCHED_OFF = ConfigError(
    "The HTTP interface is switched off in the settings.",
    hint="Name an address with --api to serve it for this run.",
)


def main(argv: list[str] | None = None) -> int:
    """Serve the HTTP interface until interrupted; 0 after a clean stop, 1 if it cannot serve."""
    parser = options.parser("morpheus-router", "The Morpheus node without a window.")
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="what seals and unlocks the wallet; or set MORPHEUS_PASSPHRASE",
    )
    chosen = parser.parse_args(argv)
    forbid_core_files()
    try:
        passphrase = _passphrase(chosen.passphrase_file)
        paths = Paths(chosen.data_dir)
        paths.prepare()
        settings = Settings(paths.settings, options.overrides(chosen))
    except MorpheusError as error:
        return _refuse(error)
    log = LogBook(paths.logs, settings.current.log.level)
    log.install()
    try:
        return asyncio.run(serve(Node(paths, settings, log, passphrase)))
    finally:
        log.close()


def _passphrase(file: Path | None) -> str:
    """What the wallet of a headless node is sealed with; taken out of the environment.

    Raises:
        ConfigError: the file cannot be read or is empty.
    """
    given = os.environ.pop("MORPHEUS_PASSPHRASE", "")
    if file is None:
        return given
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The passphrase file {file} cannot be read: {error}.") from error
    if not text:
        raise ConfigError(f"The passphrase file {file} is empty.")
    return text


async def serve(node: Node) -> int:
    """Run a node until SIGINT or SIGTERM; says on stdout where it listens."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as an exception
            loop.add_signal_handler(signum, stop.set)
    await node.start()
    try:
        for error in node.problems:
            _refuse(error)
        if node.api_part.state.phase != "ready":
            return 1
        if node.api is None:
            return _refuse(_SWITCHED_OFF)
        if node.api.state.moved_from:
            _say(f"Port {node.api.state.moved_from} is in use by another program.")
        for warning in node.api.state.warnings:
            _say(warning)
        print(f"Listening on {node.api_part.state.detail}", flush=True)  # noqa: T201 - for people and scripts
        await stop.wait()
        return 0
    finally:
        await node.stop()


def _refuse(error: MorpheusError) -> int:
    _say(" ".join(part for part in (error.message, error.safe, error.hint) if part))
    return 1


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - a terminal is all there is


if __name__ == "__main__":
    sys.exit(main())
