"""The book: what it is told, it knows again after a restart."""

from dataclasses import replace

import pytest

from router.consumer.book import MOST_CALLS, MOST_OVER, Book, KnownPeer, Note
from router.consumer.evidence import Call
from router.errors import Busy, MorpheusError, StorageError
from tests.support.quoted import PROVIDER, a_quote

USER, OTHER = "0x" + "22" * 20, "0x" + "33" * 20
SESSION = "0x" + "cd" * 32


@pytest.fixture
async def book(tmp_path):
    made = Book(tmp_path / "sessions.db", 1337, lambda: 5.0)
    await made.open()
    yield made
    await made.close()


async def again(tmp_path, chain_id=1337):
    made = Book(tmp_path / "sessions.db", chain_id)
    await made.open()
    return made


async def test_an_opening_is_known_again_at_each_step(book, tmp_path):
    begun = await book.begin(USER, a_quote())
    assert (begun.opening.step, begun.opening.started_at) == ("provider", 5.0)
    error = MorpheusError("No.", safe="Safe.", hint="Go on.")
    opening = replace(
        begun.opening, step="failed", failed_at="sending", error=error, worse=a_quote(amount=9),
        permission_tx=3, open_tx=4, session_id=SESSION,
    )  # fmt: skip
    kept = replace(begun, opening=opening, attempt=2, approval=b"a", signature=b"s")
    await book.keep(kept)
    other = await again(tmp_path)
    (found,) = await other.begun(USER)
    assert replace(found, opening=replace(found.opening, error=None)) == replace(
        kept, opening=replace(opening, error=None)
    )
    assert found.opening.error is not None
    assert found.opening.error.message == "No."
    assert await other.begun(OTHER) == []
    await other.close()
    elsewhere = await again(tmp_path, 8453)
    assert await elsewhere.begun(USER) == []
    await elsewhere.close()


async def test_an_opening_is_found_by_the_name_of_its_wish(book, tmp_path):
    begun = await book.begin(USER, a_quote(), "mine")
    for _ in range(2):
        await book.begin(USER, a_quote())
    await book.keep(replace(begun, opening=replace(begun.opening, step="done")))
    other = await again(tmp_path)
    found = await other.wished(USER, "mine")
    assert (found.opening.id, found.opening.step) == (begun.opening.id, "done")
    assert [await other.wished(*which) for which in ((OTHER, "mine"), (USER, ""), (USER, "x"))] == [
        None, None, None,
    ]  # fmt: skip
    await other.close()


async def test_no_two_openings_of_an_account_have_one_name(book):
    await book.begin(USER, a_quote(), "mine")
    with pytest.raises(Busy):
        await book.begin(USER, a_quote(), "mine")
    assert await book.begin(OTHER, a_quote(), "mine")


async def test_each_opening_has_a_token_of_its_own(book):
    tokens = {(await book.begin(USER, a_quote())).token for _ in range(5)}
    assert len(tokens) == 5


async def test_of_those_that_are_over_the_last_are_shown_and_all_that_are_not(book):
    waiting = await book.begin(USER, a_quote())
    for _ in range(MOST_OVER + 3):
        begun = await book.begin(USER, a_quote())
        await book.keep(replace(begun, opening=replace(begun.opening, step="done")))
    found = await book.begun(USER)
    assert len(found) == MOST_OVER + 1
    assert found[-1] == waiting


async def test_an_opening_that_cannot_be_read_does_not_hide_the_others(book, caplog):
    good, bad = [await book.begin(USER, a_quote()) for _ in range(2)]
    for text in ('{"a field of later": 1}', "nothing", "[]"):
        await book._file.run(
            lambda connection, text=text: connection.execute(
                "UPDATE opening SET quote = ? WHERE id = ?", (text, bad.opening.id)
            )
        )
        assert await book.begun(USER) == [good]
    assert f"opening {bad.opening.id} in the book cannot be read" in caplog.text


async def test_what_opened_unasked_is_never_left_out(book):
    for step in ("done", "given_up"):
        begun = await book.begin(USER, a_quote(), unasked=True)
        await book.keep(replace(begun, opening=replace(begun.opening, step=step)))
    for _ in range(MOST_OVER):
        begun = await book.begin(USER, a_quote())
        await book.keep(replace(begun, opening=replace(begun.opening, step="done")))
    found = await book.begun(USER)
    assert len(found) == MOST_OVER + 1
    assert [b.opening.step for b in found if b.opening.unasked] == ["done"]


async def test_a_full_disk_is_said(tmp_path):
    (tmp_path / "sessions.db").mkdir()
    with pytest.raises(StorageError):
        await again(tmp_path)


async def test_providers_are_known_by_network(book, tmp_path):
    peer = KnownPeer(PROVIDER, b"\x04" * 65, "host:3333", 1.0, sealed=True)
    await book.keep_peer(replace(peer, sealed=None))
    await book.keep_peer(peer)
    assert await book.peers() == {PROVIDER: peer}
    # What is known once stays known, whatever the same provider says later.
    await book.keep_peer(replace(peer, endpoint="other:1", sealed=False))
    assert await book.peers() == {PROVIDER: replace(peer, endpoint="other:1")}
    assert (await book.seals(PROVIDER), await book.seals("0x" + "99" * 20)) == (True, False)
    await book.keep_peer(peer)
    elsewhere = await again(tmp_path, 8453)
    assert await elsewhere.peers() == {}
    await elsewhere.close()


async def test_notes_add_up(book):
    assert await book.note(SESSION) == Note()
    await book.change_note(SESSION, after_midnight=True, warned=True, closings=2)
    for _ in range(2):
        note = await book.add_answer(
            SESSION, tps_scaled_1000=40_000, ttft_ms=300, input_tokens=10, output_tokens=20
        )
    assert note == Note(True, True, 2, 2, 80_000, 600, 20, 40)
    assert await book.notes() == {SESSION: note}


async def test_calls_make_room(book, tmp_path):
    calls = [Call(PROVIDER, "0xaa", float(at), at, None, 5, "late") for at in range(3)]
    for call in calls:
        await book.add_call(call)
    assert await book.calls() == calls
    many = Call(PROVIDER, "0xaa", 9.0)

    def fill(connection):
        connection.execute(
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
               INSERT INTO call (provider, model_id, at, tokens, writing_ms, failure)
               SELECT 'x', 'y', 1, 0, 0, '' FROM n""",
            (MOST_CALLS,),
        )

    await book._file.run(fill)
    await book.add_call(many)
    found = await book.calls()
    assert (len(found), found[-1]) == (MOST_CALLS, many)


async def test_the_rule_of_a_network_is_kept(book):
    assert await book.closing_rule("base") == ""
    await book.keep_closing_rule("base", "snapshot 0x12")
    await book.keep_closing_rule("base", "day-lock 0x34")
    assert await book.closing_rule("base") == "day-lock 0x34"


async def test_in_memory_it_leaves_no_file(tmp_path):
    made = Book(None, 1337)
    await made.open()
    await made.begin(USER, a_quote())
    await made.close()
    assert list(tmp_path.iterdir()) == []
