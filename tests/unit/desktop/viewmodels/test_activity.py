"""What moved, in words, joined from the journal and the token's logs."""

import csv
import dataclasses

import pytest

from morpheus_desktop.viewmodels.activity import STATUS_WORDS, as_csv, rows_of
from router.chain import token
from router.chain.history import Transfer
from router.chain.journal import Attempt, State, TxRecord
from router.chain.marketplace import DIAMOND
from router.networks import NETWORKS
from router.units import WEI

NETWORK = NETWORKS["base"]
ME = "0x" + "11" * 20
LENA = "0x" + "22" * 20
NAMES = {LENA: "Lena", NETWORK.diamond: "the marketplace"}
HASH = "0x" + "ab" * 32


def record(data: bytes, state: State = "safe", *, to: str = NETWORK.token, value: int = 0, **more):
    attempt = Attempt(HASH, "original", b"", 60_000, 10**8, 10**6, 1.0, 1.0)
    made = TxRecord(
        1, None, NETWORK.chain_id, ME, 213, to, value, data, "x", state, 100.0, 100.0, 9,
        attempts=(attempt,),
    )  # fmt: skip
    return dataclasses.replace(made, **more)


def transfer(sender: str, recipient: str, amount: int, tx_hash: str = HASH, time: int = 50):
    return Transfer(tx_hash, 0, 7, time, sender, recipient, amount)


def rows(records=(), transfers=(), unsent=()):
    return rows_of(records, transfers, NETWORK, ME, lambda address: NAMES.get(address, ""), unsent)


def test_a_payment_names_the_recipient():
    (row,) = rows([record(token.transfer(LENA, 2 * WEI))], [transfer(ME, LENA, 2 * WEI)])
    assert (row.title, row.status, row.amount, row.token) == (
        "Sent to Lena",
        "confirmed",
        -2 * WEI,
        "MOR",
    )
    assert (row.kind, row.other, row.tx_hash) == ("sent", LENA, HASH)


def test_a_payment_of_coin():
    (row,) = rows([record(b"", to=LENA, value=5)])
    assert (row.title, row.amount, row.token) == ("Sent to Lena", -5, "ETH")


def test_what_is_pending_comes_first_with_its_highest_fee():
    pending = record(token.transfer(LENA, WEI), "pending", created_at=1.0)
    first, second = rows([pending], [transfer(LENA, ME, 3, "0x12", time=99)])
    assert (first.title, first.status) == ("Send to Lena", "pending")
    assert (first.detail_wei, first.detail_unit) == (60_000 * 10**8, "ETH")
    assert "nonce 213" in first.detail
    assert (second.title, second.amount, second.kind) == ("Received from Lena", 3, "received")


def test_blocks_have_their_order_whatever_their_clocks_say():
    """The demo network's is ahead: its first blocks were made at once."""
    found = rows(
        [
            record(b"", to=LENA, value=5, id=1, block=9, created_at=60.0),
            record(b"", "failed", to=LENA, value=6, id=2, block=None, created_at=80.0),
        ],
        [
            transfer(LENA, ME, 3, "0x12", time=99),
            dataclasses.replace(transfer(LENA, ME, 4, "0x13", time=70), block=11),
        ],
    )
    assert [row.block for row in found] == [11, None, 9, 7]


def test_what_waits_behind_an_earlier_one_says_so():
    lost = record(token.transfer(LENA, WEI), "sent", id=1)
    later = [record(token.transfer(LENA, n), "pending", id=n, nonce=212 + n) for n in (2, 3)]
    found = {row.record.nonce: row.detail for row in rows([*reversed(later), lost])}
    assert found == {
        213: "Fee up to {amount}, nonce 213",
        214: "Waiting behind nonce 213. Fee up to {amount}, nonce 214",
        215: "Waiting behind nonce 213. Fee up to {amount}, nonce 215",
    }
    mined = dataclasses.replace(lost, state="included")
    found = {row.record.nonce: row.detail for row in rows([later[0], mined])}
    assert "Waiting" not in found[214]


