"""A provider that signs as a real one does, but is asked without a wire in between."""

import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import count

from router.chain.records import Bid, Provider, Session
from router.consumer.opening_steps import Signer
from router.consumer.records import Approval
from router.morrpc.approvals import Approval as SignedApproval
from router.morrpc.approvals import Report
from router.morrpc.signing import key_of
from router.wallet.account import Account


class ToyProvider:
    """Signs approvals and reports.

    Attributes:
        before_answer: is awaited before each approval, and may raise, wait, or change the chain.
        before_report: the same before each report.
        approvals: made so far, newest last.
        stamps: the times in the next ones; each is another one.
    """

    def __init__(self, account: Account, chain_id: int) -> None:
        self.account = account
        self.before_answer: Callable[[], Awaitable[None]] | None = None
        self.before_report: Callable[[], Awaitable[None]] | None = None
        self.approvals: list[Approval] = []
        self.reports = 0
        self.stamps: Iterator[int] = count(time.time_ns())
        self._chain_id = chain_id

    async def request_session(
        self, signer: Signer, bid: Bid, provider: Provider, amount: int
    ) -> Approval:
        assert amount > 0
        assert provider.address == bid.provider == self.account.address
        if self.before_answer is not None:
            await self.before_answer()
        return self.approve(bid.id, signer.address)

    def approve(self, bid_id: str, user: str) -> Approval:
        """The signature that opens a session of a user."""
        message = SignedApproval(bid_id, self._chain_id, user, next(self.stamps)).encode()
        given = Approval(message, self.account.sign_payload(message), key_of(self.account))
        self.approvals.append(given)
        return given

    async def report(
        self, signer: Signer, session: Session, bid: Bid, provider: Provider, key: bytes
    ) -> tuple[bytes, bytes]:
        assert signer.address == session.user
        assert key == key_of(self.account)
        if self.before_report is not None:
            await self.before_report()
        self.reports += 1
        report = Report(session.id, self._chain_id, next(self.stamps), 52_000, 640, 100, 200)
        payload = report.encode()
        return payload, self.account.sign_payload(payload)
