"""What a transaction does, read from its final bytes and not from the form it came from.

The app signs about a dozen kinds of calls, all of the token and the marketplace, and payments of
the chain's coin. Anything else is refused: what cannot be explained is not signed.
"""

from dataclasses import dataclass
from typing import Any, Literal

from eth_utils.address import to_checksum_address

from router.chain.codec import Function, Interface
from router.chain.marketplace import DIAMOND
from router.chain.token import TOKEN
from router.errors import BadRequest
from router.networks import Network

Direction = Literal["out", "permission", "none"]

_TOKEN_CALLS = frozenset({"transfer", "approve"})
_MARKET_CALLS = frozenset(
    {
        "openSession",
        "closeSession",
        "withdrawUserStakes",
        "claimForProvider",
        "providerRegister",
        "providerDeregister",
        "modelRegister",
        "modelDeregister",
        "postModelBid",
        "deleteModelBid",
    }
)
# The argument with MOR that leaves the wallet, where there is one.
_AMOUNTS = {"openSession": 1, "providerRegister": 1, "modelRegister": 4}


@dataclass(frozen=True)
class Effect:
    """What leaves, or what is allowed to leave; wei."""

    direction: Direction
    token: Literal["MOR", "ETH"]
    amount: int
    counterparty: str


@dataclass(frozen=True)
class Decoded:
    """A transaction in words.

    Args:
        call: name of the function, or empty for a payment of coin.
        arguments: by name, as the contract reads them.
        contract: "MOR token", "Marketplace", or empty.
    """

    call: str
    contract: str
    arguments: tuple[tuple[str, Any], ...]
    effects: tuple[Effect, ...]
    function: Function | None = None


def decode_tx(network: Network, to: str, value: int, data: bytes) -> Decoded:
    """What a transaction does.

    Raises:
        BadRequest: it is none of the kinds that this app signs.
    """
    target = to_checksum_address(to)
    paid = (Effect("out", "ETH", value, target),) if value else ()
    if not data:
        return Decoded("", "", (), paid or (Effect("none", "ETH", 0, target),))
    if target == network.token:
        function, arguments = _call(TOKEN, _TOKEN_CALLS, data)
        effects = (_token_effect(function.name, arguments),)
        contract = "MOR token"
    elif target == network.diamond:
        function, arguments = _call(DIAMOND, _MARKET_CALLS, data)
        position = _AMOUNTS.get(function.name)
        amount = arguments[position] if position is not None else 0
        effects = (Effect("out" if amount else "none", "MOR", amount, target),)
        contract = "Marketplace"
    else:
        raise BadRequest("This app does not call contracts other than MOR and the marketplace.")
    named = tuple(zip(function.names, arguments, strict=True))
    return Decoded(function.name, contract, named, (*effects, *paid), function)


def _call(
    interface: Interface, allowed: frozenset[str], data: bytes
) -> tuple[Function, tuple[Any, ...]]:
    function = interface.by_selector.get(data[:4])
    if function is None or function.name not in allowed:
        raise BadRequest("This app does not sign calls that it cannot explain.")
    try:
        return function, function.decode_call(data)
    except ValueError as error:
        raise BadRequest(f"The call cannot be read: {error}.") from error


def _token_effect(name: str, arguments: tuple[Any, ...]) -> Effect:
    other, amount = to_checksum_address(arguments[0]), arguments[1]
    return Effect("permission" if name == "approve" else "out", "MOR", amount, other)
