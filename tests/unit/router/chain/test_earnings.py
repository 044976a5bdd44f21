"""router.chain.earnings: what the contract would pay, in each phase of a session."""

import pytest

from router.chain.earnings import DAY_S, claimable
from router.chain.records import Bid, Provider, Session

PRICE, START = 10, 1_000 * DAY_S + 3_600
END = START + 7_200
MIDNIGHT = 1_001 * DAY_S


def session(closed_at: int = 0, withdrawn: int = 0, opened_at: int = START) -> Session:
    return Session("0x", "", "", 0, b"", 0, withdrawn, opened_at, END, closed_at, True, False)


def earns(found: Session, now: int, *, stake: int = 10**9, earned: int = 0) -> int:
    bid = Bid("0x", "", "", PRICE, 0, 1, 0)
    provider = Provider("", "", stake, 1, 10**12, earned, is_deleted=False)
    return claimable(found, bid, provider, now)


@pytest.mark.parametrize(
    ("found", "now", "amount"),
    [
        (session(), END - 1, 0),
        (session(), END, 7_200 * PRICE),
        (session(withdrawn=7_200 * PRICE), END, 0),
        (session(closed_at=END + 50, withdrawn=7_200 * PRICE), END + 60, 0),
        # Closed early: what was used on that day waits for midnight.
        (session(closed_at=START + 100), START + 200, 0),
        (session(closed_at=START + 100), MIDNIGHT - 1, 0),
        (session(closed_at=START + 100), MIDNIGHT, 100 * PRICE),
        (session(closed_at=START + 100, opened_at=START - DAY_S), START + 200, (DAY_S - 3_600) * PRICE),
        # Closed on the day it was paid: the contract would panic.
        (session(closed_at=START + 100, withdrawn=100 * PRICE), START + 200, 0),
    ],
)  # fmt: skip
def test_each_phase(found: Session, now: int, amount: int) -> None:
    assert earns(found, now) == amount


def test_never_more_than_the_stake_allows() -> None:
    assert earns(session(), END, stake=100, earned=40) == 60
    assert earns(session(), END, stake=100, earned=140) == 0
