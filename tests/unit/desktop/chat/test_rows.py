"""Which rows a transcript has."""

from morpheus_desktop.chat.notice import Notice
from morpheus_desktop.chat.rows import Row, guess, rows_of
from router.store.records import Stats
from tests.support.messages import MakeMessage


def test_messages_and_notices_in_order(make_message: MakeMessage) -> None:
    question, answer = make_message("user", "q"), make_message("assistant", "a")
    notices = [Notice("x", "above", before=answer.id), Notice("y", "at the end")]
    rows = list(rows_of([question, answer], notices))
    assert [row.key for row in rows] == ["message 1", "notice x", "message 2", "notice y"]
    assert [row.kind for row in rows] == ["question", "notice", "answer", "notice"]


def test_messages_that_did_not_fit_are_told_once(make_message: MakeMessage) -> None:
    counts = [0, 4, 6, 0, 2]
    messages = [make_message("assistant", "a", stats=Stats(dropped_turns=n)) for n in counts]
    rows = list(rows_of(messages, []))
    notices = [(row.key, row.item.text) for row in rows if isinstance(row.item, Notice)]
    assert [key for key, _ in notices] == ["notice dropped 2", "notice dropped 5"]
    assert "4 oldest" in notices[0][1]


def test_who_failed_is_told_above_the_answer(make_message: MakeMessage) -> None:
    stats = Stats(rerouted="A failed. 12 MOR went into a new session.\nB failed.\u202e")
    messages = [make_message("user", "q"), make_message(origin="remote", stats=stats)]
    rows = list(rows_of(messages, [], hidden=True))
    notices = [row.item for row in rows if isinstance(row.item, Notice)]
    assert [row.kind for row in rows] == ["question", "notice", "notice", "answer"]
    assert len({row.key for row in rows}) == 4
    assert {(notice.title, notice.tone) for notice in notices} == {("Switched provider.", "warn")}
    assert "12 MOR" not in notices[0].text
    assert "\u202e" not in notices[1].text


def test_text_that_came_in_belongs_to_the_message(make_message: MakeMessage) -> None:
    row = Row("message 1", "answer", make_message(content="a", reasoning="r"))
    assert row.message is row.item
    row.text.append("b")
    row.reasoning.append("s")
    assert (row.message.content, row.message.reasoning) == ("ab", "rs")


def test_guesses_grow_with_the_text(make_message: MakeMessage) -> None:
    def height(text: str, reasoning: str = "") -> int:
        item = make_message(content=text, reasoning=reasoning)
        return guess(Row("m", "answer", item, index=1), 700, 1.0)

    assert height("word " * 500) > height("word") + 400
    assert height("a", "r") > height("a")
    assert guess(Row("n", "notice", Notice("x", "y"), index=1), 700, 1.0) == 60
