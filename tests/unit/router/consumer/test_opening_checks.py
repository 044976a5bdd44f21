"""Nothing is signed above what was shown."""

import pytest

from router.chain.fees import Fee
from router.chain.marketplace import DIAMOND
from router.chain.preparing import Intent, Prepared
from router.chain.review import decode_tx
from router.consumer.book import Begun
from router.consumer.opening_checks import check_shown, check_words, within
from router.consumer.records import Opening
from router.errors import TxFailed
from router.morrpc.approvals import Approval
from router.morrpc.errors import WireError
from router.networks import NETWORKS
from tests.support.quoted import BID_ID, HUGE, a_quote, fees_of

USER = "0x" + "22" * 20
BASE = NETWORKS["base"]
APPROVAL = Approval(BID_ID, BASE.chain_id, USER, 5).encode()
QUOTE = a_quote(network_fee=1_000)


def prepared(*, user=USER, amount=HUGE, is_direct=False, approval=APPROVAL, most=9, gas=100):
    data = DIAMOND["openSession"].encode(user, amount, is_direct, approval, b"s" * 65)
    decoded = decode_tx(BASE, BASE.diamond, 0, data)
    intent = Intent(BASE.diamond, data=data)
    fee = Fee(most, 1)
    return Prepared(intent, BASE.chain_id, USER, 0, gas, fee, 0, decoded, fees_of(fee), 1)


BEGUN = Begun(Opening(1, QUOTE, "sending", 1.0), "token", USER, approval=APPROVAL)


def test_as_shown_it_passes():
    check_shown(prepared(), QUOTE, BEGUN)
    check_shown(prepared(amount=HUGE - 1), QUOTE, BEGUN)


@pytest.mark.parametrize(
    "changes",
    [
        {"user": "0x" + "33" * 20},
        {"amount": HUGE + 1},
        {"is_direct": True},
        {"approval": APPROVAL + b"\0"},
        {"most": 11},
    ],
)
def test_anything_else_does_not(changes):
    with pytest.raises(TxFailed, match="not what was shown"):
        check_shown(prepared(**changes), QUOTE, BEGUN)


def test_a_fee_is_cut_to_what_was_shown():
    assert within(prepared(most=9), 1_000).fee == Fee(9, 1)
    assert within(prepared(most=15), 1_000).fee == Fee(10, 1)
    with pytest.raises(TxFailed) as caught:
        within(prepared(most=25), 1_000)
    assert caught.value.code == "fee_above_quote"


@pytest.mark.parametrize(
    "other",
    [
        Approval("0x" + "c3" * 32, BASE.chain_id, USER, 5),
        Approval(BID_ID, 1, USER, 5),
        Approval(BID_ID, BASE.chain_id, "0x" + "33" * 20, 5),
    ],
)
def test_what_was_signed_is_of_this_bid_network_and_user(other):
    check_words(APPROVAL, QUOTE, BASE.chain_id, USER)
    with pytest.raises(TxFailed, match="something else"):
        check_words(other.encode(), QUOTE, BASE.chain_id, USER)
    with pytest.raises(WireError):
        check_words(APPROVAL + b"\0" * 32, QUOTE, BASE.chain_id, USER)
