"""The chain in memory: blocks, time, what nodes refuse, and going back."""

from typing import Any

import pytest

from router.devnet.accounts import OWNER, USER
from router.devnet.evm import GAS_LIMIT, Call, Evm, Refused, Reverted
from router.wallet.account import Account

CHAIN_ID, START = 1337, 1_768_521_600
ETHER = 10**18
STRANGER = "0x" + "12" * 20


class Clock:
    now = float(START)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def evm(clock: Clock) -> Evm:
    return Evm(CHAIN_ID, {bytes.fromhex(USER.address[2:]): ETHER}, clock)


def signed(nonce: int = 0, *, key: str = USER.key, **changes: Any) -> bytes:
    fields = {
        "chainId": CHAIN_ID, "nonce": nonce, "to": STRANGER, "value": 5, "data": b"",
        "gas": 21_000, "maxFeePerGas": 2 * 10**9, "maxPriorityFeePerGas": 10**6, "type": 2,
    }  # fmt: skip
    return Account(bytes.fromhex(key[2:])).sign_transaction(fields | changes).raw


def balance(evm: Evm, address: str) -> int:
    with evm.state() as state:
        return int(state.get_balance(bytes.fromhex(address[2:])))


def test_a_transaction_is_mined_at_once(evm: Evm) -> None:
    tx_hash = evm.send(signed())
    found = evm.find(tx_hash)
    assert isinstance(found, tuple)
    assert (evm.height, balance(evm, STRANGER)) == (1, 5)
    assert found[0].block.header.parent_hash == evm.blocks[0].block.hash


def test_old_transactions_with_a_gas_price(evm: Evm) -> None:
    fields = {
        "chainId": CHAIN_ID, "nonce": 0, "to": STRANGER, "value": 5, "data": b"", "gas": 21_000,
        "gasPrice": 2 * 10**9,
    }  # fmt: skip
    evm.send(Account(bytes.fromhex(USER.key[2:])).sign_transaction(fields).raw)
    assert balance(evm, STRANGER) == 5


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "invalid transaction"),
        (b"\x02\xc0", "invalid transaction"),
        (b"\xff" * 100, "invalid transaction"),
        (signed(chainId=1), "invalid chain id"),
        (signed(gas=20_000), "intrinsic gas too low"),
        (signed(value=ETHER), "insufficient funds"),
        (signed(key=OWNER.key), "insufficient funds"),
    ],
)
def test_what_is_refused(evm: Evm, raw: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        evm.send(raw)
    assert evm.height == 0


def test_known_and_passed_nonces(evm: Evm) -> None:
    evm.send(signed())
    with pytest.raises(Refused, match="already known"):
        evm.send(signed())
    with pytest.raises(Refused, match="nonce too low"):
        evm.send(signed(value=6))


def test_a_gap_waits(evm: Evm) -> None:
    late = evm.send(signed(1))
    address = bytes.fromhex(USER.address[2:])
    assert (isinstance(evm.find(late), tuple), evm.pending_nonce(address)) == (False, 0)
    evm.send(signed(0))
    assert isinstance(evm.find(late), tuple)
    assert (balance(evm, STRANGER), evm.pending_nonce(address)) == (10, 2)


def test_replacing_costs_a_tenth_more(evm: Evm) -> None:
    evm.automine = False
    first = evm.send(signed(maxFeePerGas=10**9))
    with pytest.raises(Refused, match="underpriced"):
        evm.send(signed(value=6, maxFeePerGas=11 * 10**8 - 1))
    second = evm.send(signed(value=6, maxFeePerGas=11 * 10**8))
    assert evm.find(first) is None
    evm.mine()
    assert isinstance(evm.find(second), tuple)
    assert balance(evm, STRANGER) == 6


def test_below_the_base_fee_it_waits(evm: Evm) -> None:
    tx_hash = evm.send(signed(maxFeePerGas=1, maxPriorityFeePerGas=1))
    assert not isinstance(evm.find(tx_hash), tuple)


def test_what_does_not_fit_into_a_block_waits_for_the_next(evm: Evm) -> None:
    evm.automine = False
    for nonce in range(3):
        evm.send(signed(nonce, gas=GAS_LIMIT // 2, maxFeePerGas=10**9, value=1))
    evm.mine(2)
    assert balance(evm, STRANGER) == 3
    assert [len(mined.block.transactions) for mined in evm.blocks] in ([0, 2, 1], [0, 3, 0])


def test_time(evm: Evm, clock: Clock) -> None:
    """It follows the clock, can be set and skipped, and never goes back or stands."""
    evm.mine(2)
    assert evm.head.timestamp == START + 2
    clock.now += 100
    evm.mine()
    assert evm.head.timestamp == START + 100
    evm.skip(86_400)
    evm.mine()
    assert evm.head.timestamp == START + 100 + 86_400
    evm.set_next_time(START + 200_000)
    evm.mine()
    clock.now += 7
    evm.mine()
    assert evm.head.timestamp == START + 200_007
    with pytest.raises(Refused, match="not after"):
        evm.set_next_time(START)
    clock.now = 0
    evm.mine()
    assert evm.head.timestamp == START + 200_008


def test_reverting_calls_carry_their_data(evm: Evm) -> None:
    address = bytes.fromhex(USER.address[2:])
    # Stores 0xAB and reverts with it; run as creation code.
    code = bytes.fromhex("60ab60005260206000fd")
    with pytest.raises(Reverted) as caught:
        evm.call(Call(sender=address, data=code))
    assert caught.value.data == (0xAB).to_bytes(32, "big")
    with pytest.raises(Reverted):
        evm.estimate(Call(sender=address, data=code))
    with pytest.raises(Reverted) as invalid:
        evm.call(Call(sender=address, data=b"\xfe"))
    assert invalid.value.data == b""


def test_an_estimate_is_enough(evm: Evm) -> None:
    address = bytes.fromhex(USER.address[2:])
    to = bytes.fromhex(STRANGER[2:])
    assert evm.estimate(Call(sender=address, to=to, value=1)) == 21_000
    with pytest.raises((Refused, Reverted)):
        evm.call(Call(sender=address, to=to, value=2 * ETHER))


def test_going_back(evm: Evm) -> None:
    number = evm.snapshot()
    tx_hash = evm.send(signed())
    evm.skip(1000)
    assert evm.revert(number)
    assert (evm.height, balance(evm, STRANGER), evm.find(tx_hash)) == (0, 0, None)
    assert not evm.revert(number), "it can be used once"
    assert not evm.revert(99)
    evm.send(signed())  # the same transaction again
    assert balance(evm, STRANGER) == 5
    evm.mine(3)
    assert evm.head.timestamp == START + 4, "the skipped time came back with it"
    (undone,) = evm.undo(4)
    assert (undone.nonce, evm.height, balance(evm, STRANGER)) == (0, 0, 0)
    assert evm.undo(0) == ()
