"""How much the marketplace may take of an account that nothing on the way takes or changes.

The journal knows what was sent, and in which block it came true: a node that is behind, or a
transaction that still waits, must not make anybody pay for a second permission, nor use one twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from router.chain import token
from router.chain.journal import TxRecord
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.tx import TxManager
from router.consumer.mined import MINED, is_unsent, until_mined
from router.errors import ChainUnavailable, TxFailed
from router.networks import Network

BEHIND_TRIES = 30

_APPROVE = token.TOKEN["approve"]
_OPEN = DIAMOND["openSession"]


async def permitted(
    market: Marketplace,
    transactions: TxManager,
    user: str,
    *,
    since: int = 0,
    waits: Callable[[TxRecord], Awaitable[None]] | None = None,
    pause_s: float,
) -> int:
    """MOR in wei that the next opening of an account can count on.

    Waits until permissions on the way are in a block, however long that takes. What openings on
    the way take is not counted: the next one comes after them.

    Args:
        since: a block that is known; nodes that are behind it are not believed.
        waits: told what is waited for.
        pause_s: before nodes that are behind are asked again.

    Raises:
        ChainUnavailable: no node answers, or all are behind.
        NotOffered, StorageError
    """
    while (record := await _permission_on_the_way(market, transactions, user)) is not None:
        if waits is not None:
            await waits(record)
        with suppress(TxFailed):
            await until_mined(transactions, record.id)
    network = market.network
    # Read before the chain is asked: what comes true in between is then counted twice, not never.
    records = await _unsettled(market, transactions, user)
    newest = max((r.block or 0 for r in records if r.state in MINED), default=0)
    opening = [r for r in records if r.is_open and not is_unsent(r) and _opens(r, network)]
    taken = sum(int(_OPEN.decode_call(record.data)[1]) for record in opening)
    read = token.allowance(network.token, user, network.diamond)
    for _ in range(BEHIND_TRIES):
        answers = await market.many.needed([read])
        if answers.block >= max(newest, since):
            return int(answers.values[0]) - taken
        await asyncio.sleep(pause_s)
    raise ChainUnavailable(
        "The node does not know yet what this account sent a moment ago.",
        safe="Nothing more was sent.",
        hint="Try again in a minute, or choose another node in Settings, Network.",
    )


async def _permission_on_the_way(
    market: Marketplace, transactions: TxManager, user: str
) -> TxRecord | None:
    """One that may still be mined, by itself."""
    for record in await _unsettled(market, transactions, user):
        if record.is_open and not is_unsent(record) and _permits(record, market.network):
            return record
    return None


async def _unsettled(market: Marketplace, transactions: TxManager, user: str) -> list[TxRecord]:
    """The transactions that change the permission, as far as a block can still change them."""
    chain_id, network = market.chain.chain_id, market.network
    records = await transactions.journal.list(chain_id, user, only_unsettled=True)
    return [r for r in records if _permits(r, network) or _opens(r, network)]


def _permits(record: TxRecord, network: Network) -> bool:
    """Whether it says what the marketplace may take."""
    if record.to.lower() != network.token.lower() or record.data[:4] != _APPROVE.selector:
        return False
    return str(_APPROVE.decode_call(record.data)[0]).lower() == network.diamond.lower()


def _opens(record: TxRecord, network: Network) -> bool:
    return record.to.lower() == network.diamond.lower() and record.data[:4] == _OPEN.selector
