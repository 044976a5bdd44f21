"""router.consumer.leases: the session that answers, and where its provider listens now."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from router.chain.records import Bid, Model, Provider, Session
from router.consumer.book import Book, KnownPeer
from router.consumer.evidence import Call
from router.consumer.leases import FRESH_S, Leases
from router.consumer.records import SessionView
from router.errors import ChainUnavailable
from router.morrpc.consumer import Peer
from tests.support.lying_provider import account

MODEL, OTHER_MODEL = "0x" + "aa" * 32, "0x" + "bb" * 32
NEAR, FAR = account("near").address, account("far").address
USER = account("user")
KEY = b"\x04" + b"k" * 64


def view(number: int, provider: str, *, model: str = MODEL, ends_at: int = 1_000) -> SessionView:
    bid = Bid(f"0x{number:064x}", provider, model, 7, 0, 1, 0)
    session = Session(
        f"0x{number:064x}", USER.address, bid.id, 50, b"", 0, 0, 1, ends_at, 0, True, False
    )
    record = Model(model, "", 0, 0, provider, "Llama", (), 1, is_deleted=False)
    return SessionView(session, bid, record, provider, "open", 500, 500, ends_at)


class Grants:
    """Sign for every session."""

    def __init__(self) -> None:
        self.used: list[str] = []

    def signer(self, session_id: str) -> Any:
        return USER

    @contextlib.contextmanager
    def using(self, session_id: str) -> Iterator[None]:
        self.used.append(session_id)
        yield
        self.used.remove(session_id)


class Desk:
    """Sessions, a chain that is there or not, and a clock."""

    def __init__(self, book: Book) -> None:
        self.views: tuple[SessionView, ...] = (view(1, NEAR), view(2, FAR, ends_at=9_000))
        self.records = {NEAR: "near.example:3333", FAR: "far.example:3333"}
        self.gone = False
        self.reads = 0
        self.time = 0.0
        self.book = book
        self.blocked: list[str] = []
        self.grants = Grants()
        self.leases = Leases(
            self,
            book,
            self.providers,
            blocked=lambda: self.blocked,
            clock=lambda: self.time,
            now=lambda: 5.0,
        )

    async def providers(self, addresses: Sequence[str]) -> list[Provider]:
        self.reads += 1
        if self.gone:
            raise ChainUnavailable("No node answered.")
        found = [(one, self.records[one]) for one in addresses if one in self.records]
        return [Provider(one, text, 1, 1, 0, 0, is_deleted=False) for one, text in found]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    book = Book(tmp_path / "sessions.db", 1337)
    await book.open()
    yield Desk(book)
    await book.close()


async def test_the_one_with_the_most_time_left(desk: Desk) -> None:
    lease = await desk.leases.lease(MODEL)
    assert lease is not None
    assert (lease.provider, lease.target.endpoint) == (FAR, "far.example:3333")
    assert (lease.model_name, lease.price_per_second, lease.amount) == ("Llama", 7, 50)
    assert (lease.ends_at, lease.seconds_left) == (9_000, 500)
    assert (lease.peer, lease.signer) == (None, USER)
    other = await desk.leases.lease(MODEL.upper().replace("X", "x"), {FAR.lower()})
    assert other is not None
    assert other.provider == NEAR


async def test_by_its_own_id(desk: Desk) -> None:
    lease = await desk.leases.lease(f"session:0x{1:064x}")
    assert lease is not None
    assert lease.provider == NEAR


async def test_names_of_models(desk: Desk) -> None:
    assert desk.leases.name_of(MODEL) == "Llama"
    assert desk.leases.name_of(f"session:0x{1:064x}") == "Llama"
    assert desk.leases.name_of(OTHER_MODEL) == ""


async def test_one_that_answers_another_question_comes_last(desk: Desk) -> None:
    near, far = (view.id for view in desk.views)
    for busy, wanted in (({far}, near), ({near}, far), ({near, far}, far)):
        lease = await desk.leases.lease(MODEL, busy=busy)
        assert lease is not None
        assert lease.session_id == wanted


async def test_a_blocked_provider_is_asked_only_when_its_session_is_named(desk: Desk) -> None:
    desk.blocked = [FAR.lower()]
    lease = await desk.leases.lease(MODEL)
    assert lease is not None
    assert lease.provider == NEAR
    named = await desk.leases.lease(f"session:{desk.views[1].id}")
    assert named is not None
    assert named.provider == FAR
    desk.blocked = [NEAR, FAR]
    assert await desk.leases.lease(MODEL) is None


@pytest.mark.parametrize("model", [OTHER_MODEL, f"session:0x{9:064x}"])
async def test_none_is_open(desk: Desk, model: str) -> None:
    assert await desk.leases.lease(model) is None


@pytest.mark.parametrize(
    "changes", [{"phase": "ended"}, {"phase": "closing"}, {"seconds_left": 0}, {"bid": None}]
)
async def test_what_cannot_be_asked_is_left_out(desk: Desk, changes: dict[str, Any]) -> None:
    desk.views = (replace(view(1, NEAR), **changes),)
    assert await desk.leases.lease(MODEL) is None
    assert await desk.leases.lease(f"session:0x{1:064x}") is None


async def test_key_is_kept_and_known_again(desk: Desk) -> None:
    lease = await desk.leases.lease(MODEL)
    assert lease is not None
    await desk.leases.learned(lease, Peer(KEY, seals=True))
    again = await desk.leases.lease(MODEL)
    assert again is not None
    assert again.peer == Peer(KEY, seals=True)


async def test_key_without_a_greeting_is_learned_anew(desk: Desk) -> None:
    """Whether it opens sealed questions is not known then, and must not be guessed."""
    await desk.book.keep_peer(KnownPeer(FAR, KEY, "far.example:3333", 1.0))
    lease = await desk.leases.lease(MODEL)
    assert lease is not None
    assert lease.peer is None


async def test_endpoint_is_read_again_now_and_then(desk: Desk) -> None:
    await desk.leases.lease(MODEL)
    desk.records[FAR] = "moved.example:3333"
    lease = await desk.leases.lease(MODEL)
    assert lease is not None
    assert (lease.target.endpoint, desk.reads) == ("far.example:3333", 1)
    desk.time += FRESH_S
    lease = await desk.leases.lease(MODEL)
    assert lease is not None
    assert lease.target.endpoint == "moved.example:3333"


async def test_without_a_chain_the_last_endpoint_is_used(desk: Desk) -> None:
    desk.gone = True
    with pytest.raises(ChainUnavailable):
        await desk.leases.lease(MODEL)
    await desk.book.keep_peer(KnownPeer(FAR, KEY, "old.example:3333", 1.0, sealed=False))
    lease = await desk.leases.lease(MODEL)
    assert lease is not None
    assert lease.target.endpoint == "old.example:3333"


async def test_answers_are_counted_for_our_own_report(desk: Desk) -> None:
    lease = await desk.leases.lease(MODEL)
    assert lease is not None
    call = Call(FAR, MODEL, 5.0, tokens=11, first_token_ms=200, writing_ms=1_000)
    await desk.leases.answered(lease, call)
    await desk.leases.answered(lease, Call(FAR, MODEL, 6.0))
    note = await desk.book.note(lease.session_id)
    assert (note.answers, note.tps_scaled_1000, note.ttft_ms) == (2, 10_000, 200)
    assert note.output_tokens == 11
