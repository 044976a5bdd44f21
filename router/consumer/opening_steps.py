"""The steps of one opening: the provider signs, the permission is exact, the session is opened.

Each step is in the book before it is done, so that a new process can find out how far an old one
came. The quote that the user saw is the contract: nothing is signed that takes more than it
says, and what became worse meanwhile is asked again. One opening has one transaction at most
that can be mined: a second try is made only once the first is dead, and an approval that the
contract took belongs to a session that is there.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from router.chain import token
from router.chain.crash_points import reach
from router.chain.fees import Fee
from router.chain.journal import TxRecord
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.preparing import NOTHING_SENT, Intent, Prepared
from router.chain.records import Bid, Provider, Session, as_hex
from router.chain.tx import TxManager
from router.consumer.book import Begun, Book, KnownPeer
from router.consumer.mined import DEAD, MINED, until_mined
from router.consumer.quotes import is_worse
from router.consumer.records import Approval, Opening, Quote
from router.errors import Busy, InsufficientFunds, MorpheusError, TxFailed
from router.morrpc import approvals
from router.networks import Network
from router.units import exact
from router.wallet.account import Account
from router.wallet.grant import Grant

log = logging.getLogger(__name__)

Signer = Account | Grant

# The provider's signature was used, or is too old: another one is asked for, once.
STALE_APPROVAL = frozenset({"SessionDuplicateApproval", "SessionApproveExpired"})
NO_PERMISSION = "insufficient_allowance"
FEE_ABOVE_QUOTE = "fee_above_quote"
MOST_PREPARED = 3
RECEIPT_TRIES, RECEIPT_PAUSE_S = 10, 1.0


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
        pause_s: before a node that lags is asked again.
    """

    market: Marketplace
    transactions: TxManager
    book: Book
    providers: Providers
    signer: Callable[[], Signer]
    quote: Callable[[str, int, bool], Awaitable[Quote]]
    pause_s: float = RECEIPT_PAUSE_S


