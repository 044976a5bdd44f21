"""A quote as it could have been shown, and fees of now, for tests without a chain."""

from router.chain.fees import Fee, Fees
from router.chain.records import Bid, Model, Provider
from router.consumer.records import Ending, Quote

MODEL_ID, BID_ID = "0x" + "a1" * 32, "0x" + "b2" * 32
PROVIDER = "0x" + "11" * 20
HUGE = 2**200 + 1


def fees_of(fee: Fee, *, unusual: bool = False) -> Fees:
    """What makes a fee usual or not: half of its most is the base fee of now."""
    base = (fee.most - fee.tip) // 2
    return Fees(fee, fee, fee, base, 0 if unusual else base + fee.tip)


def a_quote(**changes: object) -> Quote:
    """One with values that do not fit into 64 bits, and text of strangers."""
    ending = Ending("now", 1_300, HUGE, 5, 86_400, 0, 7, 2)
    values: dict[str, object] = {
        "block": 7, "timestamp": 1_000,
        "model": Model(MODEL_ID, "0x", 0, 1, PROVIDER, 'Möbius "<b>', ("LLM", "tee"), 5, False),
        "bid": Bid(BID_ID, PROVIDER, MODEL_ID, 10**13, 0, 6, 0),
        "provider": Provider(PROVIDER, "host:3333", HUGE, 4, 9, 0, False),
        "seconds": 3600, "granted_s": 3600, "is_direct": False, "amount": HUGE, "cost": 1,
        "permission": 0, "balance": HUGE, "coin": 1, "network_fee": 2, "closing_fee": 3,
        "rule": "day-lock", "rule_known": True, "earns_at_most": 1, "funding": 2,
        "endings": (ending, ending), "chain_id": 1337, "user": "0x" + "22" * 20,
    }  # fmt: skip
    return Quote(**values | changes)  # type: ignore[arg-type]
