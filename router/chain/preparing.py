"""Prepares transactions: tried, explained, priced, and with their nonce; nothing is signed here."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from router.chain.client import Chain
from router.chain.codec import Function, NotOffered
from router.chain.fees import (
    SPEEDS,
    Fee,
    Fees,
    Speed,
    bumped,
    compared_fees,
    first_layer_fee,
    with_margin,
)
from router.chain.journal import Journal, Kind, TxRecord
from router.chain.nodes import RpcError
from router.chain.reverts import explain
from router.chain.review import Decoded, decode_tx
from router.errors import ChainUnavailable, InsufficientFunds, TxFailed
from router.networks import Network
from router.units import exact

PLAIN_GAS = 21_000
# A signed transaction has about so many bytes besides its data; only for the first layer's fee.
ENVELOPE_BYTES = 120
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
        fees: what two nodes said of the last blocks, for the other speeds too.
        block: number of the block at which it was tried.
        twin: hash of a transaction that does the same and is still on the way; or empty.
    """

    intent: Intent
    chain_id: int
    sender: str
    nonce: int
    gas: int
    fee: Fee
    first_layer_fee: int
    decoded: Decoded
    fees: Fees
    block: int
    kind: Kind = "original"
    replaces: int | None = None
    twin: str = ""

    @property
    def fee_max(self) -> int:
        """The most the network can take for it, in wei."""
        return self.gas * self.fee.most + self.first_layer_fee

    @property
    def coin_max(self) -> int:
        """The most of the chain's coin that can leave the account, in wei."""
        return self.intent.value + self.fee_max

    @property
    def unusual_fee(self) -> bool:
        """Whether it is over three times what was paid lately."""
        return self.fees.is_unusual(self.fee)

    @property
    def speeds(self) -> "dict[Speed, Prepared]":
        """The same transaction at each speed."""
        return {
            speed: replace(self, fee=_fee_of(self.intent, self.fees, speed)) for speed in SPEEDS
        }


class Preparer:
    """Prepares for one network; which nonces were used is in the journal."""

    def __init__(self, network: Network, journal: Journal) -> None:
        self._network = network
        self._journal = journal

    async def prepare(self, chain: Chain, intent: Intent, sender: str, speed: Speed) -> Prepared:
        """Try an intent and say what it will do and cost."""
        decoded = decode_tx(self._network, intent.to, intent.value, intent.data)
        head = await chain.head()
        second = await chain.second()
        fees = await compared_fees(chain, second)
        gas = await self._gas(chain, intent, sender, decoded)
        prepared = Prepared(
            intent,
            chain.chain_id,
            sender,
            await self._agreed_nonce(chain, second, sender),
            gas,
            _fee_of(intent, fees, speed),
            await self._first_layer(chain, intent.data),
            decoded,
            fees,
            head.number,
            twin=await self._twin(chain.chain_id, intent, sender),
        )
        await self._check_coin(chain, prepared)
        return prepared

    async def prepare_all(
        self, chain: Chain, sending: Callable[[int], Intent], sender: str, speed: Speed
    ) -> Prepared:
        """Send all of the chain's coin but the most that the network can take, to the wei.

        Args:
            sending: the intent that sends so many wei.
        """
        trial = await self.prepare(chain, sending(1), sender, speed)
        intent = sending(await chain.balance(sender) - trial.fee_max)
        decoded = decode_tx(self._network, intent.to, intent.value, intent.data)
        prepared = replace(
            trial,
            intent=intent,
            gas=await self._gas(chain, intent, sender, decoded),
            decoded=decoded,
            twin=await self._twin(chain.chain_id, intent, sender),
        )
        await self._check_coin(chain, prepared)
        return prepared

    async def _gas(self, chain: Chain, intent: Intent, sender: str, decoded: Decoded) -> int:
        """Gas for a transaction, which is tried by that; never a guess when it would fail."""
        try:
            if decoded.function is not None:
                await self._try(chain, intent, sender, decoded.function)
            estimate = await chain.estimate(sender, intent.to, intent.data, intent.value)
        except RpcError as error:
            raise await self._would_fail(chain, intent, sender, decoded.call, error) from error
        if estimate < PLAIN_GAS:
            raise ChainUnavailable(
                "The node's estimate of the work is impossible.",
                safe=NOTHING_SENT,
                hint="Choose another node in Settings, Network.",
            )
        return estimate if estimate == PLAIN_GAS else with_margin(estimate)

    async def _try(self, chain: Chain, intent: Intent, sender: str, function: Function) -> None:
        """Call without sending, and see that it is the contract we know that answers."""
        answer = await chain.call(intent.to, intent.data, sender=sender, value=intent.value)
        if function.decode(answer) is False:
            raise TxFailed(
                "The token refuses this.", code="token_refused", safe=NOTHING_SENT,
                hint="Update the app, or choose another network.",
            )  # fmt: skip
        if not function.outputs and not await chain.code(intent.to):
            raise NotOffered(function.name)

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

    async def nonce(self, chain: Chain, sender: str) -> int:
        """Never below what was used here, whatever one node says of what waits."""
        here = await self._journal.next_nonce(chain.chain_id, sender)
        return max(here, await chain.nonce(sender, "pending"))

    async def _agreed_nonce(self, chain: Chain, second: Chain | None, sender: str) -> int:
        """The next nonce; where two nodes answer they must agree, as a wrong one gets stuck."""
        nonce = other = await self.nonce(chain, sender)
        if second is not None:
            with contextlib.suppress(ChainUnavailable, RpcError):
                other = await self.nonce(second, sender)
        if nonce != other:
            raise ChainUnavailable(
                "Two nodes of the network do not agree on what this account has sent.",
                safe=NOTHING_SENT,
                hint="Try again in a moment, or choose other nodes in Settings, Network.",
            )
        return nonce

    async def _twin(self, chain_id: int, intent: Intent, sender: str) -> str:
        """A transaction that does the same and may still be mined."""
        found = await self._journal.twin(chain_id, sender, intent.to, intent.value, intent.data)
        return "" if found is None else found.hash

    async def _first_layer(self, chain: Chain, data: bytes) -> int:
        return await first_layer_fee(chain, self._network, data + b"\xff" * ENVELOPE_BYTES)

    async def _check_coin(self, chain: Chain, prepared: Prepared) -> None:
        has = await chain.balance(prepared.sender)
        if has < prepared.coin_max:
            raise _too_little(self._network, prepared.coin_max, has)

    async def replacement(
        self, chain: Chain, record: TxRecord, intent: Intent, kind: Kind
    ) -> Prepared:
        """An intent that takes over the nonce of an open transaction, at higher fees."""
        fees = await compared_fees(chain, await chain.second())
        last = record.last
        prepared = Prepared(
            intent,
            record.chain_id,
            record.sender,
            record.nonce,
            PLAIN_GAS if kind == "cancel" else last.gas,
            bumped(Fee(last.max_fee, last.tip), fees.normal),
            await self._first_layer(chain, intent.data),
            decode_tx(self._network, intent.to, intent.value, intent.data),
            fees,
            (await chain.head()).number,
            kind,
            record.id,
        )
        await self._check_coin(chain, prepared)
        return prepared


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


def _fee_of(intent: Intent, fees: Fees, speed: Speed) -> Fee:
    """What a speed costs; a gas price goes to who mines, all of it."""
    fee = fees.of(speed)
    return Fee(fee.most, fee.most) if intent.legacy else fee


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
