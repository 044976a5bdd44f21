"""What the market page reads, of the network that is connected."""

from morpheus_desktop.viewmodels.market import Source
from morpheus_desktop.viewmodels.signing import why_not
from router.chain.marketplace import Market
from router.chain.records import Provider
from router.consumer.records import RatedBid
from router.funds import Funds
from router.networks import Network
from router.wallet.wallet import Wallet


def market_source(funds: Funds, wallet: Wallet) -> Source:
    """A source over the money of a node."""

    def network() -> Network | None:
        return funds.connection.network if funds.is_connected else None

    async def market() -> Market:
        return await funds.connection.market.market()

    async def budget(timestamp: int) -> tuple[int, int]:
        return await funds.connection.market.supply_and_budget(timestamp)

    async def rated(model_id: str) -> list[RatedBid]:
        return await funds.connection.sessions.rated(model_id)

    async def ping(provider: Provider) -> float:
        return (await funds.connection.providers.ping(provider)).milliseconds / 1000

    def cannot_open() -> str:
        if wallet.state.kind == "none":
            return "There is no wallet. Set one up first."
        return why_not(wallet.state, network(), known=True, stale=False)

    return Source(funds.changed, network, market, budget, rated, ping, cannot_open)
