"""The time of the chain's blocks, by which sessions begin and end."""

from router.chain.client import Chain


class BlockClock:
    """The clock of one network. All methods raise ChainUnavailable."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain

    async def now(self) -> int:
        """Seconds since 1970 of the newest block, as one node tells it."""
        return (await self._chain.head()).timestamp

    async def is_past(self, moment: int) -> bool:
        """Whether two nodes say that it is that late, or the only one that there is."""
        chain = await self._chain.pinned()
        nodes = [node for node in (chain, await chain.second()) if node is not None]
        return all([(await node.head()).timestamp >= moment for node in nodes])
