"""A grant outlives the lock, and does only what it is for."""

import gc

import pytest
from coincurve import PrivateKey
from eth_abi.abi import encode
from eth_account import Account as EthAccount

from router.chain.marketplace import DIAMOND
from router.errors import BadRequest, WalletError, WalletLocked
from router.morrpc.approvals import Approval, Report
from router.wallet.account import Account
from router.wallet.grant import CLOSE, MOST_FEE, TAKE_BACK, Grant, Target
from tests.support.money_desk import FIRST, PASSWORD, PHRASE

SESSION_ID = "0x" + "ab" * 32
OTHER = "0x" + "cd" * 32
DIAMOND_ADDRESS = "0x" + "22" * 20
TARGET = Target(8453, DIAMOND_ADDRESS)
KEY = b"\x11" * 32


APPROVAL = Approval(OTHER, 8453, FIRST, 5).encode()


def report(session_id: str = SESSION_ID) -> bytes:
    return Report(session_id, 8453, 1, 2, 3, 4, 5).encode()


def closing(session_id: str = SESSION_ID) -> bytes:
    return DIAMOND["closeSession"].encode(report(session_id), b"s" * 65)


def take_back(address: str) -> bytes:
    return DIAMOND["withdrawUserStakes"].encode(address, 1)


def fields(**changes):
    return {
        "chainId": 8453, "nonce": 0, "to": DIAMOND_ADDRESS, "value": 0, "data": closing(),
        "gas": 700_000, "maxFeePerGas": 2, "maxPriorityFeePerGas": 1, "type": 2,
    } | changes  # fmt: skip


async def test_locked_it_closes_its_session(wallet):
    await wallet.create(PHRASE, PASSWORD)
    heard = []
    wallet.grants_changed.subscribe(heard.append)
    grant = wallet.grant(f"session:{SESSION_ID}", TARGET)
    assert wallet.grant(f"session:{SESSION_ID}") is grant
    wallet.lock()
    with pytest.raises(WalletLocked):
        wallet.signer()
    assert wallet.grants == (f"session:{SESSION_ID}",)
    signed = grant.sign_transaction(fields())
    assert EthAccount.recover_transaction(signed.raw) == grant.address == FIRST
    assert len(grant.sign_payload(report())) == len(grant.sign_object(b"{}")) == 65
    peer = PrivateKey().public_key.format(compressed=False)
    assert len(grant.shared_x(peer)) == 32
    grant.wipe()
    assert wallet.grants == ()
    assert heard == [(f"session:{SESSION_ID}",), ()]
    for sign in (lambda: grant.sign_transaction(fields()), lambda: grant.sign_payload(report())):
        with pytest.raises(WalletLocked):
            sign()


