"""Finds the session that answers: among those that are open, with where its provider listens now."""

import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol

from router.backends.routing import SESSION, is_named
from router.chain.records import Provider
from router.consumer.barred import is_blocked
from router.consumer.book import Book, KnownPeer
from router.consumer.evidence import Call
from router.consumer.link import Target
from router.consumer.records import SessionView
from router.consumer.remote import Lease
from router.errors import ChainUnavailable
from router.morrpc.consumer import Peer
from router.morrpc.signing import Signer
from router.untrusted import one_line

FRESH_S = 60.0  # how long an endpoint of the chain is believed without another look


class Grants(Protocol):
    """What is asked of router.consumer.grants."""

    def signer(self, session_id: str) -> Signer:
        """What signs for a session; raises WalletLocked."""
        ...

    def using(self, session_id: str) -> AbstractContextManager[None]:
        """It stays until an answer is read, whatever becomes of the session."""
        ...


class OpenSessions(Protocol):
    """What is asked of router.consumer.sessions."""

    @property
    def views(self) -> tuple[SessionView, ...]:
        """All sessions of the account."""
        ...

    @property
    def grants(self) -> Grants:
        """What signs for them."""
        ...


class Leases:
    """The SessionSource of a network.

    Args:
        providers: reads records of the chain.
        blocked: addresses of providers that are asked only when their session is named.
        clock: seconds that only go forward. now: seconds since 1970.
    """

    def __init__(
        self,
        sessions: OpenSessions,
        book: Book,
        providers: Callable[[Sequence[str]], Awaitable[list[Provider]]],
        *,
        blocked: Callable[[], Collection[str]] = tuple,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._blocked = blocked
        self._book = book
        self._providers = providers
        self._clock = clock
        self._now = now
        self._endpoints: dict[str, tuple[str, float]] = {}

    async def lease(
        self, model: str, without: Collection[str] = (), busy: Collection[str] = ()
    ) -> Lease | None:
        """The open session with the most time left, of a model or by its own id.

        Args:
            busy: ids of sessions that come last, because they answer another question.

        Raises:
            ChainUnavailable: nobody knows where its provider listens.
            WalletLocked: nothing can sign for it.
        """
        found = [
            view
            for view in self._sessions.views
            if _is_open(view) and view.provider.lower() not in without and _is_named(view, model)
        ]
        if not model.lower().startswith(SESSION):
            found = [view for view in found if not self.is_blocked(view)]
        if not found:
            return None
        best = max(found, key=lambda view: (view.id not in busy, view.session.ends_at))
        return await self._lease(best)

    def name_of(self, model: str) -> str:
        """What the model of a session is called on the chain; empty when there was no session."""
        found = (view.model_name for view in self._sessions.views if _is_named(view, model))
        return one_line(next(found, ""))

    def is_blocked(self, view: SessionView) -> bool:
        """Whether the provider of a session is asked only when the session is named."""
        return is_blocked(view.provider, self._blocked())

    async def learned(self, lease: Lease, peer: Peer) -> None:
        """Keep the provider's key."""
        known = KnownPeer(
            lease.provider, peer.public_key, lease.target.endpoint, self._now(), peer.seals
        )
        await self._book.keep_peer(known)

    async def answered(self, lease: Lease, call: Call) -> None:
        """Count an answer for the report of our own that closes a session without the provider's."""
        await self._book.add_answer(
            lease.session_id,
            tps_scaled_1000=round((call.tokens_per_s or 0) * 1000),
            ttft_ms=call.first_token_ms or 0,
            input_tokens=0,
            output_tokens=call.tokens,
        )

    async def _lease(self, view: SessionView) -> Lease:
        assert view.bid is not None
        grants = self._sessions.grants
        known = (await self._book.peers()).get(view.provider)
        endpoint = await self._endpoint(view.provider, known)
        peer = None
        if known is not None and known.sealed is not None:
            peer = Peer(known.public_key, known.sealed)
        return Lease(
            session_id=view.id,
            bid_id=view.bid.id,
            model_id=view.bid.model_id,
            model_name=view.model_name,
            target=Target(endpoint, view.provider),
            signer=grants.signer(view.id),
            using=partial(grants.using, view.id),
            price_per_second=view.bid.price_per_second,
            amount=view.session.stake,
            ends_at=view.session.ends_at,
            seconds_left=view.seconds_left,
            is_direct=view.session.is_direct,
            peer=peer,
        )

    async def _endpoint(self, provider: str, known: KnownPeer | None) -> str:
        """Where a provider listens: it may have moved, so the chain is asked now and then."""
        endpoint, read_at = self._endpoints.get(provider, ("", 0.0))
        if endpoint and self._clock() - read_at < FRESH_S:
            return endpoint
        try:
            found = await self._providers([provider])
        except ChainUnavailable:
            if known is None:
                raise
            return known.endpoint
        if found:
            self._endpoints[provider] = found[0].endpoint, self._clock()
            return found[0].endpoint
        return known.endpoint if known is not None else ""


def _is_open(view: SessionView) -> bool:
    return view.phase == "open" and view.seconds_left > 0 and view.bid is not None


def _is_named(view: SessionView, model: str) -> bool:
    return is_named(model, view.id, view.bid.model_id if view.bid is not None else "")