class Steps:
    """One opening on its way. `told` hears of each step once it is written down."""

    def __init__(self, tools: Tools, begun: Begun, told: Callable[[Begun], None]) -> None:
        self.begun = begun
        self._tools = tools
        self._told = told

    @property
    def opening(self) -> Opening:
        """As it is now."""
        return self.begun.opening

    async def run(self) -> None:
        """Go on until there is a session, or the user has to decide; failures are written down.

        Raises:
            StorageError: the book cannot be written, so nothing more is done.
        """
        try:
            sent = await self._sent_or_dropped()
            if sent is None:
                if await self.is_there() or not await self._is_as_shown():
                    return
                await self._approve()
                await self._permit()
                sent = await self._send()
            if sent is not None:
                await self._confirm(sent)
        except MorpheusError as error:
            log.info("opening %d stands still: %s", self.opening.id, error)
            if error.code == FEE_ABOVE_QUOTE:
                await self._ask_again()
            else:
                await self.fail(error)

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

    async def _ask_again(self) -> None:
        """The network asks more than was shown."""
        shown = self.opening.quote
        try:
            now = await self._tools.quote(shown.bid.id, shown.seconds, shown.is_direct)
        except MorpheusError as error:
            await self.fail(error)
        else:
            await self._change(step="asked", worse=now)

    async def fail(self, error: MorpheusError) -> None:
        """Stand still, with the reason."""
        await self._change(step="failed", failed_at=self.opening.step, error=error)

    # How far it came

    async def sent(self) -> TxRecord | None:
        """The transaction that opens it, if there is one that was or can be mined."""
        record = await self._tools.transactions.journal.by_key(self._key("open"))
        return None if record is None or record.state in DEAD else record

    async def _sent_or_dropped(self) -> TxRecord | None:
        """As `sent`; what was signed and never sent is dropped: it is signed anew, as of now."""
        sent, journal = await self.sent(), self._tools.transactions.journal
        if sent is not None and sent.state == "signed":
            await journal.give_up(sent.id, "It was not sent, and is signed anew.")
            return await self.sent()
        return sent

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

    async def _is_used(self, approval: bytes) -> bool:
        return bool(await self._tools.market.value("getIsProviderApprovalUsed", approval))

    async def _others(self) -> list[Opening]:
        return [begun.opening for begun in await self._tools.book.begun(self.begun.user)]

    # The steps

    async def _is_as_shown(self) -> bool:
        """Quote again; what became worse is asked of the user."""
        shown = self.opening.quote
        await self._change(step="provider", error=None, failed_at=None)
        now = await self._tools.quote(shown.bid.id, shown.seconds, shown.is_direct)
        if is_worse(shown, now) or await self._bought(now) < min(shown.seconds, shown.granted_s):
            await self._change(step="asked", worse=now)
            return False
        _check_means(now, self._tools.market.network)
        return True

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
        before = await self._tools.transactions.journal.by_key(self._key("open"))
        if before is not None and not before.settled and not anew:
            return
        approval = await self._tools.providers.request_session(
            self._tools.signer(), quote.bid, quote.provider, quote.amount
        )
        reach("approval_given")
        _check_words(approval.message, quote, self._tools.market.chain.chain_id, self.begun.user)
        await self._tools.book.keep_peer(_peer(quote.provider, approval, self.opening.started_at))
        self.begun = replace(self.begun, approval=approval.message, signature=approval.signature)
        await self._change()
        reach("approval_kept")

    async def _permit(self) -> None:
        """Let the marketplace take exactly the amount, unless it may already."""
        amount, network = self.opening.quote.amount, self._tools.market.network
        await self._change(step="permission")
        number = 0
        while await self._allowance() < amount:
            key = self._key(f"permission-{number}")
            number += 1
            record = await self._tools.transactions.journal.by_key(key)
            if record is None:
                intent = Intent(
                    network.token,
                    data=token.approve(network.diamond, amount),
                    purpose=f"Permission for exactly {exact(amount)} MOR",
                    key=key,
                )
                prepared = await self._prepare(intent)
                record = await self._tools.transactions.send(prepared)
                reach("permission_sent")
            elif record.state in DEAD or record.state in MINED:
                continue
            await self._change(permission_tx=record.id)
            await until_mined(self._tools.transactions, record.id)
            reach("permission_mined")

    async def _send(self) -> TxRecord | None:
        """Open the session, with another signature of the provider if this one is no good."""
        try:
            return await self._open()
        except TxFailed as error:
            if error.code in STALE_APPROVAL and error.tx_hash is None:
                if await self.is_there():
                    return None
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
        intent = Intent(diamond, data=data, purpose="Open a session", key=self._key("open"))
        record = await self._sent_as_shown(intent)
        reach("open_sent")
        await self._change(step="confirming", open_tx=record.id)
        reach("open_noted")
        return record

    async def _sent_as_shown(self, intent: Intent) -> TxRecord:
        """Prepare and send; again when another transaction took the nonce in between."""
        for _ in range(MOST_PREPARED):
            prepared = await self._prepare(intent)
            _check_shown(prepared, self.opening.quote, self.begun)
            with contextlib.suppress(Busy):
                return await self._tools.transactions.send(prepared)
        raise Busy(
            "Other transactions of this account came in between, again and again.",
            safe=NOTHING_SENT,
            hint="Try again when they are settled.",
        )

    async def _next_attempt(self) -> None:
        """A try that is dead keeps its number, and its key."""
        attempt = self.begun.attempt
        while await self._tools.transactions.journal.by_key(self._key("open", attempt)) is not None:
            attempt += 1
        self.begun = replace(self.begun, attempt=attempt)
        await self._change(step="sending")

    async def _confirm(self, record: TxRecord) -> None:
        await self._change(step="confirming", open_tx=record.id, error=None, failed_at=None)
        mined = await until_mined(self._tools.transactions, record.id)
        reach("open_mined")
        session_id = await self._session_of(mined)
        await self._change(step="done", session_id=session_id)
        reach("session_kept")

    async def _session_of(self, record: TxRecord) -> str:
        """The session that a transaction opened, out of its logs."""
        chain, tries = self._tools.market.chain, RECEIPT_TRIES
        while (receipt := await chain.receipt(record.hash)) is None and tries:
            tries -= 1  # another node than the one that has it
            await asyncio.sleep(self._tools.pause_s)
        event = DIAMOND.events["SessionOpened"]
        diamond = self._tools.market.network.diamond.lower()
        for entry in receipt.logs if receipt is not None else ():
            if entry.address.lower() == diamond and entry.topics[:1] == (event.topic,):
                return as_hex(bytes(event.decode(entry.topics, entry.data)["sessionId"]))
        raise TxFailed(
            "The transaction is in a block, but its session cannot be read yet.",
            tx_hash=record.hash,
            safe="The session is yours; it is found when the list of sessions is read.",
            hint="Try again in a moment.",
        )

    # Means

    async def _prepare(self, intent: Intent) -> Prepared:
        """Tried, and never dearer than what was shown.

        Raises:
            As TxManager.prepare.
        """
        transactions = self._tools.transactions
        prepared = await transactions.prepare(intent, self.begun.user)
        spent = 0
        if intent.to != self._tools.market.network.token and self.opening.permission_tx:
            permission = await transactions.journal.get(self.opening.permission_tx)
            spent = permission.fee or 0
        return within(prepared, self.opening.quote.network_fee - spent)

    async def _allowance(self) -> int:
        network = self._tools.market.network
        read = token.allowance(network.token, self.begun.user, network.diamond)
        value = await self._tools.market.chain.read(read.to, read.function, *read.arguments)
        return int(value)

    def _key(self, what: str, attempt: int | None = None) -> str:
        """Names a wish of this opening to the journal of transactions."""
        number = self.begun.attempt if attempt is None else attempt
        suffix = f"-{number}" if what == "open" else ""
        return f"opening-{self.begun.token}-{what}{suffix}"

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


