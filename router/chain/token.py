"""MOR and the chain's coin: calls of the token contract."""

from router.chain.artifacts import artifacts
from router.chain.codec import Interface
from router.chain.multicall import Read

TOKEN = Interface(artifacts()["Token"].abi)


def balance_of(token: str, account: str) -> Read:
    """MOR of an account, in wei."""
    return Read(token, TOKEN["balanceOf"], (account,))


def allowance(token: str, owner: str, spender: str) -> Read:
    """What a spender may take of an owner's MOR, in wei."""
    return Read(token, TOKEN["allowance"], (owner, spender))


def transfer(to: str, amount: int) -> bytes:
    """Call data that sends MOR."""
    return TOKEN["transfer"].encode(to, amount)


def approve(spender: str, amount: int) -> bytes:
    """Call data that lets a spender take exactly so much; it replaces what was allowed before.

    increaseAllowance is not used: it adds to a remainder that nobody looked at.
    """
    return TOKEN["approve"].encode(spender, amount)
