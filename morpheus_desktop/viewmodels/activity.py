"""What moved, as rows: transactions of the journal and transfers of the token, joined by hash.

Texts hold no amounts, because these may have to be hidden: `{amount}` stands for `detail_wei`.
"""

import csv
import io
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from morpheus_desktop import format as fmt
from router.chain.history import Transfer
from router.chain.journal import TxRecord
from router.chain.review import Decoded, Effect, decode_tx
from router.errors import BadRequest
from router.networks import Network
from router.units import exact
from router.untrusted import one_line

Kind = Literal["sent", "received", "sessions", "other"]
Status = Literal["pending", "unsent", "confirmed", "failed", "cancelled", "replaced", "not_sent"]

STATUS: dict[str, Status] = {
    "signed": "pending",
    "sent": "pending",
    "pending": "pending",
    "included": "confirmed",
    "safe": "confirmed",
    "failed": "failed",
    "cancelled": "cancelled",
    "replaced": "replaced",
    "not_sent": "not_sent",
}
STATUS_WORDS: dict[Status, str] = {
    "pending": "Pending",
    "unsent": "Not sent",
    "confirmed": "Confirmed",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "replaced": "Replaced",
    "not_sent": "Not sent",
}
# Function of the marketplace: icon and words.
CALLS = {
    "openSession": ("hourglass", "Session opened"),
    "closeSession": ("rotate-ccw", "Session closed"),
    "withdrawUserStakes": ("hand-coins", "Claimed returned stake"),
    "claimForProvider": ("hand-coins", "Claimed reward of a provider"),
    "providerRegister": ("server", "Registered as a provider"),
    "providerDeregister": ("server", "Ended being a provider"),
    "modelRegister": ("box", "Registered a model"),
    "modelDeregister": ("box", "Removed a model"),
    "postModelBid": ("store", "Posted a bid"),
    "deleteModelBid": ("store", "Withdrew a bid"),
}
HEAD = (
    "time_utc",
    "what",
    "status",
    "amount",
    "token",
    "address",
    "hash",
    "block",
    "fee_eth",
    "note",
)
# A spreadsheet takes text that begins like this for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

NameOf = Callable[[str], str]


@dataclass(frozen=True)
class Activity:
    """One row.

    Args:
        key: stays the same while the row changes.
        detail: with {amount} where `detail_wei` belongs.
        amount: wei that came (or with a minus went) of `token`; 0 where nothing is to be shown.
        other: address of the other side, or empty.
        time: seconds since 1970.
    """

    key: str
    kind: Kind
    icon: str
    title: str
    status: Status
    time: float
    detail: str = ""
    detail_wei: int = 0
    detail_unit: str = "MOR"
    token: str = "MOR"
    amount: int = 0
    other: str = ""
    tx_hash: str = ""
    block: int | None = None
    label: str = ""
    record: TxRecord | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it can still be mined."""
        return self.status == "pending"

    @property
    def is_unsent(self) -> bool:
        """Whether it was signed, never sent, and waits for the user."""
        return self.status == "unsent"

    def fits(self, query: str) -> bool:
        """Whether a hash, an address, a note or a word of the title holds this text."""
        wanted = query.strip().casefold()
        texts = (self.tx_hash, self.other, self.label, self.title)
        return any(wanted in text.casefold() for text in texts)


def rows_of(
    records: Iterable[TxRecord],
    transfers: Sequence[Transfer],
    network: Network,
    account: str,
    name_of: NameOf,
    unsent: Container[int] = (),
) -> list[Activity]:
    """All rows: what is pending or waits for the user first, then the newest.

    Args:
        unsent: ids of records that were signed and never given to a node.
    """
    moved: dict[str, list[Transfer]] = {}
    for transfer in transfers:
        moved.setdefault(transfer.tx_hash.lower(), []).append(transfer)
    rows = []
    records = list(records)
    first = min((record.nonce for record in records if record.is_open), default=0)
    for record in records:
        # Of all attempts only one was mined; its transfers belong to this row.
        own = [t for a in record.attempts for t in moved.pop(a.hash.lower(), ())]
        if record.state == "signed" and record.id in unsent:
            rows.append(_of_unsent(record, network, name_of))
        else:
            row = _of_record(record, own, network, account, name_of)
            rows.append(_waiting(row, first) if record.is_open and record.nonce > first else row)
    rows += [_of_transfers(found, network, account, name_of) for found in moved.values()]
    waits = [row for row in rows if row.is_pending or row.is_unsent]
    return _by_time(waits) + _newest_first([row for row in rows if row not in waits])


def _by_time(rows: Iterable[Activity]) -> list[Activity]:
    return sorted(rows, key=lambda row: -row.time)


def _newest_first(rows: Iterable[Activity]) -> list[Activity]:
    """By time, but what is in blocks in their order: clocks of chains need not be ours."""
    ordered = _by_time(rows)
    mined = sorted(
        (row for row in ordered if row.block is not None), key=lambda row: -(row.block or 0)
    )
    in_blocks = iter(mined)
    return [row if row.block is None else next(in_blocks) for row in ordered]


def as_csv(rows: Iterable[Activity]) -> str:
    """The rows for a spreadsheet: all digits, times in UTC."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    for row in rows:
        fee = row.record.fee if row.record is not None else None
        writer.writerow(
            [
                datetime.fromtimestamp(row.time, UTC).isoformat(timespec="seconds"),
                _inert(row.title),
                STATUS_WORDS[row.status],
                exact(row.amount) if row.amount else "",
                row.token if row.amount else "",
                row.other,
                row.tx_hash,
                "" if row.block is None else row.block,
                "" if fee is None else exact(fee),
                _inert(row.label),
            ]
        )
    return text.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _of_record(
    record: TxRecord,
    moved: Sequence[Transfer],
    network: Network,
    account: str,
    name_of: NameOf,
) -> Activity:
    decoded = decoded_of(record, network)
    effects = decoded.effects if decoded is not None else ()
    row = _described(record, decoded, name_of)
    status = STATUS[record.state]
    row = replace(row, status=status, label=one_line(record.label, 120))
    if status == "pending":
        last = record.last
        return replace(
            _with_effects(row, effects),
            detail=f"Fee up to {{amount}}, nonce {record.nonce:,}",
            detail_wei=last.gas * last.max_fee,
            detail_unit="ETH",
        )
    if status != "confirmed":
        return replace(row, detail=_why_not(record))
    if net := _net(moved, account):
        return replace(row, amount=net)
    return _with_effects(row, effects)


