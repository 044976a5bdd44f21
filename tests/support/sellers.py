"""Providers with bids for one model, on a chain, that listen where the chain says."""

from router.chain.records import as_hex
from tests.support.lying_provider import LyingProvider
from tests.support.world import MOR, PRICE, World


class Sellers:
    """The first that offers makes the model. `close` them at the end."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.providers: list[LyingProvider] = []
        self.model = b""

    @property
    def model_id(self) -> str:
        return as_hex(self.model)

    async def offer(self, name: str, price: int = PRICE, stake: int = MOR) -> LyingProvider:
        """Another provider with a bid for the one model, that listens and is registered so."""
        here = self.here
        provider = LyingProvider(here.account(name))
        await provider.start(here.account("user"))
        self.providers.append(provider)
        if not self.model:
            bid = await here.offer(name, price, stake)
            (found,) = await here.market.bids([bid])
            self.model = bytes.fromhex(found.model_id[2:])
        else:
            account = await here.give(name, stake + 19 * MOR)
            await here.call(name, "providerRegister", account.address, stake, "later:1")
            await here.call(name, "postModelBid", account.address, self.model, price)
        address = here.account(name).address
        await here.call(name, "providerRegister", address, 0, provider.endpoint)
        return provider

    async def close(self) -> None:
        for provider in self.providers:
            await provider.stop()
