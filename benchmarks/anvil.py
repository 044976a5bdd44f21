"""anvil, a node of other people's making: for tests and benchmarks, from the tools in tools/evm."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from router.devnet.accounts import ACCOUNTS

START_S = 20.0
_NAMES = {"linux": "linux-amd64", "darwin": "darwin-arm64", "win32": "win32-amd64"}
_PACKAGES = Path(__file__).parents[1] / "tools/evm/node_modules/@foundry-rs"


def anvil_path() -> Path | None:
    """The program, if the tools were installed (`npm ci --ignore-scripts` in tools/evm)."""
    found = list(_PACKAGES.glob(f"anvil-{_NAMES.get(sys.platform, '')}*/bin/anvil*"))
    return found[0] if found else None


@asynccontextmanager
async def anvil(start: int, arguments: Sequence[str] = ()) -> AsyncIterator[str]:
    """A running anvil with the coin of the demo accounts; its address.

    Args:
        start: time of the first block, in seconds since 1970.

    Raises:
        RuntimeError: it is not installed, or did not start.
    """
    program = anvil_path()
    if program is None:
        raise RuntimeError("anvil is missing. Run `npm ci --ignore-scripts` in tools/evm.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(program), "--port", str(port), "--chain-id", "1337", "--timestamp", str(start)]
    process = await asyncio.create_subprocess_exec(
        *command, "--accounts", "1", "--silent", *arguments,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session:
            await _answers(session, url, process)
            for account in ACCOUNTS:
                body = {"jsonrpc": "2.0", "id": 1, "method": "anvil_setBalance"}
                params = [account.address, hex(account.eth)]
                await session.post(url, json=body | {"params": params})
        yield url
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _answers(
    session: aiohttp.ClientSession, url: str, process: asyncio.subprocess.Process
) -> None:
    async with asyncio.timeout(START_S):
        while True:
            if process.returncode is not None:
                raise RuntimeError("anvil ended by itself.")
            try:
                body = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
                async with session.post(url, json=body) as answer:
                    await answer.read()
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)
