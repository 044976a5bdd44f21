"""All sessions of an account as they are on the chain, joined with what belongs to them.

The chain is the only list: what is not there is no session, and what is there is shown, whatever
this computer remembers. All is of one block.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from router.chain.marketplace import Account, Marketplace
from router.chain.records import Bid, Model, Session, as_bytes
from router.consumer.book import KnownPeer, Note
from router.consumer.endings import after_midnight
from router.consumer.records import SessionPhase, SessionView
from router.errors import MorpheusError


@dataclass(frozen=True)
class Local:
    """What this computer knows of sessions.

    Args:
        closing: ids of those whose closing is on the way.
        problems: why those that wait cannot be closed now, by id.
    """

    notes: Mapping[str, Note]
    peers: Mapping[str, KnownPeer]
    closing: frozenset[str]
    problems: Mapping[str, MorpheusError]


class Views:
    """Reads the sessions of one network; bids and models that were read once are kept."""

    def __init__(self, market: Marketplace) -> None:
        self._market = market
        self._bids: dict[str, Bid] = {}
        self._models: dict[str, Model] = {}

    async def join(self, account: Account, local: Local) -> tuple[SessionView, ...]:
        """All sessions of an account that was read, newest first.

        Raises:
            ChainUnavailable, NotOffered
        """
        await self._read(account)
        return tuple(
            self._view(session, local, account.timestamp) for session in reversed(account.sessions)
        )

    async def _read(self, account: Account) -> None:
        missing = dict.fromkeys(s.bid_id for s in account.sessions if s.bid_id not in self._bids)
        for bid in await self._market.bids([as_bytes(i) for i in missing], account.block):
            self._bids[bid.id] = bid
        wanted = dict.fromkeys(
            bid.model_id for bid in self._bids.values() if bid.model_id not in self._models
        )
        for model in await self._market.models([as_bytes(i) for i in wanted], account.block):
            self._models[model.id] = model

    def _view(self, session: Session, local: Local, now: int) -> SessionView:
        bid = self._bids.get(session.bid_id)
        provider = "" if bid is None else bid.provider
        peer = local.peers.get(provider)
        note = local.notes.get(session.id, Note())
        problem = local.problems.get(session.id) if session.closed_at == 0 else None
        return SessionView(
            session,
            bid,
            None if bid is None else self._models.get(bid.model_id),
            provider,
            _phase(session, now, problem, is_closing=session.id in local.closing),
            as_of=now,
            seconds_left=max(session.ends_at - now, 0),
            close_at=after_midnight(session.ends_at) if note.after_midnight else session.ends_at,
            sealed=None if peer is None else peer.sealed,
            problem=problem,
        )


def _phase(
    session: Session, now: int, problem: MorpheusError | None, *, is_closing: bool
) -> SessionPhase:
    if session.closed_at:
        return "closed"
    if is_closing:
        return "closing"
    if problem is not None:
        return "waiting"
    return "open" if now < session.ends_at else "ended"
