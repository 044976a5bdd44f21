"""Follows transactions until they are settled, over restarts, lost answers and reorganisations.

Every look at an account is over one node, so that its nonce and its receipts belong together.
What would make somebody send again (it failed, another took its place), or stop looking, must be
said by a second node too, where there is one. What a node does not know is given to it again,
byte for byte; nothing is ever signed here.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from router.chain.client import Chain, Receipt
from router.chain.crash_points import reach
from router.chain.journal import FRESH_S, Attempt, Journal, State, TxRecord
from router.chain.nodes import RpcError
from router.chain.reverts import explain
from router.chain.review import decode_tx
from router.chain.tx import TxManager
from router.errors import BadRequest, Busy, ChainUnavailable
from router.networks import Network

log = logging.getLogger(__name__)

LEAST_PAUSE_S, MOST_PAUSE_S = 1.0, 30.0
# Where a network has no "safe" block, so many blocks on top are taken for it.
SAFE_AFTER = 12
# A nonce that was passed without a receipt is believed when it was seen this often in a row.
SEEN_PASSED = 2
NOT_MINED = {"block": None, "block_hash": None, "mined_hash": None, "fee": None}


class Follower:
    """Follows all transactions of one network that are in the journal.

    `unsent` are those that were signed long ago and never sent: they wait for the user.
    """

    def __init__(
        self,
        chain: Chain,
        network: Network,
        journal: Journal,
        transactions: TxManager,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.unsent: tuple[TxRecord, ...] = ()
        self._chain = chain
        self._network = network
        self._journal = journal
        self._transactions = transactions
        self._clock = clock
        self._passed: dict[int, int] = {}
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Look again and again until cancelled; often while something is under way."""
        stop_listening = self._transactions.changed.subscribe(lambda _: self._wake.set())
        try:
            while True:
                busy = await self.look()
                pause = min(max(self._network.block_s, LEAST_PAUSE_S), MOST_PAUSE_S)
                await self._pause(pause if busy else MOST_PAUSE_S)
        finally:
            stop_listening()

    async def look(self) -> bool:
        """Look at all that is not settled, once; whether something is still under way.

        Nodes that do not answer leave everything as it is.
        """
        records = await self._journal.list(self._chain.chain_id, only_unsettled=True)
        by_sender: dict[str, list[TxRecord]] = {}
        for record in reversed(records):
            by_sender.setdefault(record.sender, []).append(record)
        unsent: list[TxRecord] = []
        known = {record.id for record in self.unsent}
        for sender, found in by_sender.items():
            try:
                unsent += await self._look_at(sender, found)
            except (ChainUnavailable, RpcError) as error:
                log.info("transactions of %s could not be looked at: %s", sender, error)
                unsent += [record for record in found if record.id in known]
        self.unsent = tuple(unsent)
        for record in unsent:
            if record.id not in known:
                self._transactions.changed.emit(record)
        return len(records) > len(unsent)

    async def drop(self, tx_id: int) -> TxRecord:
        """Give up a transaction that was signed but never given to a node.

        Raises:
            BadRequest: it may have been sent.
        """
        if not await self._journal.give_up(tx_id, "You chose not to send it."):
            raise BadRequest(
                "This transaction may have been sent.",
                safe="Nothing was changed.",
                hint="Cancel it instead.",
            )
        record = await self._journal.get(tx_id)
        self._transactions.changed.emit(record)
        return record

    # One account

    async def _look_at(self, sender: str, records: Sequence[TxRecord]) -> list[TxRecord]:
        """Look at the transactions of one account; returns those that wait for the user."""
        chain = await self._chain.pinned()
        nonce = await chain.nonce(sender)
        unsent = []
        for record in records:
            reach("during_poll")
            if self._is_stale(record) and not await self._is_known(chain, record):
                unsent.append(record)
                continue
            await self._settle(chain, record, nonce)
        return unsent

    def _is_stale(self, record: TxRecord) -> bool:
        """Whether it was signed a while ago, or at a time not to be told, and never sent."""
        age = self._clock() - record.created_at
        return record.state == "signed" and not 0 <= age <= FRESH_S

    async def _is_known(self, chain: Chain, record: TxRecord) -> bool:
        return any([await chain.knows(attempt.hash) for attempt in record.attempts])

    async def _settle(self, chain: Chain, record: TxRecord, nonce: int) -> None:
        mined = await _mined_by(chain, record)
        if mined is not None:
            self._passed.pop(record.id, None)
            await self._mined(chain, record, *mined)
            return
        if record.block is not None:
            log.warning("block %s is gone, and %s with it", record.block, record.mined_hash)
            record = await self._set(record, "pending", reason="", **NOT_MINED)
        if nonce > record.nonce:
            await self._nonce_passed(chain, record)
            return
        self._passed.pop(record.id, None)
        if record.state == "replaced":
            record = await self._set(record, "pending", reason="")
        await self._give_again(chain, record)

    async def _mined(
        self, chain: Chain, record: TxRecord, attempt: Attempt, receipt: Receipt
    ) -> None:
        reach("after_receipt")
        state: State = "included" if attempt.kind != "cancel" else "cancelled"
        reason = ""
        safe = await self._is_safe(chain, receipt.block)
        if (safe or not receipt.ok) and not await self._is_confirmed(chain, receipt):
            if not receipt.ok:
                return
            safe = False
        if not receipt.ok:
            state, reason = "failed", await self._why(chain, record, attempt, receipt)
        elif state == "included" and safe:
            state = "safe"
        if (record.state, record.block_hash, record.settled) == (state, receipt.block_hash, safe):
            return
        await self._set(
            record,
            state,
            settled=safe,
            block=receipt.block,
            block_hash=receipt.block_hash,
            mined_hash=receipt.tx_hash,
            fee=receipt.fee + receipt.first_layer_fee,
            reason=reason,
        )

    async def _is_safe(self, chain: Chain, block: int) -> bool:
        """Whether the block will not be undone: the network says so, or enough are on top."""
        try:
            return (await chain.head("safe")).number >= block
        except RpcError:
            return (await chain.head()).number >= block + SAFE_AFTER

    async def _is_confirmed(self, chain: Chain, receipt: Receipt) -> bool:
        """Whether another node says the same of a receipt; true where there is no other."""
        second = await chain.second()
        other = receipt if second is None else await second.receipt(receipt.tx_hash)
        agreed = other is not None and (other.ok, other.block_hash) == (
            receipt.ok,
            receipt.block_hash,
        )
        if not agreed:
            log.warning("two nodes do not agree on %s", receipt.tx_hash)
        return agreed

    async def _why(self, chain: Chain, record: TxRecord, attempt: Attempt, receipt: Receipt) -> str:
        """The reason of a failure, by trying it again on the block before."""
        if receipt.gas_used >= attempt.gas:
            return "It ran out of gas. The network fee was spent, nothing else moved."
        try:
            await chain.call(
                record.to,
                record.data,
                sender=record.sender,
                value=record.value,
                at=receipt.block - 1,
            )
        except RpcError as error:
            call = decode_tx(self._network, record.to, record.value, record.data).call
            reason = explain(error.data, call)
            return f"{reason.sentence} The network fee was spent, nothing else moved."
        return "Something changed just before it. The network fee was spent, nothing else moved."

    async def _nonce_passed(self, chain: Chain, record: TxRecord) -> None:
        """Another transaction has this nonce; believed only when it is seen again."""
        if record.state == "replaced":
            if await self._is_passed_for_good(chain, record):
                await self._set(record, "replaced", settled=True)
            return
        second = await chain.second()
        if second is not None and (
            await second.nonce(record.sender) <= record.nonce
            or await _mined_by(second, record) is not None
        ):
            log.warning("two nodes do not agree on what took the place of %s", record.hash)
            return
        seen = self._passed.get(record.id, 0) + 1
        self._passed[record.id] = seen
        if seen >= SEEN_PASSED:
            del self._passed[record.id]
            reason = "Another transaction of this account, sent from elsewhere, took its place."
            await self._set(record, "replaced", reason=reason)

    async def _is_passed_for_good(self, chain: Chain, record: TxRecord) -> bool:
        try:
            return await chain.nonce(record.sender, "safe") > record.nonce
        except RpcError:
            at = max((await chain.head()).number - SAFE_AFTER, 0)
            return await chain.nonce(record.sender, at) > record.nonce

    async def _give_again(self, chain: Chain, record: TxRecord) -> None:
        """What no node knows is given to it again; the last attempt outbids those before it."""
        if await chain.knows(record.last.hash):
            if record.state in ("signed", "sent"):
                self._transactions.changed.emit(await self._journal.mark_taken(record.id))
            return
        try:
            await self._transactions.resend(record)
        except (RpcError, Busy) as error:
            log.info("%s was not taken again: %s", record.hash, error)

    async def _set(self, record: TxRecord, state: State, **values: object) -> TxRecord:
        changed = await self._journal.update(record.id, state=state, **values)
        self._transactions.changed.emit(changed)
        return changed

    async def _pause(self, seconds: float) -> None:
        """Wait, or less when a transaction changed."""
        self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass


async def _mined_by(chain: Chain, record: TxRecord) -> tuple[Attempt, Receipt] | None:
    """Which attempt is in a block, with its receipt."""
    for attempt in record.attempts:
        receipt = await chain.receipt(attempt.hash)
        if receipt is not None:
            return attempt, receipt
    return None
