"""Closing sessions: with the provider's report, or our own when it gives none.

What would fail is found out by trying it without sending, explained, and costs nothing. Closing
is signed by the wallet, or while it is locked by the grant of the session.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from router.chain.crash_points import reach
from router.chain.journal import TxRecord
from router.chain.marketplace import DIAMOND
from router.chain.preparing import Intent, Prepared
from router.chain.session_cost import CLOSING_GAS
from router.consumer.book import KnownPeer
from router.consumer.mined import DEAD
from router.consumer.opening_steps import Signer, Tools
from router.consumer.records import Ending, Returned, SessionView
from router.consumer.rules import paid_back
from router.errors import (
    Busy,
    ChainUnavailable,
    MorpheusError,
    NotFound,
    ProviderError,
    TxFailed,
    WalletError,
    WalletLocked,
)
from router.morrpc.approvals import Report

log = logging.getLogger(__name__)

REPORT_S = 10.0
PRESSING_S = 60  # between looking and pressing; each of them uses up a bit of the stake

Reporter = Literal["provider", "us"]


@dataclass(frozen=True)
class Closing:
    """A session about to be closed, as it is shown.

    Args:
        preview: what comes back if it is closed now.
        report_by: whose report closes it; "us" counts as a dispute, which pays the same to us.
        prepared: the transaction; None when it would fail, and `problem` says why.
    """

    session: SessionView
    preview: Ending
    report_by: Reporter
    prepared: Prepared | None
    problem: MorpheusError | None = None


class Closings:
    """Closes the sessions of one account on one network.

    Args:
        signer: what signs for a session; raises WalletLocked when there is nothing.
        preview: what closing now gives back; with our own report, or the provider's.
        meet: asks a provider for its key, and keeps it in the book if it tells.
        report_s: how long a provider may take for its report.
    """

    def __init__(
        self,
        tools: Tools,
        signer: Callable[[str], Signer],
        preview: Callable[[SessionView, bool], Awaitable[Ending]],
        meet: Callable[[SessionView], Awaitable[None]],
        report_s: float = REPORT_S,
    ) -> None:
        self._tools = tools
        self._signer = signer
        self._preview = preview
        self._meet = meet
        self._report_s = report_s
        self._locks: dict[str, asyncio.Lock] = {}

    async def prepare(self, view: SessionView, *, ours: bool = False) -> Closing:
        """Try to close a session now and say what comes back; nothing is signed but a report.

        Args:
            ours: leave the provider out of it.

        Raises:
            Busy: it is closed, or its closing is on the way.
            ChainUnavailable, StorageError
        """
        if view.session.closed_at:
            raise Busy("This session is closed.", safe="Its MOR came back with that.")
        if await self.sent(view.id) is not None:
            raise _under_way()
        try:
            self._signer(view.id)
        except (WalletLocked, WalletError) as error:
            return Closing(view, await self._preview(view, ours), "us", None, error)
        if not ours and (given := await self._theirs(view)) is not None:
            closing = await self._tried(view, "provider", *given)
            # What the network cannot pay is no better with our own report, but for the case in
            # which that leaves the provider's part for later: the user may choose it.
            if closing.prepared is not None or _is_of_the_network(closing.problem):
                return closing
            log.warning("the report of %s closes nothing: %s", view.provider, closing.problem)
        return await self._tried(view, "us", *await self._own_report(view))

    async def close(self, closing: Closing, *, accept_unusual_fee: bool = False) -> TxRecord:
        """Send what was prepared; a second time it is the same transaction.

        Args:
            accept_unusual_fee: the user saw that the fee is unusual, and wants it all the same.

        Raises:
            Busy: something else was sent in the meantime; prepare it again.
            TxFailed: "closing_changed": it gives less at once than was shown; nothing was sent.
            MorpheusError: why it cannot be closed now, as `closing.problem`.
            As TxManager.send.
        """
        if closing.prepared is None:
            raise closing.problem or NotFound("There is nothing to close.")
        session_id = closing.session.id
        async with self._locks.setdefault(session_id, asyncio.Lock()):
            if (sent := await self.sent(session_id)) is not None:
                return sent
            await self._check_shown(closing)
            record = await self._tools.transactions.send(
                closing.prepared,
                accept_unusual_fee=accept_unusual_fee,
                signer=self._signer(session_id),
            )
        reach("close_sent")
        return record

    async def sent(self, session_id: str) -> TxRecord | None:
        """The transaction that closes a session, if one was sent and is not dead."""
        return (await self._last_try(session_id))[1]

    async def returned(self, view: SessionView) -> Returned | None:
        """What came back with the closing of a session; None when it was not sent from here.

        Raises:
            ChainUnavailable: also when the node does not know its transaction.
            StorageError
        """
        record, market = await self.sent(view.id), self._tools.market
        if record is None:
            return None
        receipt = await market.chain.receipt(record.hash)
        if receipt is None:
            raise ChainUnavailable(
                "The node does not know the transaction that closed this session.",
                safe="The session is closed.",
                hint="It may be behind the others. Choose the session again in a moment.",
            )
        return Returned(receipt.tx_hash, paid_back(receipt, market, view.session.user))

    # Inside

    async def _check_shown(self, closing: Closing) -> None:
        """What was looked at still holds, but for the seconds that somebody needs to press."""
        now = await self._preview(closing.session, closing.report_by == "us")
        session, shown = closing.session.session, closing.preview
        pressing_s = min(max(now.at - shown.at, 0), PRESSING_S)
        used = session.stake * pressing_s // max(session.ends_at - session.opened_at, 1)
        if shown.at_once - now.at_once > used + session.stake // 100:
            raise TxFailed(
                "Closing gives back less right away now than what was shown.",
                code="closing_changed",
                safe="Nothing was sent, and the session is as it was.",
                hint="Look at what it gives now, then close it.",
            )

    async def _tried(
        self, view: SessionView, by: Reporter, report: bytes, signature: bytes
    ) -> Closing:
        intent = Intent(
            self._tools.market.network.diamond,
            data=DIAMOND["closeSession"].encode(report, signature),
            purpose="Close a session",
            key=self._key(view.id, await self._next_try(view.id)),
        )
        preview = await self._preview(view, by == "us")
        try:
            prepared = await self._with_gas(
                await self._tools.transactions.prepare(intent, view.session.user)
            )
        except ChainUnavailable:
            raise
        except MorpheusError as error:
            return Closing(view, preview, by, None, error)
        return Closing(view, preview, by, prepared)

    async def _with_gas(self, prepared: Prepared) -> Prepared:
        """The same with gas for what a second more can bring: a row on hold, first statistics.

        The estimate is of the newest block's time; more than it is tried with costs nothing.
        """
        has = await self._tools.market.chain.balance(prepared.sender)
        affordable = (has - prepared.first_layer_fee) // max(prepared.fee.most, 1)
        return replace(prepared, gas=max(prepared.gas, min(CLOSING_GAS, affordable)))

    async def _next_try(self, session_id: str) -> int:
        number, sent = await self._last_try(session_id)
        if sent is not None:
            raise _under_way()
        return number

    async def _last_try(self, session_id: str) -> tuple[int, TxRecord | None]:
        """The number of the first try that is not dead, and its transaction if it was sent.

        A try that is dead keeps its number; those of a book that was lost are passed over once.
        """
        number = before = (await self._tools.book.note(session_id)).closings
        journal = self._tools.transactions.journal
        while (record := await journal.by_key(self._key(session_id, number))) is not None:
            if record.state not in DEAD:
                break
            number += 1
        if number != before:
            await self._tools.book.change_note(session_id, closings=number)
        return number, record

    def _key(self, session_id: str, number: int) -> str:
        return f"close-{self._tools.market.chain.chain_id}-{session_id}-{number}"

    async def _theirs(self, view: SessionView) -> tuple[bytes, bytes] | None:
        """The provider's report with its signature; None when it gives none in time.

        Raises:
            ChainUnavailable: that is no fault of the provider.
        """
        if view.bid is None:
            return None
        found = await self._tools.market.providers([view.provider])
        if not found:
            return None
        try:
            async with asyncio.timeout(self._report_s):
                peer = await self._known(view)
                given = await self._tools.providers.report(
                    self._signer(view.id), view.session, view.bid, found[0], peer.public_key
                )
            if Report.decode(given[0]).session_id != view.id:
                raise ProviderError("The report is of another session.")
        except ChainUnavailable:
            raise
        except (TimeoutError, MorpheusError, ValueError) as error:
            log.info("no report of %s, ours is used: %s", view.provider, error)
            return None
        reach("report_given")
        return given

    async def _known(self, view: SessionView) -> KnownPeer:
        """The provider as it was met; one whose key was lost is asked for it.

        Raises:
            ProviderError: it does not tell.
        """
        if (peer := (await self._tools.book.peers()).get(view.provider)) is None:
            await self._meet(view)
            peer = (await self._tools.book.peers()).get(view.provider)
        if peer is None:
            raise ProviderError("The provider does not tell its key.")
        return peer

    async def _own_report(self, view: SessionView) -> tuple[bytes, bytes]:
        """What we saw of the session, signed by us; the contract takes that as a dispute."""
        note = await self._tools.book.note(view.id)
        now = (await self._tools.market.chain.head()).timestamp
        answers = max(note.answers, 1)
        report = Report(
            view.id,
            self._tools.market.chain.chain_id,
            now * 1000,
            note.tps_scaled_1000 // answers,
            note.ttft_ms // answers,
            note.input_tokens,
            note.output_tokens,
        ).encode()
        return report, self._signer(view.id).sign_payload(report)


def _is_of_the_network(problem: MorpheusError | None) -> bool:
    return problem is not None and problem.code.startswith("funding_")


def _under_way() -> Busy:
    return Busy(
        "This session is being closed already.",
        safe="Its MOR comes back with that.",
        hint="Wait until it is confirmed.",
    )
