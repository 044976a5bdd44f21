"""What a session is called by the chain and by what this computer knows."""

import pytest

from router.chain.marketplace import Account
from router.chain.records import Session
from router.consumer.book import KnownPeer, Note
from router.consumer.views import Local, Views
from router.errors import TxFailed
from tests.support.quoted import BID_ID, MODEL_ID, PROVIDER, a_quote

USER = "0x" + "22" * 20
DAY = 86_400
ENDS = 10 * DAY + 3600
PROBLEM = TxFailed("It cannot be paid.")


class Chain:
    """Knows one bid and its model, and counts how often it is asked for them."""

    def __init__(self):
        self.asked = []

    async def bids(self, ids, at):
        self.asked.append(len(ids))
        return [a_quote().bid] if bytes.fromhex(BID_ID[2:]) in ids else []

    async def models(self, ids, at):
        return [a_quote().model] if bytes.fromhex(MODEL_ID[2:]) in ids else []


def session(number=1, closed_at=0, bid_id=BID_ID):
    name = "0x" + f"{number:064x}"
    return Session(name, USER, bid_id, 5, b"", 0, 0, 1, ENDS, closed_at, not closed_at, False)


def account(*sessions, now=ENDS - 10):
    return Account(7, now, 0, 0, 0, 0, 0, sessions)


NOTHING = Local({}, {}, frozenset(), {})


async def test_it_is_joined_with_its_bid_and_model_once():
    chain = Chain()
    views = Views(chain)  # type: ignore[arg-type]
    (one, two) = await views.join(account(session(1), session(2)), NOTHING)
    assert (one.id, two.id) == (session(2).id, session(1).id)  # newest first
    assert (one.provider, one.model_name) == (PROVIDER, 'Möbius "<b>')
    assert (one.as_of, one.seconds_left, one.close_at) == (ENDS - 10, 10, ENDS)
    await views.join(account(session(1)), NOTHING)
    assert chain.asked == [1, 0]


async def test_without_its_bid_it_is_shown_all_the_same():
    (view,) = await Views(Chain()).join(account(session(bid_id="0x" + "ee" * 32)), NOTHING)  # type: ignore[arg-type]
    assert (view.bid, view.model, view.provider, view.model_name) == (None, None, "", "")


@pytest.mark.parametrize(
    ("closed_at", "now", "closing", "problem", "phase"),
    [
        (0, ENDS - 1, False, None, "open"),
        (0, ENDS, False, None, "ended"),
        (0, ENDS, False, PROBLEM, "waiting"),
        (0, ENDS, True, PROBLEM, "closing"),
        (ENDS, ENDS, True, PROBLEM, "closed"),
    ],
)
async def test_its_phase(closed_at, now, closing, problem, phase):
    found = session(closed_at=closed_at)
    problems = {} if problem is None else {found.id: problem}
    local = Local({}, {}, frozenset([found.id] if closing else []), problems)
    (view,) = await Views(Chain()).join(account(found, now=now), local)  # type: ignore[arg-type]
    assert view.phase == phase
    assert (view.problem is None) == (phase == "closed" or problem is None)
    assert view.seconds_left >= 0


async def test_what_the_user_chose_and_what_was_learned():
    found = session()
    peer = KnownPeer(PROVIDER, b"", "", 0.0, sealed=True)
    local = Local({found.id: Note(after_midnight=True)}, {PROVIDER: peer}, frozenset(), {})
    (view,) = await Views(Chain()).join(account(found), local)  # type: ignore[arg-type]
    assert (view.close_at, view.sealed) == (11 * DAY + 60, True)
