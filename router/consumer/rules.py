"""Which of the two closing rules a network applies (docs/networks.md).

It is never taken from a name. A node that can imagine another time is asked what closing somebody's
session right at its end would give; else what such a closing really gave is remembered; else the
careful rule is shown, and that it is a guess. What is known counts for the code it was seen with:
when the contract's owner replaces that, it is found out again.
"""

import logging
from dataclasses import dataclass, replace
from typing import Protocol, get_args

from router.chain import token
from router.chain.client import Receipt
from router.chain.codec import NotOffered
from router.chain.marketplace import DIAMOND, Marketplace
from router.chain.multicall import Read
from router.chain.records import Session, as_bytes
from router.chain.token import TOKEN
from router.consumer.endings import DAY, day_of
from router.consumer.records import Rule

log = logging.getLogger(__name__)

CAREFUL: Rule = "day-lock"
# Of the newest sessions of a model, so many are looked at, and so many closings imagined.
LOOKED_AT = 20
MOST_TRIED = 3
# A well-formed signature of nobody: the contract takes it for a dispute, which after the end of a
# session changes nothing. Its first half is the curve's own base point, so that it is on the curve.
SIGNATURE = (
    bytes.fromhex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    + (1).to_bytes(32, "big")
    + bytes([27])
)


@dataclass(frozen=True)
class Applied:
    """The rule to go by; `is_known` is False when it is the careful guess."""

    rule: Rule
    is_known: bool


class Memory(Protocol):
    """Keeps a short text for each network over restarts; empty where there is none."""

    async def closing_rule(self, network: str) -> str:
        """What was kept for a network, by its name."""

    async def keep_closing_rule(self, network: str, text: str) -> None:
        """Keep it, in place of what was there."""


class Rules:
    """The closing rule of one network.

    Args:
        memory: where it is kept over restarts.
    """

    def __init__(self, market: Marketplace, memory: Memory) -> None:
        self._market = market
        self._memory = memory
        self._can_imagine = True

    @property
    def facet(self) -> Read:
        """Which code closes sessions, to be read together with other things."""
        read = self._market.read("facetAddress", DIAMOND["closeSession"].selector)
        return replace(read, optional=True)

    async def current(self, facet: str | None, model_id: str) -> Applied:
        """The rule in force.

        Args:
            facet: what reading `facet` gave; None where the network does not tell.
            model_id: whose sessions may be looked at, when nothing is known yet.

        Raises:
            ChainUnavailable
        """
        known = await self._remembered(facet)
        if known is None and self._can_imagine:
            known = await self._imagined(model_id)
            if known is not None:
                await self._keep(known, facet)
        return Applied(CAREFUL, is_known=False) if known is None else Applied(known, is_known=True)

    async def learn(self, session: Session, receipt: Receipt) -> None:
        """Remember what a closing gave, if it tells the rule.

        Args:
            session: as it is on the chain after it was closed.

        Raises:
            ChainUnavailable, NotOffered
        """
        if not _tells(session, session.closed_at):
            return
        paid = paid_back(receipt, self._market, session.user)
        (facet,) = (await self._market.many.read([self.facet])).values
        await self._keep(_judged(session, paid), facet)

    # Remembering

    async def _remembered(self, facet: str | None) -> Rule | None:
        text = await self._memory.closing_rule(self._market.network.name)
        return next((rule for rule in get_args(Rule) if text == _as_text(rule, facet)), None)

    async def _keep(self, rule: Rule, facet: str | None) -> None:
        log.info("%s closes sessions by the rule %s", self._market.network.name, rule)
        await self._memory.keep_closing_rule(self._market.network.name, _as_text(rule, facet))

    # Imagining

    async def _imagined(self, model_id: str) -> Rule | None:
        try:
            sessions = [s for s in await self._newest(model_id) if _can_tell(s)]
            for session in sessions[:MOST_TRIED]:
                paid = await self._would_be_paid(session)
                if paid is not None:
                    return _judged(session, paid)
        except NotOffered as error:
            self._can_imagine = False
            log.info("the closing rule cannot be tried out: %s", error.message)
        return None

    async def _newest(self, model_id: str) -> list[Session]:
        """The newest sessions of a model, whoever has them; newest first."""
        model = as_bytes(model_id)
        _, total = await self._market.page("getModelSessions", (model,), 0, 0)
        first = max(total - LOOKED_AT, 0)
        ids, _ = await self._market.page("getModelSessions", (model,), first, LOOKED_AT)
        return (await self._market.sessions(ids))[::-1]

    async def _would_be_paid(self, session: Session) -> int | None:
        """What its user would get at once if it was closed at its end; None if it would fail."""
        market = self._market
        numbers = (market.network.chain_id, session.ends_at * 1000, 0, 0)
        report = as_bytes(session.id) + b"".join(n.to_bytes(32, "big") for n in numbers)
        balance = token.balance_of(market.network.token, session.user)
        calls = [balance, market.read("closeSession", report, SIGNATURE), balance]
        answers = await market.many.imagined(session.user, calls, session.ends_at)
        before, closed, after = answers.values
        return None if None in (before, closed, after) else int(after - before)


def _can_tell(session: Session) -> bool:
    return session.closed_at == 0 and _tells(session, session.ends_at)


def _tells(session: Session, closed_at: int) -> bool:
    """Whether the rules differ for a closing: after the end, on the day of the end, and staked."""
    day = day_of(session.ends_at)
    used = session.ends_at > max(session.opened_at, day)
    return used and not session.is_direct and session.ends_at <= closed_at < day + DAY


def _judged(session: Session, paid: int) -> Rule:
    return "snapshot" if paid >= session.stake else "day-lock"


def paid_back(receipt: Receipt, market: Marketplace, user: str) -> int:
    """MOR that a transaction moved from the marketplace to an account; wei."""
    event, network = TOKEN.events["Transfer"], market.network
    paid = 0
    for entry in receipt.logs:
        is_transfer = len(entry.topics) == 3 and entry.topics[0] == event.topic
        if is_transfer and entry.address.lower() == network.token.lower():
            moved = event.decode(entry.topics, entry.data)
            sender, recipient, amount = moved.values()
            if (sender, recipient) == (network.diamond.lower(), user.lower()):
                paid += amount
    return paid


def _as_text(rule: Rule, facet: str | None) -> str:
    return f"{rule} {facet or ''}".strip()
