"""The steps of one opening: the provider signs, the permission is exact, the session is opened.

Each step is in the book before it is done, so that a new process can find out how far an old one
came. The quote that the user saw is the contract: nothing is signed that takes more than it
says, its network fees together neither, and what became worse meanwhile is asked again. Of the
transactions that open, one opening has one at most that can be mined: a second try is made only
once the first is dead, and an approval that the contract took belongs to a session that is there.
Who walks sees to it that nobody else walks the same opening.
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol

from router.chain import token
from router.chain.crash_points import reach
from router.chain.journal import TxRecord
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.preparing import NOTHING_SENT, Intent, Prepared
from router.chain.records import Bid, Provider, Session
from router.chain.session_cost import PERMISSION_GAS
from router.chain.tx import TxManager
from router.consumer.book import Begun, Book, KnownPeer
from router.consumer.mined import DEAD, opened_session, until_final, until_mined
from router.consumer.opening_checks import (
    FEE_ABOVE_QUOTE,
    check_means,
    check_shown,
    check_words,
    within,
)
from router.consumer.permission import permitted
from router.consumer.quotes import is_worse
from router.consumer.records import Approval, Opening, Quote
from router.consumer.turns import Turn
from router.errors import Busy, MorpheusError, TxFailed
from router.units import exact
from router.wallet.account import Account
from router.wallet.grant import Grant

log = logging.getLogger(__name__)

Signer = Account | Grant

# The provider's signature was used, or is too old: another one is asked for, once.
STALE_APPROVAL = frozenset({"SessionDuplicateApproval", "SessionApproveExpired"})
NO_PERMISSION = "insufficient_allowance"
UNUSUAL_FEE = "unusual_fee"
MOST_PREPARED = 3
RECEIPT_PAUSE_S = 1.0


class Providers(Protocol):
    """How providers are reached: router.consumer.link. Both raise MorpheusError."""

    async def request_session(
        self, signer: Signer, bid: Bid, provider: Provider, amount: int
    ) -> Approval:
        """Ask for the signature that opens a session; it was checked against the bid."""
        ...

    async def report(
        self, signer: Signer, session: Session, bid: Bid, provider: Provider, key: bytes
    ) -> tuple[bytes, bytes]:
        """The report that closes a session, and the provider's signature of it; checked."""
        ...


@dataclass(frozen=True)
class Tools:
    """What openings and closings are done with.

    Args:
        signer: the account; raises WalletLocked while the wallet is locked.
        quote: what a session of a bid, for so many seconds, paid directly or not, costs now.
        blocked: addresses of providers that are never used.
        pause_s: before a node that lags is asked again.
    """

    market: Marketplace
    transactions: TxManager
    book: Book
    providers: Providers
    signer: Callable[[], Signer]
    quote: Callable[[str, int, bool], Awaitable[Quote]]
    blocked: Callable[[], Collection[str]] = tuple
    pause_s: float = RECEIPT_PAUSE_S