def _waiting(row: Activity, first: int) -> Activity:
    """A pending transaction that cannot be mined before another of the account is."""
    return replace(row, detail=f"Waiting behind nonce {first:,}. {row.detail}")


def _of_unsent(record: TxRecord, network: Network, name_of: NameOf) -> Activity:
    """A transaction of which only this computer knows."""
    decoded = decoded_of(record, network)
    row = _described(record, decoded, name_of)
    return replace(
        _with_effects(row, decoded.effects if decoded is not None else ()),
        status="unsent",
        label=one_line(record.label, 120),
        detail="Signed, but never given to the network. Nothing has moved.",
    )


def decoded_of(record: TxRecord, network: Network) -> Decoded | None:
    """What a transaction does; None when a version of the app signed it that knew more calls."""
    try:
        return decode_tx(network, record.to, record.value, record.data)
    except BadRequest:
        return None


def _described(record: TxRecord, decoded: Decoded | None, name_of: NameOf) -> Activity:
    """The row with its words; not yet with what moved."""
    effects = decoded.effects if decoded is not None else ()
    call = decoded.call if decoded is not None else ""
    first = effects[0] if effects else Effect("none", "ETH", 0, record.to)
    row = Activity(
        f"tx {record.id}",
        "sent",
        "arrow-up-right",
        f"{'Send' if record.is_open else 'Sent'} to {_name(first.counterparty, name_of)}",
        "pending",
        record.created_at,
        token=first.token,
        other=first.counterparty,
        tx_hash=record.hash,
        block=record.block,
        record=record,
    )
    if call == "approve":
        return _permission(row, first, _name(first.counterparty, name_of))
    if call in CALLS:
        icon, words = CALLS[call]
        kind: Kind = "sessions" if "Session" in words or "stake" in words else "other"
        detail = "{amount} staked" if call == "openSession" else ""
        return replace(
            row,
            kind=kind,
            icon=icon,
            title=words,
            detail=detail,
            detail_wei=first.amount,
            token="MOR",
        )
    return replace(row, detail=fmt.short_address(first.counterparty))


def _permission(row: Activity, effect: Effect, who: str) -> Activity:
    row = replace(row, kind="other", icon="shield-check")
    if not effect.amount:
        return replace(row, title=f"Ended permission of {who}")
    return replace(
        row, title=f"Permission for {who}", detail="Up to {amount}", detail_wei=effect.amount
    )


def _with_effects(row: Activity, effects: Sequence[Effect]) -> Activity:
    out = next((effect for effect in effects if effect.direction == "out"), None)
    return row if out is None else replace(row, amount=-out.amount, token=out.token)


def _why_not(record: TxRecord) -> str:
    if record.state == "cancelled":
        return "Nothing moved; only the network fee was spent."
    if record.state == "not_sent":
        return f"{record.reason} Nothing was sent.".strip()
    return record.reason or "Nothing moved."


def _net(moved: Sequence[Transfer], account: str) -> int:
    came = sum(t.amount for t in moved if t.recipient == account)
    return came - sum(t.amount for t in moved if t.sender == account)


def _of_transfers(
    moved: Sequence[Transfer], network: Network, account: str, name_of: NameOf
) -> Activity:
    """A transaction that was not sent from here."""
    net, first = _net(moved, account), moved[0]
    came = net >= 0
    other = first.sender if came else first.recipient
    kind: Kind = "received" if came else "sent"
    title = f"{'Received from' if came else 'Sent to'} {_name(other, name_of)}"
    icon = "arrow-down-left" if came else "arrow-up-right"
    if other == network.diamond:
        kind, icon = "sessions", "rotate-ccw" if came else "hourglass"
        title = "Returned by the marketplace" if came else "Staked in the marketplace"
    return Activity(
        f"log {first.tx_hash}",
        kind,
        icon,
        title,
        "confirmed",
        first.time,
        detail=fmt.short_address(other),
        amount=net,
        other=other,
        tx_hash=first.tx_hash,
        block=first.block,
    )


def _name(address: str, name_of: NameOf) -> str:
    return name_of(address) or fmt.short_address(address)
