"""Opens a session with an approval that somebody else got from the provider.

Nobody was shown a quote here: who brings the approval says the amount. It is tried before it is
signed, like every transaction, so an approval that the contract would not take costs nothing.
"""

from dataclasses import dataclass

from router.chain import token
from router.chain.journal import TxRecord
from router.chain.marketplace import DIAMOND
from router.chain.preparing import NOTHING_SENT, Intent
from router.chain.records import as_bytes
from router.consumer.barred import check_provider
from router.consumer.mined import DEAD, opened_session, until_mined
from router.consumer.opening_steps import Tools
from router.consumer.permission import permitted
from router.errors import BadRequest
from router.morrpc.approvals import Approval
from router.morrpc.errors import WireError
from router.units import exact


@dataclass(frozen=True)
class Brought:
    """What was brought.

    Args:
        amount: MOR that goes into the session, in wei.
    """

    approval: bytes
    signature: bytes
    amount: int
    is_direct: bool = False


async def open_brought(tools: Tools, user: str, brought: Brought, key: str = "") -> str:
    """Allow exactly the amount, open the session, wait for it; its id.

    Args:
        key: names this wish; the same key again is the same session.

    Raises:
        BadRequest: it is of another account or network, no approval, or of a provider with whom no
            session is opened.
        As TxManager.submit.
    """
    bid_id = _check(brought, user, tools.market.chain.chain_id)
    sent = await _sent(tools, key)
    if sent is None:
        for bid in await tools.market.bids([as_bytes(bid_id)]):  # without one, the contract refuses
            check_provider(bid.provider, user, tools.blocked())
        await _permit(tools, user, brought.amount, key)
    values = (user, brought.amount, brought.is_direct, brought.approval, brought.signature)
    intent = Intent(
        tools.market.network.diamond,
        data=DIAMOND["openSession"].encode(*values),
        purpose="Open a session",
        key=key,
    )
    # With a key that was used this gives what was sent then, and refuses another wish.
    record = await tools.transactions.submit(intent, user, accept_twin=bool(key))
    mined = await until_mined(tools.transactions, record.id)
    return await opened_session(tools.market, mined, tools.pause_s)


async def _sent(tools: Tools, key: str) -> TxRecord | None:
    record = await tools.transactions.journal.by_key(key) if key else None
    return None if record is None or record.state in DEAD else record


async def _permit(tools: Tools, user: str, amount: int, key: str) -> None:
    """Let the marketplace take exactly the amount, unless it may already."""
    network = tools.market.network
    if await permitted(tools.market, tools.transactions, user, pause_s=tools.pause_s) >= amount:
        return
    intent = Intent(
        network.token,
        data=token.approve(network.diamond, amount),
        purpose=f"Permission for exactly {exact(amount)} MOR",
        key=f"{key}-permission" if key else "",
    )
    record = await tools.transactions.submit(intent, user, accept_twin=bool(key))
    await until_mined(tools.transactions, record.id)


def _check(brought: Brought, user: str, chain_id: int) -> str:
    """The id of the bid that was approved."""
    try:
        approval = Approval.decode(brought.approval)
    except WireError as error:
        raise BadRequest(
            "This is no approval of a provider.", param="approval", safe=NOTHING_SENT
        ) from error
    if (approval.chain_id, approval.user) != (chain_id, user.lower()):
        raise BadRequest(
            "This approval is of another network or account.", param="approval", safe=NOTHING_SENT
        )
    if brought.amount <= 0:
        raise BadRequest("There is nothing to put in.", param="stake", safe=NOTHING_SENT)
    return approval.bid_id
