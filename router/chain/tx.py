"""Sends transactions: prepared, shown, signed as shown, written down, sent, followed to the end.

The only caller of `Account.sign_transaction`. For each account one thing is done at a time, so
that nonces are neither shared nor skipped. A time-out is not a failure: what may have been sent
is never signed anew with another nonce, only given to nodes again as it is.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from router.chain.client import Chain
from router.chain.crash_points import reach
from router.chain.fees import (
    Fee,
    Speed,
    bumped,
    current_fees,
    first_layer_fee,
    with_margin,
)
from router.chain.journal import Attempt, Journal, Kind, TxRecord
from router.chain.nodes import RpcError
from router.chain.reverts import explain
from router.chain.review import Decoded, decode_tx
from router.errors import BadRequest, Busy, ChainUnavailable, InsufficientFunds, TxFailed
from router.events import Emitter
from router.networks import Network
from router.units import exact
from router.wallet.account import Account

log = logging.getLogger(__name__)

PLAIN_GAS = 21_000
# A signed transaction has about so many bytes besides its data; only for the first layer's fee.
ENVELOPE_BYTES = 120
KNOWN = ("already known", "known transaction", "already imported", "already exists")
NOTHING_SENT = "Nothing was sent."


@dataclass(frozen=True)
class Intent:
    """What somebody wants.

    Args:
        purpose: in words, for lists; as in "Send 25 MOR".
        key: names this wish; the same key twice is the same wish. Empty is a new one.
        legacy: pay with a gas price, as before EIP-1559.
    """

    to: str
    value: int = 0
    data: bytes = b""
    purpose: str = ""
    key: str = ""
    legacy: bool = False


@dataclass(frozen=True)
class Prepared:
    """A transaction as it will be signed, and what is known of it. Nothing of it can change.

    Args:
        replaces: id of the intent whose nonce it takes over; None for a new one.
        first_layer_fee: in wei, as of now; not part of what is signed.
        unusual_fee: it is over three times what was paid lately.
        block: number of the block at which it was tried.
    """

    intent: Intent
    chain_id: int
    sender: str
    nonce: int
    gas: int
    fee: Fee
    first_layer_fee: int
    decoded: Decoded
    unusual_fee: bool
    block: int
    kind: Kind = "original"
    replaces: int | None = None

    @property
    def fee_max(self) -> int:
        """The most the network can take for it, in wei."""
        return self.gas * self.fee.most + self.first_layer_fee

    @property
    def coin_max(self) -> int:
        """The most of the chain's coin that can leave the account, in wei."""
        return self.intent.value + self.fee_max


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
        self._network = network
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
        chain = await self._chain.pinned()
        return await self._prepare(chain, intent, sender, speed)

    async def send(self, prepared: Prepared, *, accept_unusual_fee: bool = False) -> TxRecord:
        """Sign exactly what was prepared, write it down, and send it.

        When no node answers in time, the transaction may have been sent all the same: the state
        is "sent" then, and it is followed like any other.

        Raises:
            Busy: its nonce was used in the meantime; prepare it again.
            BadRequest: the fee is unusual and was not accepted.
            WalletLocked, WalletError: it cannot be signed now.
            ChainUnavailable: no node could be verified; nothing was signed.
            TxFailed: the node refused it; nothing was sent.
        """
        if prepared.unusual_fee and not accept_unusual_fee:
            raise BadRequest(
                "The network fee is more than three times what is usual.",
                code="unusual_fee",
                safe=NOTHING_SENT,
                hint="Wait, or confirm this fee by itself.",
            )
        async with self._lock(prepared.sender):
            if known := await self._known(prepared.intent):
                return known
            chain = await self._chain.pinned()
            if prepared.replaces is None:
                await self._check_nonce(chain, prepared)
            return await self._sign_and_send(chain, prepared)

    async def submit(self, intent: Intent, sender: str, speed: Speed = "normal") -> TxRecord:
        """Prepare and send in one go, for those who look at nothing in between.

        Raises:
            As `prepare` and `send`.
        """
        async with self._lock(sender):
            if known := await self._known(intent):
                return known
            chain = await self._chain.pinned()
            prepared = await self._prepare(chain, intent, sender, speed)
            if prepared.unusual_fee:
                raise BadRequest(
                    "The network fee is more than three times what is usual.",
                    code="unusual_fee",
                    safe=NOTHING_SENT,
                    hint="Wait, or send it from the app, where the fee can be confirmed.",
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
        return await self._replacement(record, intent, "speed_up")

    async def prepare_cancel(self, tx_id: int) -> Prepared:
        """A payment of nothing to oneself that takes the transaction's nonce.

        Raises:
            As `prepare_speed_up`.
        """
        record = await self._open_record(tx_id)
        intent = Intent(record.sender, purpose=f"Cancel: {record.purpose}")
        return await self._replacement(record, intent, "cancel")

    async def label(self, tx_id: int, text: str) -> TxRecord:
        """Write something beside a transaction."""
        return self._tell(await self.journal.update(tx_id, label=text))

    async def resend(self, record: TxRecord) -> None:
        """Give the last attempt of an open transaction to a node again, byte for byte."""
        attempt = record.attempts[-1]
        await self.journal.mark_sent(attempt.hash)
        await self._hand_over(await self._chain.pinned(), record, attempt)

    # Preparing

    async def _prepare(self, chain: Chain, intent: Intent, sender: str, speed: Speed) -> Prepared:
        decoded = decode_tx(self._network, intent.to, intent.value, intent.data)
        head = await chain.head()
        fees = await current_fees(chain)
        fee = _legacy(fees.of(speed)) if intent.legacy else fees.of(speed)
        gas = await self._gas(chain, intent, sender, decoded.call)
        prepared = Prepared(
            intent,
            chain.chain_id,
            sender,
            await self._nonce(chain, sender),
            gas,
            fee,
            await self._first_layer(chain, intent.data),
            decoded,
            fees.is_unusual(fee),
            head.number,
        )
        await self._check_coin(chain, prepared)
        return prepared

    async def _gas(self, chain: Chain, intent: Intent, sender: str, call: str) -> int:
        """Gas for a transaction, which is tried by that; never a guess when it would fail."""
        try:
            if intent.data:
                await chain.call(intent.to, intent.data, sender=sender, value=intent.value)
            estimate = await chain.estimate(sender, intent.to, intent.data, intent.value)
        except RpcError as error:
            raise await self._would_fail(chain, intent, sender, call, error) from error
        if estimate < PLAIN_GAS:
            raise ChainUnavailable(
                "The node's estimate of the work is impossible.",
                safe=NOTHING_SENT,
                hint="Choose another node in Settings, Network.",
            )
        return estimate if estimate == PLAIN_GAS else with_margin(estimate)

    async def _would_fail(
        self, chain: Chain, intent: Intent, sender: str, call: str, error: RpcError
    ) -> Exception:
        if not error.data and "insufficient funds" in str(error).lower():
            has = await chain.balance(sender)
            return _too_little(self._network, intent.value + PLAIN_GAS, has)
        if not error.data and "revert" not in str(error).lower():
            return TxFailed(
                f"The node would not try this: {error}.", safe=NOTHING_SENT, hint="Try again."
            )
        return explain(error.data, call).as_error(safe=NOTHING_SENT)

    async def _nonce(self, chain: Chain, sender: str) -> int:
        """Never below what was used here, whatever one node says of what waits."""
        here = await self.journal.next_nonce(chain.chain_id, sender)
        return max(here, await chain.nonce(sender, "pending"))

    async def _first_layer(self, chain: Chain, data: bytes) -> int:
        return await first_layer_fee(chain, self._network, data + b"\xff" * ENVELOPE_BYTES)

    async def _check_coin(self, chain: Chain, prepared: Prepared) -> None:
        has = await chain.balance(prepared.sender)
        if has < prepared.coin_max:
            raise _too_little(self._network, prepared.coin_max, has)

    async def _replacement(self, record: TxRecord, intent: Intent, kind: Kind) -> Prepared:
        chain = await self._chain.pinned()
        fees = await current_fees(chain)
        last = record.attempts[-1]
        prepared = Prepared(
            intent,
            record.chain_id,
            record.sender,
            record.nonce,
            PLAIN_GAS if kind == "cancel" else last.gas,
            bumped(Fee(last.max_fee, last.tip), fees.normal),
            await self._first_layer(chain, intent.data),
            decode_tx(self._network, intent.to, intent.value, intent.data),
            False,
            (await chain.head()).number,
            kind,
            record.id,
        )
        prepared = replace(prepared, unusual_fee=fees.is_unusual(prepared.fee))
        await self._check_coin(chain, prepared)
        return prepared

    async def _open_record(self, tx_id: int) -> TxRecord:
        record = await self.journal.get(tx_id)
        if not record.is_open:
            raise Busy("This transaction is settled already.", safe="Nothing was changed.")
        return record

    # Signing and sending

    async def _known(self, intent: Intent) -> TxRecord | None:
        """The transaction of a wish that was carried out before.

        Raises:
            BadRequest: the key was used for something else.
        """
        if not intent.key:
            return None
        record = await self.journal.by_key(intent.key)
        same = record is None or (record.to, record.value, record.data) == (
            intent.to,
            intent.value,
            intent.data,
        )
        if not same:
            raise BadRequest("This key was used for another transaction.", param="Idempotency-Key")
        return record

    async def _check_nonce(self, chain: Chain, prepared: Prepared) -> None:
        if await self._nonce(chain, prepared.sender) != prepared.nonce:
            raise Busy(
                "Another transaction was sent in the meantime.",
                safe=NOTHING_SENT,
                hint="Look at this one again and confirm once more.",
            )

    async def _sign_and_send(self, chain: Chain, prepared: Prepared) -> TxRecord:
        account = self._signer()
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
        await self.journal.mark_sent(attempt.hash)
        reach("before_send")
        return await self._hand_over(chain, record, attempt)

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

    async def _hand_over(self, chain: Chain, record: TxRecord, attempt: Attempt) -> TxRecord:
        try:
            answered = await chain.send_raw(attempt.raw)
            reach("after_send")
        except ChainUnavailable as error:
            log.warning("no answer for %s, it may have been sent: %s", attempt.hash, error)
            return self._tell(await self.journal.get(record.id))
        except RpcError as error:
            return await self._refused(chain, record, attempt, error)
        reach("after_answer")
        if answered.lower() != attempt.hash:
            log.error("the node answered another hash than %s", attempt.hash)
        return self._tell(await self.journal.update(record.id, state="pending"))

    async def _refused(
        self, chain: Chain, record: TxRecord, attempt: Attempt, error: RpcError
    ) -> TxRecord:
        """A node's refusal: it may have it already, or this nonce is used, or it is no good."""
        words = str(error).lower()
        if any(known in words for known in KNOWN) or await chain.knows(attempt.hash):
            return self._tell(await self.journal.update(record.id, state="pending"))
        if attempt.kind != "original" or len(record.attempts) > 1:
            # What it should have replaced is still under way, or was mined.
            raise TxFailed(
                f"The node did not take the replacement: {error}.",
                tx_hash=attempt.hash,
                safe="The transaction before it stays as it was.",
                hint="Look at it again in a moment.",
            )
        record = await self.journal.update(record.id, state="not_sent", reason=str(error))
        self._tell(record)
        raise TxFailed(
            f"The node did not take the transaction: {error}.",
            tx_hash=attempt.hash,
            safe=NOTHING_SENT,
            hint="Try again.",
        )

    def _lock(self, sender: str) -> asyncio.Lock:
        return self._locks.setdefault(sender, asyncio.Lock())

    def _tell(self, record: TxRecord) -> TxRecord:
        self.changed.emit(record)
        return record


def fields_of(prepared: Prepared) -> dict[str, int | str | bytes]:
    """Exactly what is signed, in the names of eth_account."""
    fields: dict[str, int | str | bytes] = {
        "chainId": prepared.chain_id,
        "nonce": prepared.nonce,
        "to": prepared.intent.to,
        "value": prepared.intent.value,
        "data": prepared.intent.data,
        "gas": prepared.gas,
    }
    if prepared.intent.legacy:
        return fields | {"gasPrice": prepared.fee.most}
    return fields | {
        "maxFeePerGas": prepared.fee.most,
        "maxPriorityFeePerGas": prepared.fee.tip,
        "type": 2,
    }


def _legacy(fee: Fee) -> Fee:
    """Everything goes to who mines."""
    return Fee(fee.most, fee.most)


def _too_little(network: Network, needed: int, has: int) -> InsufficientFunds:
    return InsufficientFunds(
        f"There is not enough ETH on {network.title}: {exact(needed)} is needed at most, "
        f"{exact(has)} is there.",
        token="ETH",
        needed=needed,
        has=has,
        safe=NOTHING_SENT,
        hint=f"Receive {exact(needed - has)} ETH more on {network.title}.",
    )