def within(prepared: Prepared, most: int) -> Prepared:
    """The same transaction with a fee that cannot exceed so many wei.

    Raises:
        TxFailed: with such a fee it would not be mined soon.
    """
    if prepared.fee_max <= most:
        return prepared
    per_gas = (most - prepared.first_layer_fee) // prepared.gas
    if per_gas < prepared.fees.base + prepared.fee.tip:
        raise TxFailed(
            "The network's fee is higher now than what was shown.",
            code=FEE_ABOVE_QUOTE,
            safe=NOTHING_SENT,
            hint="Try again: the fee of now is shown first.",
        )
    return replace(prepared, fee=Fee(per_gas, min(prepared.fee.tip, per_gas)))


def _check_means(now: Quote, network: Network) -> None:
    """What is not there is said before anybody is asked or paid.

    Raises:
        InsufficientFunds
    """
    for name, needed, has in (
        ("MOR", now.amount, now.balance),
        ("ETH", now.network_fee, now.coin),
    ):
        if has < needed:
            raise InsufficientFunds(
                f"There is not enough {name}: {exact(needed)} is needed, {exact(has)} is there.",
                token=name,
                needed=needed,
                has=has,
                safe=NOTHING_SENT,
                hint=f"Receive {exact(needed - has)} {name} more on {network.title}.",
            )


def _check_words(message: bytes, quote: Quote, chain_id: int, user: str) -> None:
    """What was signed must be about this bid, user and network.

    Raises:
        TxFailed, WireError
    """
    approval = approvals.Approval.decode(message)
    found = (approval.bid_id, approval.chain_id, approval.user)
    if found != (quote.bid.id.lower(), chain_id, user.lower()):
        raise TxFailed(
            "The provider signed something else than what was asked of it.",
            code="wrong_approval",
            safe=NOTHING_SENT,
            hint="Choose another provider.",
        )


def _check_shown(prepared: Prepared, quote: Quote, begun: Begun) -> None:
    """What is signed, read from its final bytes, is what was shown.

    Raises:
        TxFailed
    """
    user, amount, is_direct, approval, _ = (value for _, value in prepared.decoded.arguments)
    if (
        user.lower() != begun.user.lower()
        or amount > quote.amount
        or is_direct != quote.is_direct
        or approval != begun.approval
        or prepared.fee_max > quote.network_fee
    ):
        raise TxFailed(
            "This is not what was shown before.", code="not_as_shown", safe=NOTHING_SENT,
            hint="Try again.",
        )  # fmt: skip


def _peer(provider: Provider, approval: Approval, now: float) -> KnownPeer:
    return KnownPeer(provider.address, approval.key, provider.endpoint, now, approval.sealed)