class Steps:
    """One opening on its way. `told` hears of each step once it is written down."""

    def __init__(self, tools: Tools, begun: Begun, told: Callable[[Begun], None]) -> None:
        self.begun = begun
        self._tools = tools
        self._told = told
        self._retried = False  # with another approval, which is done once

    @property
    def opening(self) -> Opening:
        """As it is now."""
        return self.begun.opening

    async def run(self, turn: Turn) -> None:
        """Go on until there is a session, or the user has to decide; failures are written down.

        Args:
            turn: of the account: held while a permission is there that was not used. What comes
                after an opening that was sent is mined after it.

        Raises:
            StorageError: the book cannot be written, so nothing more is done.
        """
        try:
            try:
                await self._try(turn)
            except TxFailed as error:
                if self._retried or not await self._lost_its_approval(error):
                    raise
                self._retried = True
                log.info("opening %d: its approval was used by another", self.opening.id)
                await self._try(turn)
        except MorpheusError as error:
            log.info("opening %d stands still: %s", self.opening.id, error)
            if error.code in (FEE_ABOVE_QUOTE, UNUSUAL_FEE):
                await self._ask_again(is_unusual=error.code == UNUSUAL_FEE)
            else:
                await self.fail(error)

    async def _try(self, turn: Turn) -> None:
        """All steps, once: from what was sent already, or anew."""
        await self._until_dead_for_good()
        async with turn.taken():
            sent = await self._sent_or_dropped() or await self._send_anew()
        if sent is not None:
            await self._confirm(sent)

    async def _send_anew(self) -> TxRecord | None:
        """All steps up to the transaction that opens; None when it is there, or asked again."""
        if await self.is_there() or not await self._is_as_shown():
            return None
        await self._approve()
        await self._permit()
        return await self._send()

    async def resume(self) -> None:
        """Find out what came of it before the app ended; nothing is signed.

        Raises:
            StorageError
        """
        try:
            if (sent := await self.sent()) is not None:
                await self._confirm(sent)
            elif not await self.is_there():
                await self.fail(_interrupted())
        except MorpheusError as error:
            await self.fail(error)

    async def _ask_again(self, *, is_unusual: bool) -> None:
        """The network asks more than was shown, or more than is usual."""
        try:
            now = await self._quoted()
        except MorpheusError as error:
            await self.fail(error)
        else:
            worse = replace(now, unusual_fee=now.unusual_fee or is_unusual)
            await self._change(step="asked", worse=worse)

    async def fail(self, error: MorpheusError) -> None:
        """Stand still, with the reason."""
        await self._change(step="failed", failed_at=self.opening.step, error=error)

    # How far it came

    async def sent(self) -> TxRecord | None:
        """The transaction that opens it, if there is one that was or can be mined."""
        record = await self._last_try()
        return None if record is None or record.state in DEAD else record

    async def _sent_or_dropped(self) -> TxRecord | None:
        """As `sent`; what was signed and never sent is dropped: it is signed anew, as of now."""
        sent, journal = await self.sent(), self._tools.transactions.journal
        if sent is not None and sent.state == "signed":
            await journal.give_up(sent.id, "It was not sent, and is signed anew.")
            return await self.sent()
        return sent

    async def _last_try(self) -> TxRecord | None:
        return await self._tools.transactions.journal.by_key(self._key("open", self.begun.attempt))

    async def _lost_its_approval(self, error: TxFailed) -> bool:
        """Whether it was mined and did nothing, because somebody else used its approval first.

        The reason that was found for it does not tell: tried on the block before, it works.
        """
        last = await self._last_try()
        if last is None or last.state != "failed" or error.tx_hash != last.hash:
            return False
        with contextlib.suppress(MorpheusError):  # then the user tries again
            return await self._is_used(self.begun.approval, at=last.block)
        return False

    async def _until_dead_for_good(self) -> None:
        """Wait while a try that is dead could come back, before another approval is asked for.

        As long as its own can still be used, that one is: the contract takes it once. With two
        approvals, a reorganisation that brings the try back would leave two sessions.
        """
        last = await self._last_try()
        if last is None or last.settled or last.state not in DEAD:
            return
        if await self._is_used(self.begun.approval):
            await self._change(step="confirming", error=None, failed_at=None)
            await until_final(self._tools.transactions, last.id)

    async def is_there(self) -> bool:
        """Whether the contract took the approval, though the journal does not know of it."""
        begun = self.begun
        if not begun.approval or not await self._is_used(begun.approval):
            return False
        account = await self._tools.market.account(begun.user)
        quote, known = begun.opening.quote, {o.session_id for o in await self._others()}
        for session in reversed(account.sessions):
            if (
                session.bid_id == quote.bid.id
                and session.stake == quote.amount
                and session.opened_at >= quote.timestamp
                and session.id not in known
            ):
                await self._change(step="done", session_id=session.id, error=None, failed_at=None)
                return True
        return False

    async def _is_used(self, approval: bytes, *, at: int | None = None) -> bool:
        """Args: at: a block that has to be known; the newest one without."""
        used = await self._tools.market.value("getIsProviderApprovalUsed", approval, at=at)
        return bool(used)

    async def _others(self) -> list[Opening]:
        return [begun.opening for begun in await self._tools.book.begun(self.begun.user)]

    # The steps

    async def _is_as_shown(self) -> bool:
        """Quote again; what became worse is asked of the user."""
        shown = self.opening.quote
        await self._change(step="provider", error=None, failed_at=None)
        now = await self._quoted()
        if is_worse(shown, now) or await self._bought(now) < min(shown.seconds, shown.granted_s):
            await self._change(step="asked", worse=now)
            return False
        check_means(now, self._tools.market.network)
        if now.provider != shown.provider:  # it listens elsewhere than when it was shown
            await self._change(quote=replace(shown, provider=now.provider))
        return True

    async def _quoted(self) -> Quote:
        """The same as of now, for the account that it was shown to.

        Raises:
            TxFailed: another account is there now.
        """
        shown = self.opening.quote
        now = await self._tools.quote(shown.bid.id, shown.seconds, shown.is_direct)
        self._check_account(now.user)
        return now

    def _check_account(self, address: str) -> None:
        if address != self.begun.user:
            raise TxFailed(
                "The wallet has another account now than when this was shown.",
                code="other_account",
                safe="This opening signed nothing with it.",
                hint=f"Go back to {self.begun.user} and try again, or give the opening up.",
            )

    async def _bought(self, now: Quote) -> int:
        """Seconds that the amount which was shown buys now."""
        shown = self.opening.quote
        ends_at = await self._tools.market.value(
            "getSessionEnd", shown.amount, shown.bid.price_per_second, now.timestamp, at=now.block
        )
        return int(ends_at) - now.timestamp

    async def _approve(self, *, anew: bool = False) -> None:
        """Let the provider sign, before anything is paid for.

        While a try that failed could still come back, by a reorganisation, its approval is used
        again: the contract takes it once, so that there is one session in the end.
        """
        quote = self.opening.quote
        await self._change(step="provider")
        before = await self._last_try()
        if before is not None and not before.settled and not anew:
            return
        signer = self._tools.signer()
        self._check_account(signer.address)
        approval = await self._tools.providers.request_session(
            signer, quote.bid, quote.provider, quote.amount
        )
        reach("approval_given")
        check_words(approval.message, quote, self._tools.market.chain.chain_id, self.begun.user)
        await self._tools.book.keep_peer(_peer(quote.provider, approval, self.opening.started_at))
        self.begun = replace(self.begun, approval=approval.message, signature=approval.signature)
        await self._change()
        reach("approval_kept")

    async def _permit(self) -> None:
        """Let the marketplace take exactly the amount, unless it may already."""
        amount, network = self.opening.quote.amount, self._tools.market.network
        await self._change(step="permission")
        while await self._permitted() < amount:
            intent = Intent(
                network.token,
                data=token.approve(network.diamond, amount),
                purpose=f"Permission for exactly {exact(amount)} MOR",
                key=self._key("permission", len(await self._records("permission"))),
            )
            record = await self._sent_as_shown(intent)
            reach("permission_sent")
            await self._wait_for(record)
            await until_mined(self._tools.transactions, record.id)
            reach("permission_mined")

    async def _permitted(self) -> int:
        """What the marketplace may take, by a node that knows what came of our permissions."""
        blocks = [record.block or 0 for record in await self._records("permission")]
        return await permitted(
            self._tools.market,
            self._tools.transactions,
            self.begun.user,
            since=max([self.opening.quote.block, *blocks]),
            waits=self._wait_for,
            pause_s=self._tools.pause_s,
        )

    async def _wait_for(self, permission: TxRecord) -> None:
        await self._change(permission_tx=permission.id)

    async def _send(self) -> TxRecord | None:
        """Open the session, with another signature of the provider if this one is no good."""
        try:
            return await self._open()
        except TxFailed as error:
            if error.code in STALE_APPROVAL and error.tx_hash is None and not self._retried:
                if await self.is_there():
                    return None
                self._retried = True
                await self._approve(anew=True)
            elif error.code == NO_PERMISSION and error.tx_hash is None:
                await self._permit()
            else:
                raise
        if await self._is_as_shown():
            return await self._open()
        return None

    async def _open(self) -> TxRecord:
        await self._next_attempt()
        begun, quote = self.begun, self.opening.quote
        data = DIAMOND["openSession"].encode(
            begun.user, quote.amount, quote.is_direct, begun.approval, begun.signature
        )
        diamond = self._tools.market.network.diamond
        intent = Intent(
            diamond, data=data, purpose="Open a session", key=self._key("open", self.begun.attempt)
        )
        record = await self._sent_as_shown(intent)
        reach("open_sent")
        await self._change(step="confirming", open_tx=record.id)
        reach("open_noted")
        return record

    async def _sent_as_shown(self, intent: Intent) -> TxRecord:
        """Prepare and send; again when another transaction took the nonce in between."""
        for _ in range(MOST_PREPARED):
            prepared = await self._prepare(intent)
            if intent.to == self._tools.market.network.diamond:
                check_shown(prepared, self.opening.quote, self.begun)
            with contextlib.suppress(Busy):
                return await self._tools.transactions.send(
                    prepared, accept_unusual_fee=self.opening.quote.unusual_fee
                )
        raise Busy(
            "Other transactions of this account came in between, again and again.",
            safe=NOTHING_SENT,
            hint="Try again when they are settled.",
        )

    async def _next_attempt(self) -> None:
        """A try that is dead keeps its number, and its key."""
        self.begun = replace(self.begun, attempt=len(await self._records("open")))
        await self._change(step="sending")

    async def _confirm(self, record: TxRecord) -> None:
        await self._change(step="confirming", open_tx=record.id, error=None, failed_at=None)
        mined = await until_mined(self._tools.transactions, record.id)
        reach("open_mined")
        session_id = await opened_session(self._tools.market, mined, self._tools.pause_s)
        await self._change(step="done", session_id=session_id)
        reach("session_kept")

    # Means

    async def _prepare(self, intent: Intent) -> Prepared:
        """Tried, and never dearer than what was shown.

        Raises:
            As TxManager.prepare.
        """
        prepared = await self._tools.transactions.prepare(intent, self.begun.user)
        if intent.to == self._tools.market.network.token:
            # It needs more when an opening on the way uses up what is there first.
            prepared = replace(prepared, gas=max(prepared.gas, PERMISSION_GAS))
        return within(prepared, self.opening.quote.network_fee - await self._spent())

    async def _spent(self) -> int:
        """Wei of the coin that transactions of this opening took since its quote, or can take."""
        records = await self._records("permission") + await self._records("open")
        since = self.opening.quote.block
        mined = sum(r.fee or 0 for r in records if r.block is not None and r.block > since)
        return mined + sum(r.last.gas * r.last.max_fee for r in records if r.is_open)

    async def _records(self, what: str) -> list[TxRecord]:
        """The transactions of one kind, oldest first; none where the journal was lost."""
        found: list[TxRecord] = []
        journal = self._tools.transactions.journal
        while (record := await journal.by_key(self._key(what, len(found)))) is not None:
            found.append(record)
        return found

    def _key(self, what: str, number: int) -> str:
        """Names a wish of this opening to the journal of transactions."""
        return f"opening-{self.begun.token}-{what}-{number}"

    async def _change(self, **values: Any) -> None:
        """Write down, then tell."""
        begun = replace(self.begun, opening=replace(self.opening, **values))
        self.begun = await self._tools.book.keep(begun)
        self._told(self.begun)


def _interrupted() -> MorpheusError:
    error = MorpheusError(
        "The app ended before this session was opened.",
        safe="No MOR went into it, and nothing is sent without you.",
        hint="Try again to go on where it stopped, or give it up.",
    )
    error.code = "interrupted"
    return error


def _peer(provider: Provider, approval: Approval, now: float) -> KnownPeer:
    return KnownPeer(provider.address, approval.key, provider.endpoint, now, approval.sealed)
