"""A chain that a whole node takes for a network of its settings, so that its journal is kept."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from router.devnet.accounts import ACCOUNTS
from router.devnet.evm import Evm
from router.devnet.rpc import RpcServer
from router.networks import NETWORKS

NETWORK = "arbitrum-sepolia"
PASSPHRASE = "a passphrase nobody else has"


@asynccontextmanager
async def chain_for_node(folder: Path) -> AsyncIterator[RpcServer]:
    """The chain; the settings in the folder and a passphrase file name it."""
    balances = {bytes.fromhex(account.address[2:]): account.eth for account in ACCOUNTS}
    server = RpcServer(Evm(NETWORKS[NETWORK].chain_id, balances, time.time))
    await server.start()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(
        f'network = "{NETWORK}"\n[chain]\narbitrum_sepolia = ["http://127.0.0.1:{server.port}"]\n'
    )
    try:
        yield server
    finally:
        await server.stop()


def passphrase_file(folder: Path) -> Path:
    """A file with the passphrase, beside the data folder."""
    file = folder.with_name(f"{folder.name}-passphrase")
    file.write_text(PASSPHRASE + "\n")
    return file