@pytest.mark.parametrize(
    "changes",
    [
        {"chainId": 1},
        {"to": "0x" + "33" * 20},
        {"value": 1},
        {"data": b""},
        {"data": closing(OTHER)},
        {"data": CLOSE + b"\xff" * 40},
        {"data": CLOSE + encode(["bytes", "bytes"], [b"short", b""])},
        {"data": take_back(FIRST)},
        {"gas": None},
        {"maxFeePerGas": MOST_FEE // 700_000 + 1},
        {"maxFeePerGas": None, "gasPrice": 1},
    ],
)
def test_it_signs_no_other_transaction(changes):
    grant = Grant(f"session:{SESSION_ID}", Account(KEY), TARGET)
    with pytest.raises(BadRequest, match="only sessions"):
        grant.sign_transaction(fields(**changes))


def test_dear_is_not_too_dear():
    grant = Grant(f"session:{SESSION_ID}", Account(KEY), TARGET)
    dear = fields(gas=1_000_000, maxFeePerGas=MOST_FEE // 1_000_000)
    assert EthAccount.recover_transaction(grant.sign_transaction(dear).raw) == grant.address


def test_that_of_claims_takes_back_its_own_stake():
    grant = Grant("claims", Account(KEY), TARGET)
    mine = fields(data=take_back(grant.address))
    assert EthAccount.recover_transaction(grant.sign_transaction(mine).raw) == grant.address
    for other in (
        fields(data=take_back(FIRST)),
        fields(data=closing()),
        fields(data=TAKE_BACK),
        fields(data=TAKE_BACK + b"\xff" * 64),
        mine | {"chainId": 1},
        mine | {"to": "0x" + "33" * 20},
        mine | {"value": 1},
        mine | {"maxFeePerGas": MOST_FEE // 700_000 + 1},
    ):
        with pytest.raises(BadRequest, match="only sessions"):
            grant.sign_transaction(other)


def test_that_of_claims_speaks_to_nobody():
    grant = Grant("claims", Account(KEY), TARGET)
    peer = PrivateKey().public_key.format(compressed=False)
    for sign in (
        lambda: grant.sign_object(b"{}"),
        lambda: grant.sign_payload(report()),
        lambda: grant.sign_payload(APPROVAL),
        lambda: grant.shared_x(peer),
    ):
        with pytest.raises(BadRequest, match="only sessions"):
            sign()


def test_that_of_a_provider_signs_no_transaction_at_all():
    with pytest.raises(BadRequest):
        Grant("provider", Account(KEY), TARGET).sign_transaction(fields())


def test_it_signs_reports_of_its_session_and_no_other_words():
    account = Account(KEY)
    grant = Grant(f"session:{SESSION_ID}", account, TARGET)
    for mine in (report(), report()[: 5 * 32]):
        assert grant.sign_payload(mine) == account.sign_payload(mine)
    for other in (report(OTHER), APPROVAL, b"", b"I agree", report()[: 6 * 32], report()[:32]):
        with pytest.raises(BadRequest, match="only sessions"):
            grant.sign_payload(other)
    assert not hasattr(grant, "sign_message")


def test_that_of_a_provider_signs_approvals_too():
    account = Account(KEY)
    grant = Grant("provider", account)
    for fine in (APPROVAL, report(), report(OTHER)):
        assert grant.sign_payload(fine) == account.sign_payload(fine)
    for other in (b"", b"I agree", report()[: 6 * 32]):
        with pytest.raises(BadRequest):
            grant.sign_payload(other)


@pytest.mark.parametrize("name", ["everything", "opening:7", "claims:7"])
def test_there_are_only_three_kinds(name):
    with pytest.raises(ValueError, match="no grant"):
        Grant(name, Account(KEY))


def test_its_text_hides_the_key():
    assert repr(Grant("provider", Account(KEY))) == "Grant(provider)"


async def test_a_locked_or_watched_wallet_gives_none(wallet):
    with pytest.raises(WalletError, match="no wallet"):
        wallet.grant("provider")
    await wallet.create(PHRASE, PASSWORD)
    wallet.lock()
    with pytest.raises(WalletLocked):
        wallet.grant("provider")
    assert wallet.grants == ()


async def test_erased_or_at_the_end_nothing_is_left(wallet):
    await wallet.create(PHRASE, PASSWORD)
    secret = bytes(wallet.signer()._key)
    wallet.grant("provider")
    await wallet.erase(PASSWORD, "erase")
    assert wallet.grants == ()
    await wallet.create(PHRASE, PASSWORD)
    wallet.grant("provider")
    wallet.lock()
    wallet.revoke()
    assert wallet.grants == ()
    gc.collect()
    left = [each for each in gc.get_objects() if isinstance(each, bytearray) and each == secret]
    assert left == []


async def test_a_lent_account_gives_some_and_takes_them_with_it(wallet):
    wallet.borrow(KEY)
    grant = wallet.grant("provider")
    wallet.lock()  # does nothing to it: there is no password
    assert wallet.state.kind == "unlocked"
    wallet.give_back()
    assert wallet.grants == ()
    with pytest.raises(WalletLocked):
        grant.sign_payload(report())
