"""A chain in memory: blocks, transactions and logs over py-evm. Synchronous; one thread at a time.

It behaves as a node with one miner: a transaction is mined at once (unless `automine` is off),
block time follows the clock it is given plus what was skipped, and nothing is final, so that
snapshots can be taken back. Raises `Reverted` with the raw data, as real nodes answer.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eth.abc import BlockAPI, BlockHeaderAPI, LogAPI, ReceiptAPI, SignedTransactionAPI, StateAPI
from eth.chains.base import MiningChain
from eth.constants import BLANK_ROOT_HASH, POST_MERGE_DIFFICULTY, POST_MERGE_NONCE
from eth.db.atomic import AtomicDB
from eth.exceptions import Revert
from eth.vm.forks.paris import ParisVM
from eth.vm.spoof import SpoofTransaction
from eth_typing import Address
from eth_utils.exceptions import ValidationError

GAS_LIMIT = 60_000_000
CALL_GAS = 1_000_000_000
FIRST_BASE_FEE = 1_000_000_000
REPLACE_PERCENT = 110
ESTIMATES = (100, 105, 125, 160, 250)
COINBASE = b"\x00" * 19 + b"\x01"


class Reverted(Exception):
    """A call or estimate failed in the contract; `data` is what it answered."""

    def __init__(self, data: bytes, reason: str = "execution reverted") -> None:
        super().__init__(reason)
        self.data = data


class Refused(Exception):
    """A transaction was not taken; the text is the usual one of nodes."""


@dataclass(frozen=True)
class Mined:
    """One block with what came of its transactions."""

    block: BlockAPI
    receipts: tuple[ReceiptAPI, ...]
    created: tuple[bytes | None, ...]  # address of the contract a transaction made

    @property
    def logs(self) -> Iterator[tuple[int, LogAPI]]:
        """All logs in their order, each with the place of its transaction."""
        for index, receipt in enumerate(self.receipts):
            for log in receipt.logs:
                yield index, log


@dataclass(frozen=True)
class Call:
    """What `call` and `estimate` execute; wei, gas and bytes."""

    sender: bytes = b"\x00" * 20
    to: bytes = b""
    data: bytes = b""
    value: int = 0
    gas: int | None = None
    codes: tuple[tuple[bytes, bytes], ...] = ()  # what counts as the code of accounts


@dataclass(frozen=True)
class _Snapshot:
    height: int
    skipped_s: int
    pending: tuple[SignedTransactionAPI, ...]


class Evm:
    """The chain.

    Args:
        balances: ether of accounts at the start, in wei.
        clock: seconds since the epoch; block times never go back.
    """

    def __init__(
        self, chain_id: int, balances: dict[bytes, int], clock: Callable[[], float]
    ) -> None:
        self.chain_id = chain_id
        self.automine = True
        self.blocks: list[Mined] = []
        self.pending: list[SignedTransactionAPI] = []
        self._clock = clock
        self._skipped_s = 0
        self._next_time: int | None = None
        self._places: dict[bytes, tuple[int, int]] = {}
        self._snapshots: list[_Snapshot] = []
        self._chain = self._genesis(balances)
        genesis = self._chain.get_block_by_header(self._chain.get_canonical_head())
        self.blocks.append(Mined(genesis, (), ()))

    def _genesis(self, balances: dict[bytes, int]) -> MiningChain:
        chain_class = MiningChain.configure(
            "DemoChain", vm_configuration=((0, ParisVM),), chain_id=self.chain_id
        )
        params: dict[str, Any] = {
            "coinbase": COINBASE,
            "difficulty": POST_MERGE_DIFFICULTY,
            "extra_data": b"",
            "gas_limit": GAS_LIMIT,
            "base_fee_per_gas": FIRST_BASE_FEE,
            "mix_hash": b"\x00" * 32,
            "nonce": POST_MERGE_NONCE,
            "receipt_root": BLANK_ROOT_HASH,
            "timestamp": int(self._clock()),
            "transaction_root": BLANK_ROOT_HASH,
        }
        state: dict[Address, Any] = {
            Address(address): {"balance": wei, "nonce": 0, "code": b"", "storage": {}}
            for address, wei in balances.items()
        }
        chain = chain_class.from_genesis(AtomicDB(), params, state)
        assert isinstance(chain, MiningChain)
        return chain

    # Time and mining

    @property
    def height(self) -> int:
        """Number of the newest block."""
        return len(self.blocks) - 1

    @property
    def head(self) -> BlockHeaderAPI:
        """Header of the newest block."""
        return self.blocks[-1].block.header

    def now(self) -> int:
        """What the next block's time would be, in seconds."""
        if self._next_time is not None:
            return self._next_time
        return max(int(self._clock()) + self._skipped_s, self.head.timestamp + 1)

    def skip(self, seconds: int) -> None:
        """Let time pass from the newest block on, or from the clock where it is ahead."""
        now = int(self._clock())
        self._skipped_s = max(now + self._skipped_s, self.head.timestamp) + seconds - now

    def set_next_time(self, timestamp: int) -> None:
        """Give the next block this time; later ones go on from there.

        Raises:
            Refused: it is not after the newest block.
        """
        if timestamp <= self.head.timestamp:
            raise Refused(f"timestamp {timestamp} is not after the last block's")
        self._next_time = timestamp
        self._skipped_s = timestamp - int(self._clock())

    def mine(self, count: int = 1) -> None:
        """Mine blocks; the first takes what is pending, in the order of nonces."""
        for _ in range(count):
            self._mine_one()

    def _mine_one(self) -> None:
        parent = self.head
        header = self._chain.create_header_from_parent(parent, gas_limit=parent.gas_limit)
        self._chain.header = header.copy(timestamp=self.now(), coinbase=COINBASE)
        self._next_time = None
        receipts: list[ReceiptAPI] = []
        created: list[bytes | None] = []
        done: list[SignedTransactionAPI] = []
        for transaction in sorted(self.pending, key=lambda t: t.nonce):
            try:
                _, receipt, computation = self._chain.apply_transaction(transaction)
            except ValidationError:
                continue  # a gap before it, or the block is full: it waits
            receipts.append(receipt)
            is_new = transaction.to == b"" and not computation.is_error
            created.append(computation.msg.storage_address if is_new else None)
            done.append(transaction)
        self.pending = [t for t in self.pending if t not in done]
        block = self._chain.mine_block(coinbase=COINBASE, mix_hash=os.urandom(32))
        self.blocks.append(Mined(block, tuple(receipts), tuple(created)))
        for index, transaction in enumerate(done):
            self._places[transaction.hash] = (self.height, index)

    # Transactions

    def send(self, raw: bytes) -> bytes:
        """Take a signed transaction; returns its hash.

        Raises:
            Refused: what nodes refuse: known, nonce too low, underpriced, no funds, wrong chain.
        """
        try:
            transaction = (
                self._chain.get_vm(self._chain.header).get_transaction_builder().decode(raw)
            )
            transaction.validate()
        except Exception as error:
            raise Refused(f"invalid transaction: {error}") from error
        if transaction.chain_id not in (None, self.chain_id):
            raise Refused("invalid chain id for signer")
        if transaction.gas < transaction.intrinsic_gas:
            raise Refused("intrinsic gas too low")
        if transaction.hash in self._places or any(
            t.hash == transaction.hash for t in self.pending
        ):
            raise Refused("already known")
        sender = transaction.sender
        with self.state() as state:
            nonce, balance = state.get_nonce(sender), state.get_balance(sender)
        if transaction.nonce < nonce:
            raise Refused("nonce too low")
        cost = transaction.value + transaction.gas * _highest_fee(transaction)
        if balance < cost:
            raise Refused(f"insufficient funds for gas * price + value: have {balance} want {cost}")
        self._replace(transaction, sender)
        self.pending.append(transaction)
        if self.automine:
            self.mine()
        return bytes(transaction.hash)

    def _replace(self, transaction: SignedTransactionAPI, sender: bytes) -> None:
        """Make room for a transaction with a nonce that waits already, if it pays enough more."""
        for old in self.pending:
            if old.sender == sender and old.nonce == transaction.nonce:
                needed = (_highest_fee(old) * REPLACE_PERCENT + 99) // 100
                if _highest_fee(transaction) < needed:
                    raise Refused("replacement transaction underpriced")
                self.pending.remove(old)
                return

    def find(self, transaction_hash: bytes) -> tuple[Mined, int] | SignedTransactionAPI | None:
        """Where a transaction is: in a block, waiting, or nowhere."""
        place = self._places.get(transaction_hash)
        if place is not None:
            return self.blocks[place[0]], place[1]
        return next((t for t in self.pending if t.hash == transaction_hash), None)

    def by_hash(self, block_hash: bytes) -> Mined | None:
        """The block with this hash."""
        return next((m for m in reversed(self.blocks) if m.block.hash == block_hash), None)

    def pending_nonce(self, address: bytes) -> int:
        """The next nonce of an account, what waits without a gap counted."""
        with self.state() as state:
            nonce = state.get_nonce(Address(address))
        waiting = {t.nonce for t in self.pending if t.sender == address}
        while nonce in waiting:
            nonce += 1
        return nonce

    # Reading and trying

    @contextlib.contextmanager
    def state(self, height: int | None = None) -> Iterator[StateAPI]:
        """The state after a block."""
        header = self.head if height is None else self.blocks[height].block.header
        yield self._chain.get_vm(header).state

    def call(self, call: Call, height: int | None = None, timestamp: int | None = None) -> bytes:
        """What a call would answer, in a block after `height` with this time.

        Args:
            timestamp: by default that of the block at `height`, as nodes do.

        Raises:
            Reverted
            Refused: the sender has too little for the value.
        """
        return bytes(self._execute(call, height, timestamp).output)

    def estimate(self, call: Call, height: int | None = None) -> int:
        """Gas that is enough for a call as a transaction in the next block.

        Raises:
            Reverted
        """
        computation = self._execute(call, height, self.now())
        used = computation.get_gas_used() + self._spoof(call, self.head).intrinsic_gas
        for percent in ESTIMATES:
            # A call inside gets 63 of 64 parts of the gas, and refunds come at the end: what was
            # used is not always enough.
            gas = int(used * percent // 100)
            with contextlib.suppress(Reverted):
                self._execute(replace(call, gas=gas), height, self.now())
                return gas
        raise Reverted(b"", "gas required exceeds allowance")

    def _execute(self, call: Call, height: int | None, timestamp: int | None) -> Any:
        header = self._header_of(height, timestamp)
        state, transaction = self._chain.get_vm(header).state, self._spoof(call, header)
        for account, code in call.codes:
            state.set_code(Address(account), code)
        try:
            computation = state.costless_execute_transaction(transaction)
        except ValidationError as error:
            raise Refused(f"insufficient funds for gas * price + value: {error}") from error
        if computation.is_error:
            failure = computation.error
            if isinstance(failure, Revert):
                raise Reverted(bytes(computation.output))
            raise Reverted(b"", str(failure) or type(failure).__name__)
        return computation

    def _header_of(self, height: int | None, timestamp: int | None) -> BlockHeaderAPI:
        """Where a call is tried: in the block itself, as nodes do, and free of charge."""
        base = self.head if height is None else self.blocks[height].block.header
        return base.copy(
            timestamp=base.timestamp if timestamp is None else timestamp,
            gas_limit=CALL_GAS,
            base_fee_per_gas=0,
        )

    def _spoof(self, call: Call, header: BlockHeaderAPI) -> Any:
        vm = self._chain.get_vm(header)
        unsigned = vm.get_transaction_builder().create_unsigned_transaction(
            nonce=vm.state.get_nonce(Address(call.sender)),
            gas_price=0,
            gas=min(call.gas or GAS_LIMIT, CALL_GAS),
            to=Address(call.to),
            value=call.value,
            data=call.data,
        )
        return SpoofTransaction(unsigned, from_=call.sender)

    # Taking back

    def snapshot(self) -> int:
        """Remember how things are; returns a number for `revert`."""
        self._snapshots.append(_Snapshot(self.height, self._skipped_s, tuple(self.pending)))
        return len(self._snapshots)

    def revert(self, number: int) -> bool:
        """Go back to a snapshot; it and later ones are gone. False if there is none."""
        if not 1 <= number <= len(self._snapshots):
            return False
        kept = self._snapshots[number - 1]
        del self._snapshots[number - 1 :]
        self.undo(self.height - kept.height)
        self._skipped_s = kept.skipped_s
        self.pending = list(kept.pending)
        return True

    def undo(self, depth: int) -> Sequence[SignedTransactionAPI]:
        """Take back the newest blocks, as a reorganisation does; returns what was in them."""
        if depth <= 0:
            return ()
        gone = self.blocks[-depth:]
        del self.blocks[-depth:]
        transactions = [t for mined in gone for t in mined.block.transactions]
        for transaction in transactions:
            self._places.pop(transaction.hash, None)
        return transactions


def _highest_fee(transaction: SignedTransactionAPI) -> int:
    """The most a transaction pays for a unit of gas, in wei."""
    fee: int = getattr(transaction, "max_fee_per_gas", None) or transaction.gas_price
    return fee
