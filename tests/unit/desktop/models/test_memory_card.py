"""The bar: used, loaded, and hatched what the chosen model would need."""

import pytest

from morpheus_desktop.models.memory_card import MemoryCard
from morpheus_desktop.viewmodels import models
from router.inference.memory import Memory
from tests.support.waiting import until

GIGA = 10**9


@pytest.fixture
async def card(desk, theme, qtbot, monkeypatch):
    monkeypatch.setattr(models, "memory", lambda: Memory(16 * GIGA, 9 * GIGA))
    desk.write_own("talker")
    await desk.start()
    desk.vm.watch_memory(on=True)
    desk.vm.watch_memory(on=False)
    made = MemoryCard(desk.vm, theme)
    qtbot.addWidget(made)
    made.resize(900, 100)
    made.show()
    return made


def plain(label) -> str:
    return label.text().replace("\u00a0", " ")


def test_without_a_model_it_shows_what_is_used(card):
    card.show_need(None)
    assert [part.words.replace("\u00a0", " ") for part in card._bar.parts] == [
        "System and other apps: 7.0 GB"
    ]
    assert plain(card._verdict) == "9.0 GB of 16.0 GB are free"


def test_the_chosen_model_is_hatched(desk, card):
    row = desk.row("talker")
    card.show_need(row)
    hatched = [part for part in card._bar.parts if part.hatched]
    assert len(hatched) == 1
    assert hatched[0].share == pytest.approx(row.needs / (16 * GIGA))
    assert plain(card._verdict).startswith("Fits: 8.9 GB of 16.0 GB would stay free")


async def test_the_loaded_one_is_not_hatched(desk, card):
    desk.vm.load("talker")
    await until(lambda: desk.row("talker").status == "loaded")
    card.show_need(desk.row("talker"))
    assert [part.hatched for part in card._bar.parts] == [False, False]
    assert "talker, loaded" in card._bar.parts[1].words


def test_too_big_says_how_much_more_it_would_take(desk, card, monkeypatch):
    desk.vm.memory = Memory(16 * GIGA, 1000)
    card.show_need(desk.row("talker"))
    assert plain(card._verdict) == "Too big: 0.1 GB more would be needed"
    assert card._verdict.property("tone") == "warn"
