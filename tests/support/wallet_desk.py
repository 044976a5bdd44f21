"""A wallet with play money over a chain in this process: what the wallet's pages stand on."""

import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from router.chain.journal import FRESH_S, Attempt, TxRecord
from router.chain.preparing import fields_of
from router.config import Settings
from router.devnet.accounts import OWNER
from router.devnet.deploy import MOR, fund
from router.funds import Funds
from router.money import Money
from router.paths import Paths
from router.wallet.wallet import Wallet
from tests.support.world import World, world

FUNDED = 100 * MOR
PASSWORD = "correct horse battery"


class WalletDesk:
    """The money of the demo network's user, on a chain of the test's own.

    `money` is as after its start, without a child process for the chain.
    """

    def __init__(self, folder: Path, chain: World) -> None:
        self.world = chain
        self.paths = Paths(folder / "data")
        self.paths.prepare()
        self.settings = Settings(self.paths.settings, {"network": "demo"})
        self.money = Money(self.paths, self.settings)
        self.wallet = Wallet(self.paths.wallet)
        self.funds = Funds(self.paths, self.settings, self.wallet, self.money.node_keys)
        self.money.wallet, self.money.funds = self.wallet, self.funds

    async def connect(self, *, borrow: bool = True) -> None:
        """Use the chain, and the user's account unless the test brings its own wallet."""
        self.funds._connection = await self.funds._connect(self.world.network, None)
        user = self.world.account("user").address
        await fund(self.world.url, self.world.deployment, OWNER.key, {user: FUNDED})
        if borrow:
            self.wallet.borrow(bytes(self.world.account("user")._key))

    async def import_user(self) -> None:
        """Keep the user's key in a wallet file with a password, as a wallet of one's own."""
        await self.wallet.import_key(bytes(self.world.account("user")._key).hex(), PASSWORD)

    async def sign_and_forget(self, to: str, amount: int) -> TxRecord:
        """What a crash leaves that came after the signature and before the sending, long ago."""
        prepared = await self.funds.prepare_send("MOR", to, amount)
        signed = self.wallet.signer().sign_transaction(fields_of(prepared))
        fee, intent, then = prepared.fee, prepared.intent, time.time() - 2 * FRESH_S
        attempt = Attempt(
            signed.tx_hash, "original", signed.raw, prepared.gas, fee.most, fee.tip, then
        )
        record = TxRecord(
            0, None, prepared.chain_id, prepared.sender, prepared.nonce, intent.to, intent.value,
            intent.data, intent.purpose, "signed", then, then,
        )  # fmt: skip
        return await self.funds.connection.journal.add(record, attempt)

    async def settle(self) -> None:
        """Look at what was sent, as the follower does all the time."""
        await self.funds.connection.follower.look()

    async def close(self) -> None:
        await self.funds.stop()


@contextlib.asynccontextmanager
async def wallet_desk(folder: Path, *, borrow: bool = True) -> AsyncIterator[WalletDesk]:
    """A desk until the block is left."""
    async with world("embedded", "day-lock") as chain:
        desk = WalletDesk(folder, chain)
        await desk.connect(borrow=borrow)
        try:
            yield desk
        finally:
            await desk.close()