def test_what_was_never_given_to_the_network_is_not_pending():
    signed = record(token.transfer(LENA, WEI), "signed", created_at=1.0, label="rent")
    first, _ = rows([signed], [transfer(LENA, ME, 3, "0x12", time=99)], unsent={signed.id})
    assert (first.status, first.is_pending, first.is_unsent) == ("unsent", False, True)
    assert STATUS_WORDS[first.status] == "Not sent"
    assert (first.title, first.amount, first.label) == ("Send to Lena", -WEI, "rent")
    assert "never given to the network" in first.detail
    (sent,) = rows([dataclasses.replace(signed, state="sent")], unsent={signed.id})
    assert sent.status == "pending"
    (fresh,) = rows([signed])
    assert fresh.status == "pending"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("failed", "It ran out."),
        ("not_sent", "It ran out. Nothing was sent."),
        ("cancelled", "Nothing moved; only the network fee was spent."),
        ("replaced", "It ran out."),
    ],
)
def test_what_did_not_move_says_why_and_shows_no_amount(state, words):
    (row,) = rows([record(token.transfer(LENA, WEI), state, reason="It ran out.")])
    assert (row.status, row.detail, row.amount) == (state, words, 0)


def test_calls_of_the_marketplace_show_what_came_back():
    data = DIAMOND["withdrawUserStakes"].encode(ME, 255)
    came = transfer(NETWORK.diamond, ME, 9 * WEI)
    (row,) = rows([record(data, to=NETWORK.diamond)], [came])
    assert (row.title, row.amount, row.kind) == ("Claimed returned stake", 9 * WEI, "sessions")
    (alone,) = rows([], [came])
    assert (alone.title, alone.kind) == ("Returned by the marketplace", "sessions")


def test_permissions_hold_the_amount_apart_so_that_it_can_be_hidden():
    (row,) = rows([record(token.approve(NETWORK.diamond, 12 * WEI))])
    assert (row.title, row.amount) == ("Permission for the marketplace", 0)
    assert (row.detail, row.detail_wei) == ("Up to {amount}", 12 * WEI)
    (ended,) = rows([record(token.approve(NETWORK.diamond, 0))])
    assert ended.title == "Ended permission of the marketplace"


def test_a_call_that_this_version_does_not_know_is_still_a_row():
    (row,) = rows([record(b"\x01\x02\x03\x04", to=LENA)])
    assert row.title == "Sent to Lena"


def test_a_replacement_keeps_the_row_of_the_first():
    second = Attempt("0xcd", "speed_up", b"", 60_000, 10**8, 10**6, 2.0, 2.0)
    base = record(token.transfer(LENA, WEI))
    sped = dataclasses.replace(base, attempts=(*base.attempts, second), mined_hash="0xcd")
    (row,) = rows([sped], [transfer(ME, LENA, WEI, "0xCD")])
    assert (row.tx_hash, row.amount) == ("0xcd", -WEI)


def test_a_replacement_that_no_node_took_is_not_what_is_pending():
    refused = Attempt("0xcd", "speed_up", b"", 60_000, 10**9, 10**6, 2.0, 2.0, refused=True)
    base = record(token.transfer(LENA, WEI), "pending")
    (row,) = rows([dataclasses.replace(base, attempts=(*base.attempts, refused))])
    assert (row.tx_hash, row.detail_wei) == (HASH, 60_000 * 10**8)


def test_rows_are_found_by_hash_address_note_and_title():
    (row,) = rows([record(token.transfer(LENA, 1), label="rent")])
    for text in ("RENT", HASH[:8], LENA[-6:], "lena"):
        assert row.fits(text), text
    assert not row.fits("anna")


def test_csv_has_all_digits_and_no_formula():
    found = rows([record(token.transfer(LENA, WEI + 1), label="=1+1", fee=7)])
    head, line = csv.reader(as_csv(found).splitlines())
    values = dict(zip(head, line, strict=True))
    assert values["amount"] == "-1.000000000000000001"
    assert values["fee_eth"] == "0.000000000000000007"
    assert values["time_utc"] == "1970-01-01T00:01:40+00:00"
    assert values["note"] == "'=1+1"
    assert values["block"] == "9"
