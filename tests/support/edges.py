"""Calls of the marketplace that are refused, and sessions with one thing changed."""

from typing import Any

import pytest
from eth_utils.crypto import keccak

from router.errors import TxFailed
from tests.support.stake_model import Model
from tests.support.world import PRICE, START, World

T = START + 10 * 3600  # ten in the morning
HOUR = 3600


async def refuses(here: World, code: str, who: str, name: str, *arguments: Any) -> TxFailed:
    """The app finds out before it signs, and says why in all parts."""
    before = await here.chain.nonce(here.account(who).address)
    with pytest.raises(TxFailed) as caught:
        await here.call(who, name, *arguments)
    problem = caught.value
    assert problem.code == code, problem.message
    assert problem.message
    assert problem.hint
    assert problem.safe == "Nothing was sent."
    assert await here.chain.nonce(here.account(who).address) == before
    return problem


def stake(hours: float = 1, at: int = T) -> int:
    return Model().stake_for(int(hours * HOUR) * PRICE, at)


async def model_of(here: World, bid: bytes) -> bytes:
    (found,) = await here.market.bids([bid])
    return bytes.fromhex(found.model_id[2:])


class Opening:
    """Calls of openSession with one thing changed."""

    def __init__(self, here: World, bid: bytes) -> None:
        self.here = here
        self.bid = bid

    def arguments(self, **changes: Any) -> tuple[Any, ...]:
        """As a call takes them; `signer`, `chain_id`, `stamp`, `named`, `bid`, `extra` change
        what is signed, `amount`, `user`, `signature`, `approval` what is sent."""
        named = changes.get("named", "user")
        message, signature = self.here.approval(
            changes.get("bid", self.bid),
            named,
            changes.get("stamp", T * 1000),
            signer=changes.get("signer", "provider"),
            chain_id=changes.get("chain_id", 0),
        )
        if extra := changes.get("extra"):
            message += extra
            signature = self.here.account("provider").sign_message(keccak(message))
        user = self.here.account(changes.get("user", "user")).address
        return (
            user,
            changes.get("amount", stake()),
            False,
            changes.get("approval", message),
            changes.get("signature", signature),
        )

    async def fails(self, code: str, *, who: str = "user", **changes: Any) -> TxFailed:
        return await refuses(self.here, code, who, "openSession", *self.arguments(**changes))

    async def works(self, *, who: str = "user", **changes: Any) -> Any:
        receipt = await self.here.call(who, "openSession", *self.arguments(**changes))
        ids, total = await self.here.market.page(
            "getUserSessions", (self.here.account(changes.get("user", "user")).address,), 0, 100
        )
        record = await self.here.session(ids[total - 1])
        assert record.opened_at == (await self.here.chain.head(receipt.block)).timestamp
        return record
