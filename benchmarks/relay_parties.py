"""Who takes part in the relay, and what the chain would say of them: sessions that are all open."""

import os
import time

from router.chain.records import Bid, Provider, Session
from router.networks import NETWORKS
from router.wallet.account import Account

SESSIONS = 50
DAY = 86_400
CONSUMER, PROVIDER = Account(b"\x11" * 32), Account(b"\x22" * 32)
MODEL_ID, BID_ID = "0x" + "5a" * 32, "0x" + "b1" * 32
SESSION_IDS = tuple(f"0x{number:064x}" for number in range(1, SESSIONS + 1))
NETWORK = NETWORKS["demo"]


def stay_on(core: int) -> None:
    """One core for this process, where the system lets it choose."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


class Market:
    """Answers as the chain does, at once."""

    network = NETWORK

    async def page(
        self, name: str, arguments: tuple[object, ...], offset: int, limit: int
    ) -> tuple[list[bytes], int]:
        """Ids of bids or sessions."""
        ids = SESSION_IDS if name == "getProviderSessions" else (BID_ID,)
        return [bytes.fromhex(i[2:]) for i in ids[offset : offset + limit]], len(ids)

    async def bids(self, ids: list[bytes]) -> list[Bid]:
        """The one bid."""
        return [Bid(BID_ID, PROVIDER.address, MODEL_ID, 10**13, 0, 1, 0) for _ in ids]

    async def sessions(self, ids: list[bytes]) -> list[Session]:
        """Sessions that were opened a minute ago."""
        now = int(time.time())
        return [
            Session(
                "0x" + key.hex(), CONSUMER.address, BID_ID, 10**18, b"", 0, 0,
                now - 60, now + DAY, 0, True, False,
            )
            for key in ids
        ]  # fmt: skip

    async def providers(self, addresses: list[str]) -> list[Provider]:
        """Nobody else signs for a provider here."""
        return []
