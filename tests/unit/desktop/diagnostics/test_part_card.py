"""A card of a part: its state in a word, its facts, and starting it again."""

import pytest

from morpheus_desktop.diagnostics.part_card import PartCard
from router.errors import StorageError


@pytest.fixture
def card(bench, theme, qtbot):
    asked = []
    made = PartCard(theme, bench.store.part, asked.append, lambda _part: "more about it")
    qtbot.addWidget(made)
    bench.store.part.changed.subscribe(lambda _state: made.show_state())
    made.asked = asked
    made.show()
    return made


async def test_before_while_and_after_it_starts(bench, card):
    assert card._value.text() == "Not started"
    seen = []
    bench.store.part.changed.subscribe(
        lambda _: seen.append((card._value.text(), card._again.isEnabled()))
    )
    await bench.store.part.start()
    assert seen == [("Starting", False), ("2 chats", True)]
    assert card._fact.text() == "more about it"
    assert card.accessibleName() == "Chat store: Running"


async def test_a_part_that_failed_says_why_and_is_tried_again(bench, card, caplog):
    bench.store.error = StorageError("The disk is full.", safe="Nothing was lost.")
    await bench.store.part.start()
    assert card._value.text() == "Stopped"
    assert card._fact.text() == "The disk is full. Nothing was lost."
    assert card._fact.property("tone") == "danger"
    assert card._again.accessibleName() == "Try again: Chat store"
    card._again.click()
    assert card.asked == [bench.store.part]


async def test_a_part_without_more_facts_says_that_it_runs(bench, theme, qtbot):
    await bench.api.part.start()
    card = PartCard(theme, bench.api.part, lambda _: None, lambda _: "")
    qtbot.addWidget(card)
    assert (card._value.text(), card._fact.text()) == ("127.0.0.1:8082", "Running")
