"""What a transaction does, from its bytes; and that nothing else is signed."""

from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from router.chain.marketplace import DIAMOND
from router.chain.review import _MARKET_CALLS, _TOKEN_CALLS, Effect, decode_tx
from router.chain.token import TOKEN
from router.errors import BadRequest
from router.networks import NETWORKS

NETWORK = NETWORKS["base"]
OTHER = "0x1234567890AbcdEF1234567890aBcdef12345678"
MOR = 10**18


def test_a_payment() -> None:
    found = decode_tx(NETWORK, OTHER.lower(), 5, b"")
    assert (found.call, found.contract, found.function) == ("", "", None)
    assert found.effects == (Effect("out", "ETH", 5, OTHER),)
    assert decode_tx(NETWORK, OTHER, 0, b"").effects == (Effect("none", "ETH", 0, OTHER),)


@given(st.binary(min_size=20, max_size=20), st.integers(0, 2**256 - 1))
def test_a_transfer_names_who_really_gets_it(to: bytes, amount: int) -> None:
    data = TOKEN["transfer"].encode("0x" + to.hex(), amount)
    found = decode_tx(NETWORK, NETWORK.token, 0, data)
    (effect,) = found.effects
    assert (effect.direction, effect.token, effect.amount) == ("out", "MOR", amount)
    assert bytes.fromhex(effect.counterparty[2:]) == to
    assert found.contract == "MOR token"


def test_a_permission_moves_nothing() -> None:
    data = TOKEN["approve"].encode(NETWORK.diamond, 7)
    found = decode_tx(NETWORK, NETWORK.token, 0, data)
    assert found.effects == (Effect("permission", "MOR", 7, NETWORK.diamond),)
    assert [value for _, value in found.arguments] == [NETWORK.diamond.lower(), 7]


@pytest.mark.parametrize(
    ("name", "arguments", "amount"),
    [
        ("openSession", (OTHER, 3 * MOR, False, b"a", b"s"), 3 * MOR),
        ("providerRegister", (OTHER, 2 * MOR, "host:1"), 2 * MOR),
        ("modelRegister", (OTHER, b"\0" * 32, b"\0" * 32, 0, MOR, "Model", ["a"]), MOR),
        ("closeSession", (b"a", b"s"), 0),
        ("withdrawUserStakes", (OTHER, 255), 0),
    ],
)
def test_calls_of_the_marketplace(name: str, arguments: tuple[Any, ...], amount: int) -> None:
    found = decode_tx(NETWORK, NETWORK.diamond, 0, DIAMOND[name].encode(*arguments))
    assert (found.call, found.contract) == (name, "Marketplace")
    (effect,) = found.effects
    assert (effect.amount, effect.direction) == (amount, "out" if amount else "none")
    assert effect.counterparty == NETWORK.diamond


def test_coin_that_goes_along_is_shown_too() -> None:
    data = TOKEN["transfer"].encode(OTHER, 1)
    assert [e.token for e in decode_tx(NETWORK, NETWORK.token, 9, data).effects] == ["MOR", "ETH"]


def _calls() -> list[tuple[str, bytes]]:
    """Every function of both contracts with empty arguments, where it is not among the known."""
    found: list[tuple[str, bytes]] = []
    for to, interface, known in (
        (NETWORK.token, TOKEN, _TOKEN_CALLS), (NETWORK.diamond, DIAMOND, _MARKET_CALLS),
    ):  # fmt: skip
        found += [
            (to, function.selector + b"\0" * 32 * len(function.inputs))
            for function in interface.by_selector.values()
            if function.name not in known
        ]
    return found


@pytest.mark.parametrize(("to", "data"), _calls())
def test_every_other_call_is_refused(to: str, data: bytes) -> None:
    with pytest.raises(BadRequest, match="cannot explain"):
        decode_tx(NETWORK, to, 0, data)


TRANSFER = TOKEN["transfer"].encode(OTHER, 1)


@pytest.mark.parametrize(
    ("to", "data"),
    [
        (OTHER, TRANSFER),  # another contract
        (NETWORK.diamond, TRANSFER),  # a call of the other contract
        (NETWORK.token, b"\xa9"),
        (NETWORK.token, b"\xa9\x05\x9c\xbb"),
        (NETWORK.token, TRANSFER[:-1]),
        (NETWORK.token, TRANSFER + b"\0"),
        (NETWORK.token, TRANSFER + b"\0" * 32),
        (NETWORK.token, TRANSFER[:4] + b"\x01" + TRANSFER[5:]),  # more than an address
        (NETWORK.token, b"\xde\xad\xbe\xef" + TRANSFER[4:]),
        (NETWORK.token, b"\0" * 68),
        (NETWORK.diamond, DIAMOND["openSession"].selector + encode(["uint256"], [2**255])),
    ],
)
def test_strange_data_is_refused(to: str, data: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_tx(NETWORK, to, 0, data)


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_explained_or_refused(data: bytes) -> None:
    for to in (NETWORK.token, NETWORK.diamond, OTHER):
        try:
            found = decode_tx(NETWORK, to, 0, data)
        except BadRequest:
            continue
        assert found.call


def test_contracts_of_another_network_are_strangers() -> None:
    other = replace(NETWORK, token=OTHER)
    with pytest.raises(BadRequest, match="other than MOR"):
        decode_tx(other, NETWORK.token, 0, TRANSFER)
