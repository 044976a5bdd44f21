"""The providers of the demo network: they serve the local model from this process, on loop-back.

They come to the market as any provider does: with a stake, a model, and a bid each. The second one
is dearer, so that there is a choice, and somebody else to ask when the first one fails. Their keys
are public; the user's wallet has no part in it.
"""

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eth_utils.crypto import keccak

from router.backends.base import Backend
from router.chain.journal import Journal
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.preparing import Intent
from router.chain.token import approve
from router.chain.tx import TxManager
from router.config import ProviderConfig
from router.devnet.accounts import PROVIDER, SECOND_PROVIDER, DemoAccount
from router.devnet.deploy import BID_FEE, MODEL_STAKE, MOR
from router.errors import ChainUnavailable
from router.paths import Paths
from router.provider.provider import Provider
from router.wallet.account import Account

STAKE = 100 * MOR
TAGS = ("LLM", "demo")
MOST_LOOKS, LOOK_S = 200, 0.05
CONFIG = ProviderConfig(enabled=True, listen="127.0.0.1:0")


@dataclass(frozen=True)
class Role:
    """One of the providers; `price` in wei of MOR a second."""

    account: DemoAccount
    price: int


ROLES = (Role(PROVIDER, 10**13), Role(SECOND_PROVIDER, 2 * 10**13))


class DemoProviders:
    """Both providers. `start` them once; `stop` also after a failed start.

    Args:
        folder: for what they write; deleted at the end.
        local: answers.
        model_name: as the market shows it.
        now: seconds since 1970 by the clock of the chain.
    """

    def __init__(
        self,
        folder: Path,
        market: Marketplace,
        local: Backend,
        model_name: str,
        now: Callable[[], float],
    ) -> None:
        self.running: tuple[Provider, ...] = ()
        self._folder = folder
        self._market = market
        self._local = local
        self._model_name = model_name
        self._now = now
        self._journal = Journal(None)

    async def start(self) -> None:
        """Listen, and come to the market.

        Raises:
            ChainUnavailable, ConfigError, StorageError, TxFailed
        """
        await asyncio.to_thread(shutil.rmtree, self._folder, True)
        await self._journal.open()
        base = keccak(text=self._model_name)
        model_id = keccak(bytes.fromhex(PROVIDER.address[2:]) + base)
        model = (base, base, 0, MODEL_STAKE, self._model_name, TAGS)
        for role in ROLES:
            sender = _Sender(self._market, self._journal, role.account)
            endpoint = await self._listen(role, model_id)
            spent = STAKE + BID_FEE + (MODEL_STAKE if role.account is PROVIDER else 0)
            await sender.allow(spent)
            await sender.send("providerRegister", STAKE, endpoint)
            if role.account is PROVIDER:
                await sender.send("modelRegister", *model)
            await sender.send("postModelBid", model_id, role.price)

    async def stop(self) -> None:
        """End both; the chain is gone with what they did on it."""
        for provider in self.running:
            await provider.stop()
        await self._journal.close()
        await asyncio.to_thread(shutil.rmtree, self._folder, True)

    async def _listen(self, role: Role, model_id: bytes) -> str:
        """Begin to serve; the endpoint for the chain."""
        paths = Paths(self._folder / role.account.name.replace(" ", "-"))
        served = {"models": [{"modelId": "0x" + model_id.hex(), "apiType": "local"}]}
        await asyncio.to_thread(_write, paths.served_models, json.dumps(served))
        signer = Account(bytes.fromhex(role.account.key[2:]))
        provider = Provider(
            CONFIG, paths, self._market, signer, self._local, is_kept=False, now=self._now
        )
        self.running += (provider,)
        host, port = await provider.start()
        return f"{host}:{port}"


class _Sender:
    """Sends what a provider of the demo network has to send, each mined before the next."""

    def __init__(self, market: Marketplace, journal: Journal, who: DemoAccount) -> None:
        self._market = market
        self._network = market.network
        self._account = Account(bytes.fromhex(who.key[2:]))
        self._transactions = TxManager(market.chain, market.network, journal, lambda: self._account)

    async def allow(self, amount: int) -> None:
        """Let the marketplace take exactly so much MOR."""
        await self._mined(self._network.token, approve(self._network.diamond, amount))

    async def send(self, name: str, *arguments: object) -> None:
        """Call the marketplace for the account, which is the first argument."""
        data = DIAMOND[name].encode(self._account.address, *arguments)
        await self._mined(self._network.diamond, data)

    async def _mined(self, to: str, data: bytes) -> None:
        # Nobody follows these, so that one before it counts as still on the way.
        record = await self._transactions.submit(
            Intent(to, data=data), self._account.address, accept_twin=True
        )
        receipt = None
        for _ in range(MOST_LOOKS):
            if (receipt := await self._market.chain.receipt(record.hash)) is not None:
                break
            await asyncio.sleep(LOOK_S)
        if receipt is None or not receipt.ok:
            raise ChainUnavailable(
                "The providers of the demo network could not register.",
                safe="Everything else works.",
                hint="Choose the demo network again.",
            )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
