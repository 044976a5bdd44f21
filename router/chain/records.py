"""What the marketplace keeps, as it stands in the contract; ids with 0x, wei, seconds.

`from_abi` takes the decoded tuple of the getter named in the docstring. Unknown ids give records
of zeros there and None here. Names and tags are written by strangers: show them only as plain
text, after router.untrusted.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eth_utils.address import to_checksum_address

from router.chain.client import LATEST_TIME
from router.chain.codec import NotOffered

Abi = Any

# A market of thousands of bids has few providers, and a checksum takes longer than a record.
MOST_ADDRESSES = 4096


@lru_cache(MOST_ADDRESSES)
def _checksummed(address: str) -> str:
    return str(to_checksum_address(address))


@dataclass(frozen=True)
class Provider:
    """getProvider. It may earn `stake` less `limit_period_earned` until `limit_period_end`."""

    address: str
    endpoint: str
    stake: int
    created_at: int
    limit_period_end: int
    limit_period_earned: int
    is_deleted: bool

    @classmethod
    def from_abi(cls, address: str, value: Abi) -> "Provider | None":
        """The record of an address, or None."""
        return cls(_checksummed(address), *value) if value[2] else None

    def may_earn(self, at: int) -> int:
        """MOR it can still be paid at a time; what is due above that waits for more stake."""
        earned = 0 if at > self.limit_period_end else self.limit_period_earned
        return max(self.stake - earned, 0)


@dataclass(frozen=True)
class Model:
    """getModel. `fee` is kept by the contract and not used by it."""

    id: str
    ipfs_cid: str
    fee: int
    stake: int
    owner: str
    name: str
    tags: tuple[str, ...]
    created_at: int
    is_deleted: bool

    @classmethod
    def from_abi(cls, model_id: str, value: Abi) -> "Model | None":
        """The record of an id, or None."""
        cid, fee, stake, owner, name, tags, created_at, is_deleted = value
        if not created_at:
            return None
        return cls(
            model_id,
            as_hex(cid),
            fee,
            stake,
            _checksummed(owner),
            name,
            tuple(tags),
            created_at,
            is_deleted,
        )


@dataclass(frozen=True)
class Bid:
    """getBid: an offer of a provider to serve a model at a price in wei of MOR a second."""

    id: str
    provider: str
    model_id: str
    price_per_second: int
    nonce: int
    created_at: int
    deleted_at: int

    @classmethod
    def from_abi(cls, bid_id: str, value: Abi) -> "Bid | None":
        """The record of an id, or None."""
        provider, model_id, price, nonce, created_at, deleted_at = value
        if not created_at:
            return None
        return cls(
            bid_id,
            _checksummed(provider),
            as_hex(model_id),
            price,
            nonce,
            created_at,
            deleted_at,
        )

    @property
    def is_active(self) -> bool:
        """Whether sessions can be opened with it."""
        return self.deleted_at == 0


@dataclass(frozen=True)
class Session:
    """getSession. It names neither provider nor model: join it with its bid.

    `closeout_type` 1 is a dispute. A session past `ends_at` stays active until someone closes it.
    """

    id: str
    user: str
    bid_id: str
    stake: int
    closeout_receipt: bytes
    closeout_type: int
    provider_withdrawn: int
    opened_at: int
    ends_at: int
    closed_at: int
    is_active: bool
    is_direct: bool

    @classmethod
    def from_abi(cls, session_id: str, value: Abi) -> "Session | None":
        """The record of an id, or None.

        Raises:
            NotOffered: it is of a time that no calendar has, so the contract never said this.
        """
        user, bid_id, *rest = value
        opened_at, ends_at, closed_at = value[6:9]
        if not opened_at:
            return None
        if max(opened_at, ends_at, closed_at) > LATEST_TIME:
            raise NotOffered("getSession")
        return cls(session_id, _checksummed(user), as_hex(bid_id), *rest)


@dataclass(frozen=True)
class Spread:
    """A running mean and the sum of squared differences from it, in whole numbers."""

    mean: int
    sq_sum: int


@dataclass(frozen=True)
class BidStats:
    """getProviderModelStats: how a provider did with a model, over sessions that were closed.

    Disputed ones count in `total_count` only.
    """

    tps_scaled_1000: Spread
    ttft_ms: Spread
    total_duration_s: int
    success_count: int
    total_count: int

    @classmethod
    def from_abi(cls, value: Abi) -> "BidStats":
        """The record; one of zeros when there were no sessions."""
        tps, ttft, *rest = value
        return cls(Spread(*tps), Spread(*ttft), *rest)


@dataclass(frozen=True)
class ModelStats:
    """getModelStats: over the means of `count` providers of a model."""

    tps_scaled_1000: Spread
    ttft_ms: Spread
    total_duration_s: Spread
    count: int

    @classmethod
    def from_abi(cls, value: Abi) -> "ModelStats":
        """The record; one of zeros when there were no sessions."""
        tps, ttft, duration, count = value
        return cls(Spread(*tps), Spread(*ttft), Spread(*duration), count)


def as_hex(value: bytes) -> str:
    """An id as text."""
    return "0x" + value.hex()


def as_bytes(value: str) -> bytes:
    """An id or hash of 32 bytes from its text.

    Raises:
        ValueError: it is not one.
    """
    data = bytes.fromhex(value.removeprefix("0x"))
    if len(data) != 32:
        raise ValueError("an id has 32 bytes")
    return data
