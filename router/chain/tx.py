"""Sends transactions: prepared, shown, signed as shown, written down, sent, followed to the end.

The only one that has transactions signed, by the account or by a grant of it. For each account
one thing is done at a time, so that nonces are neither shared nor skipped. A time-out is not a
failure: what may have been sent is never signed anew with another nonce, only given to nodes
again as it is.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from router.chain.client import Chain
from router.chain.crash_points import reach
from router.chain.fees import Fee, Speed, bumped
from router.chain.journal import Attempt, Journal, TxRecord
from router.chain.nodes import RpcError
from router.chain.preparing import NOTHING_SENT, Intent, Prepared, Preparer, fields_of
from router.errors import (
    BadRequest,
    Busy,
    ChainUnavailable,
    StillOnTheWay,
    StorageError,
    TxFailed,
)
from router.events import Emitter
from router.networks import Network
from router.wallet.account import Account, SignedTx

log = logging.getLogger(__name__)

KNOWN = ("already known", "known transaction", "already imported", "already exists")


class TxSigner(Protocol):
    """What signs transactions of one account: the account itself, or a grant for one of them."""

    address: str

    def sign_transaction(self, fields: Mapping[str, Any]) -> SignedTx:
        """Sign exactly these fields.

        Raises:
            WalletLocked: it cannot any more.
            BadRequest: it is not for such a transaction.
        """
        ...


class TxManager:
    """The transactions of one network.

    Args:
        signer: the account that signs; raises WalletLocked while the wallet is locked.
    """

    def __init__(
        self,
        chain: Chain,
        network: Network,
        journal: Journal,
        signer: Callable[[], Account],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.changed: Emitter[TxRecord] = Emitter()
        self.journal = journal
        self._chain = chain
        self._preparer = Preparer(network, journal)
        self._signer = signer
        self._clock = clock
        self._locks: dict[str, asyncio.Lock] = {}

    async def prepare(self, intent: Intent, sender: str, speed: Speed = "normal") -> Prepared:
        """Try a transaction and say what it will do and cost; nothing is signed.

        Raises:
            TxFailed: it would fail; says why.
            InsufficientFunds: there is too little coin for it.
            BadRequest: it is nothing that this app signs.
            ChainUnavailable
        """
        chain = await self._ready(sender)
        return await self._preparer.prepare(chain, intent, sender, speed)

    async def prepare_all(
        self, sending: Callable[[int], Intent], sender: str, speed: Speed = "normal"
    ) -> Prepared:
        """Send all of the chain's coin but the most that the network can take, to the wei.

        Args:
            sending: the intent that sends so many wei.

        Raises:
            As `prepare`.
        """
        chain = await self._ready(sender)
        return await self._preparer.prepare_all(chain, sending, sender, speed)

    async def send(
        self,
        prepared: Prepared,
        *,
        accept_unusual_fee: bool = False,
        accept_twin: bool = False,
        signer: TxSigner | None = None,
    ) -> TxRecord:
        """Sign exactly what was prepared, write it down, and send it.

        When no node answers in time, the transaction may have been sent all the same: the state
        is "sent" then, and it is followed like any other.

        Args:
            signer: signs this one; by default the wallet's account.

        Raises:
            Busy: its nonce was used in the meantime, or what it replaces was mined or replaced;
                prepare it again.
            BadRequest: the fee is unusual and was not accepted.
            StillOnTheWay: the same is not settled, and a second one was not accepted.
            WalletLocked, WalletError: it cannot be signed now.
            ChainUnavailable: no node could be verified; nothing was signed.
            TxFailed: the node refused it; nothing was sent.
        """
        if not accept_unusual_fee:
            _check_fee(prepared, "Wait, or confirm this fee by itself.")
        if not accept_twin:
            _check_twin(prepared, "Wait until it is settled, or confirm a second one by itself.")
        async with self._lock(prepared.sender):
            if known := await self._known(prepared.intent, prepared.sender):
                return known
            chain = await self._chain.pinned()
            if prepared.replaces is None:
                await self._check_nonce(chain, prepared)
            else:
                await self._check_replaced(prepared.replaces, prepared.fee)
            return await self._sign_and_send(chain, prepared, signer)

    async def submit(
        self,
        intent: Intent,
        sender: str,
        speed: Speed = "normal",
        *,
        accept_twin: bool = False,
    ) -> TxRecord:
        """Prepare and send in one go, for those who look at nothing in between.

        Raises:
            As `prepare` and `send`.
        """
        async with self._lock(sender):
            if known := await self._known(intent, sender):
                return known
            await self._give_up_unsent(sender)
            chain = await self._chain.pinned()
            prepared = await self._preparer.prepare(chain, intent, sender, speed)
            _check_fee(prepared, "Wait, or send it from the app, where the fee can be confirmed.")
            if not accept_twin:
                _check_twin(
                    prepared,
                    "Wait until it is settled, or send a new Idempotency-Key with a second one.",
                )
            return await self._sign_and_send(chain, prepared)

    async def prepare_speed_up(self, tx_id: int) -> Prepared:
        """The same transaction with the same nonce and higher fees.

        Raises:
            Busy: it was mined in the meantime.
            ChainUnavailable, InsufficientFunds
        """
        record = await self._open_record(tx_id)
        intent = Intent(record.to, record.value, record.data, record.purpose)
        return await self._preparer.replacement(
            await self._chain.pinned(), record, intent, "speed_up"
        )

    async def prepare_cancel(self, tx_id: int) -> Prepared:
        """A payment of nothing to oneself that takes the transaction's nonce.

        Raises:
            As `prepare_speed_up`.
        """
        record = await self._open_record(tx_id)
        intent = Intent(record.sender, purpose=f"Cancel: {record.purpose}")
        return await self._preparer.replacement(
            await self._chain.pinned(), record, intent, "cancel"
        )

    async def label(self, tx_id: int, text: str) -> TxRecord:
        """Write something beside a transaction."""
        return self._tell(await self.journal.update(tx_id, label=text))

    async def resend(self, record: TxRecord) -> TxRecord:
        """Give the last attempt of an open transaction to a node again, byte for byte.

        Raises:
            Busy: it was given up in the meantime.
            RpcError: the node does not take it; others may have it all the same.
            ChainUnavailable
        """
        chain = await self._chain.pinned()
        attempt = record.last
        # Only once it counts as sent can it no longer be given up.
        record = _still_open(await self.journal.mark_sent(record.id, attempt.hash))
        return await self._hand_over(chain, record, attempt)

    async def send_unsent(self, tx_id: int) -> TxRecord:
        """Send what was signed and never given to a node: the same bytes.

        Raises:
            Busy: it was given up in the meantime.
            TxFailed: the node refused it; nothing was sent.
            ChainUnavailable
        """
        record = await self._open_record(tx_id)
        async with self._lock(record.sender):
            record = await self._open_record(tx_id)
            return await self._send_signed(record) if record.state == "signed" else record

    async def _ready(self, sender: str) -> Chain:
        """One node to prepare over, once the next nonce is nobody's any more."""
        chain = await self._chain.pinned()
        async with self._lock(sender):
            await self._give_up_unsent(sender)
        return chain

    async def _open_record(self, tx_id: int) -> TxRecord:
        return _still_open(await self.journal.get(tx_id))

    # Signing and sending

    async def _known(self, intent: Intent, sender: str) -> TxRecord | None:
        """The transaction of a wish that was carried out before, or written down and not sent.

        Raises:
            BadRequest: the key was used for something else.
            TxFailed: it was refused then, or is now.
        """
        record = await self.journal.by_key(intent.key) if intent.key else None
        if record is None:
            return None
        if _wish(record) != (self._chain.chain_id, sender, intent.to, intent.value, intent.data):
            raise BadRequest("This key was used for another transaction.", param="Idempotency-Key")
        if record.state == "not_sent":
            raise TxFailed(
                f"This was not sent: {record.reason}",
                tx_hash=record.hash,
                safe=NOTHING_SENT,
                hint="Send it under a new key.",
            )
        return await self._send_signed(record) if record.state == "signed" else record

    async def _send_signed(self, record: TxRecord) -> TxRecord:
        """Send for the first time what was written down.

        Raises:
            As `send_unsent`.
        """
        return await self._send(await self._chain.pinned(), record, record.last)

    async def _give_up_unsent(self, sender: str) -> None:
        """What waits for the user must not hold up what the user wants now: it has a nonce."""
        reason = "It was never given to the network, and something else was wanted meanwhile."
        for record in await self.journal.give_up_unsent(self._chain.chain_id, sender, reason):
            self._tell(record)

    async def _check_nonce(self, chain: Chain, prepared: Prepared) -> None:
        if await self._preparer.nonce(chain, prepared.sender) != prepared.nonce:
            raise Busy(
                "Another transaction was sent in the meantime.",
                safe=NOTHING_SENT,
                hint="Look at this one again and confirm once more.",
            )

    async def _check_replaced(self, tx_id: int, fee: Fee) -> None:
        """What is replaced must be open still, and its last attempt the one that was outbid."""
        last = (await self._open_record(tx_id)).last
        least = bumped(Fee(last.max_fee, last.tip), Fee(0, 0))
        if fee.most < least.most or fee.tip < least.tip:
            raise Busy(
                "This transaction was replaced in the meantime.",
                safe="Nothing was changed.",
                hint="Look at it again.",
            )

    async def _sign_and_send(
        self, chain: Chain, prepared: Prepared, signer: TxSigner | None = None
    ) -> TxRecord:
        account = signer or self._signer()
        if account.address != prepared.sender:
            raise BadRequest("This transaction was prepared for another account.")
        reach("before_sign")
        await self._chain.nodes.verify(chain.url)
        signed = account.sign_transaction(fields_of(prepared))
        reach("after_sign")
        now = self._clock()
        attempt = Attempt(
            signed.tx_hash,
            prepared.kind,
            signed.raw,
            prepared.gas,
            prepared.fee.most,
            prepared.fee.tip,
            now,
        )
        record = await self._write_down(prepared, attempt, now)
        reach("after_journal")
        return await self._send(chain, record, attempt)

    async def _write_down(self, prepared: Prepared, attempt: Attempt, now: float) -> TxRecord:
        if prepared.replaces is not None:
            return await self.journal.add_attempt(prepared.replaces, attempt)
        intent = prepared.intent
        record = TxRecord(
            0,
            intent.key or None,
            prepared.chain_id,
            prepared.sender,
            prepared.nonce,
            intent.to,
            intent.value,
            intent.data,
            intent.purpose,
            "signed",
            now,
            now,
        )
        return await self.journal.add(record, attempt)

    async def _send(self, chain: Chain, record: TxRecord, attempt: Attempt) -> TxRecord:
        """Give it to a node for the first time.

        Raises:
            As `send_unsent`.
        """
        record = _still_open(await self.journal.mark_sent(record.id, attempt.hash))
        reach("before_send")
        try:
            return await self._hand_over(chain, record, attempt)
        except RpcError as error:
            return await self._refused(record, attempt, error)

    async def _hand_over(self, chain: Chain, record: TxRecord, attempt: Attempt) -> TxRecord:
        """Give it to a node; without an answer it counts as sent.

        Raises:
            RpcError: the node does not take it, and does not have it.
        """
        try:
            answered = await self._give(chain, attempt)
        except ChainUnavailable as error:
            log.warning("no answer for %s, it may have been sent: %s", attempt.hash, error)
            return await self._told(record, self.journal.get(record.id))
        reach("after_answer")
        if answered.lower() != attempt.hash:
            log.error("the node answered another hash than %s", attempt.hash)
            return await self._told(record, self.journal.get(record.id))
        return await self._told(record, self.journal.mark_taken(record.id))

    async def _give(self, chain: Chain, attempt: Attempt) -> str:
        """The hash that the node answers; having it already is as good as taking it.

        Of a refusal a second node is asked, by giving it the same: one that refuses and sends all
        the same must not make anybody pay again.

        Raises:
            RpcError: as `_hand_over`.
            ChainUnavailable: it may have been sent.
        """
        try:
            answered = await chain.send_raw(attempt.raw)
            reach("after_send")
            return answered
        except RpcError as error:
            refusal = error
        has = await _has(chain, attempt, refusal)
        second = None if has else await chain.second()
        if second is not None:
            try:
                return await second.send_raw(attempt.raw)
            except RpcError as other:
                has = await _has(second, attempt, other)
        if has is None:
            raise ChainUnavailable(
                f"The node refuses it ({refusal}), and may have it all the same."
            )
        if not has:
            raise refusal
        return attempt.hash

    async def _refused(self, record: TxRecord, attempt: Attempt, error: RpcError) -> TxRecord:
        """No node ever had it: the nonce is free again, unless it was to replace another one.

        What cannot be written down is given to nodes again, so it counts as sent; and what the
        follower saw in a block meanwhile is there, whoever refuses it.

        Raises:
            TxFailed: the refusal, once it is written down.
        """
        reason = str(error)
        record = await self._told(
            record, self.journal.mark_refused(record.id, attempt.hash, reason)
        )
        is_noted = any(a.refused and a.hash == attempt.hash for a in record.attempts)
        if not is_noted or record.mined_hash == attempt.hash:
            return record
        if attempt.kind != "original" or len(record.attempts) > 1:
            # What it should have replaced is still under way, or was mined.
            raise TxFailed(
                f"The node did not take the replacement: {error}.",
                tx_hash=attempt.hash,
                safe="The transaction before it stays as it was.",
                hint="Look at it again in a moment.",
            ) from error
        raise TxFailed(
            f"The node did not take the transaction: {error}.",
            tx_hash=attempt.hash,
            safe=NOTHING_SENT,
            hint="Try again.",
        ) from error

    async def _told(self, record: TxRecord, changed: Awaitable[TxRecord]) -> TxRecord:
        """Tell how a transaction is; what was sent stays sent when the journal fails then."""
        try:
            record = await changed
        except StorageError as error:
            log.error("what came of %s is not written down: %s", record.hash, error)
        return self._tell(record)

    def _lock(self, sender: str) -> asyncio.Lock:
        return self._locks.setdefault(sender, asyncio.Lock())

    def _tell(self, record: TxRecord) -> TxRecord:
        self.changed.emit(record)
        return record


def _still_open(record: TxRecord) -> TxRecord:
    if not record.is_open:
        raise Busy("This transaction is settled already.", safe="Nothing was changed.")
    return record


def _check_fee(prepared: Prepared, hint: str) -> None:
    if prepared.unusual_fee:
        raise BadRequest(
            "The network fee is more than three times what is usual.",
            code="unusual_fee",
            safe=NOTHING_SENT,
            hint=hint,
        )


def _check_twin(prepared: Prepared, hint: str) -> None:
    if prepared.twin:
        raise StillOnTheWay(
            f"One is still on the way: {prepared.twin} does exactly this.",
            safe=NOTHING_SENT,
            hint=hint,
        )


def _wish(record: TxRecord) -> tuple[int, str, str, int, bytes]:
    return record.chain_id, record.sender, record.to, record.value, record.data


async def _has(chain: Chain, attempt: Attempt, refusal: RpcError) -> bool | None:
    """Whether a node that refuses has it; None when it does not say that either."""
    words = str(refusal).lower()
    if any(known in words for known in KNOWN):
        return True
    try:
        return await chain.knows(attempt.hash)
    except RpcError:
        return None
