"""What is looked at before an opening asks, pays or signs: the quote that was shown is the contract.

All of it is pure.
"""

from dataclasses import replace

from router.chain.fees import Fee
from router.chain.preparing import NOTHING_SENT, Prepared
from router.consumer.book import Begun
from router.consumer.records import Quote
from router.errors import InsufficientFunds, TxFailed
from router.morrpc import approvals
from router.networks import Network
from router.units import exact

FEE_ABOVE_QUOTE = "fee_above_quote"


def within(prepared: Prepared, most: int) -> Prepared:
    """The same transaction with a fee that cannot exceed so many wei.

    Raises:
        TxFailed: with such a fee it would not be mined soon.
    """
    if prepared.fee_max <= most:
        return prepared
    per_gas = (most - prepared.first_layer_fee) // prepared.gas
    if per_gas < prepared.fees.base + prepared.fee.tip:
        raise TxFailed(
            "The network's fee is higher now than what was shown.",
            code=FEE_ABOVE_QUOTE,
            safe=NOTHING_SENT,
            hint="Try again: the fee of now is shown first.",
        )
    return replace(prepared, fee=Fee(per_gas, min(prepared.fee.tip, per_gas)))


def check_means(now: Quote, network: Network) -> None:
    """What is not there is said before anybody is asked or paid.

    Raises:
        InsufficientFunds
    """
    for name, needed, has in (
        ("MOR", now.amount, now.balance),
        ("ETH", now.network_fee, now.coin),
    ):
        if has < needed:
            raise InsufficientFunds(
                f"There is not enough {name}: {exact(needed)} is needed, {exact(has)} is there.",
                token=name,
                needed=needed,
                has=has,
                safe=NOTHING_SENT,
                hint=f"Receive {exact(needed - has)} {name} more on {network.title}.",
            )


def check_words(message: bytes, quote: Quote, chain_id: int, user: str) -> None:
    """What was signed must be about this bid, user and network.

    Raises:
        TxFailed, WireError
    """
    approval = approvals.Approval.decode(message)
    found = (approval.bid_id, approval.chain_id, approval.user)
    if found != (quote.bid.id.lower(), chain_id, user.lower()):
        raise TxFailed(
            "The provider signed something else than what was asked of it.",
            code="wrong_approval",
            safe=NOTHING_SENT,
            hint="Choose another provider.",
        )


def check_shown(prepared: Prepared, quote: Quote, begun: Begun) -> None:
    """What is signed, read from its final bytes, is what was shown.

    Raises:
        TxFailed
    """
    user, amount, is_direct, approval, _ = (value for _, value in prepared.decoded.arguments)
    if (
        user.lower() != begun.user.lower()
        or amount > quote.amount
        or is_direct != quote.is_direct
        or approval != begun.approval
        or prepared.fee_max > quote.network_fee
    ):
        raise TxFailed(
            "This is not what was shown before.", code="not_as_shown", safe=NOTHING_SENT,
            hint="Try again.",
        )  # fmt: skip
