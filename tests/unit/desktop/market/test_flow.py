"""What the rows of the market lead to, and what is kept of it between starts."""

from collections.abc import Iterator

import pytest

from morpheus_desktop.market.flow import MarketFlow
from morpheus_desktop.prefs import Prefs
from tests.support.session_pages import SessionPages, StatedWallet, provider_of, rated
from tests.support.waiting import within


class Opening:
    """Remembers which sessions were to be opened."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def open_bid(self, *arguments: object) -> None:
        self.asked.append(arguments)


class Stage:
    def __init__(self, theme, prefs, qloop) -> None:
        self.pages, self.wallet, self.opening = SessionPages(), StatedWallet(), Opening()
        self.prefs, self.said, self.loop = prefs, [], qloop
        self.theme = theme
        self.flow = self.make()

    def make(self) -> MarketFlow:
        return MarketFlow(
            self.pages, self.wallet, self.theme, self.prefs, self.opening,
            say=self.said.append, report=self.said.append,
        )  # fmt: skip

    def choose(self) -> None:
        vm = self.flow.vm
        within(self.loop, vm.refresh, lambda: not vm.reading)
        model = vm.models[0].id
        within(self.loop, lambda: vm.choose(model), lambda: vm.bids and vm.bids[0].rated)


@pytest.fixture
def stage(theme, prefs, qloop, qtbot) -> Iterator[Stage]:
    made = Stage(theme, prefs, qloop)
    qtbot.addWidget(made.flow.body)
    yield made
    qloop.run_until_complete(made.flow.close())


def test_exactly_the_bid_that_was_clicked_is_opened(stage):
    stage.choose()
    row = stage.flow.vm.bids[1]
    stage.flow.body.open_asked.emit(row.id)
    (asked,) = stage.opening.asked
    assert asked[0] == row.id
    assert asked[1].address == row.provider
    assert asked[2:] == ("Model 0", 3600)


@pytest.mark.parametrize(("kind", "words"), [("watch", "only watched"), ("none", "no wallet")])
def test_who_cannot_sign_is_told_why(stage, kind, words):
    stage.choose()
    stage.wallet.become(kind)
    stage.flow.open(stage.flow.vm.bids[0].id)
    assert words in stage.said[0]
    assert stage.opening.asked == []


def test_ones_own_bid_is_not_opened(stage, monkeypatch):
    from dataclasses import replace

    async def own(model_id: str):
        found = rated(stage.pages.sessions.market, model_id)
        return [replace(each, excluded="own", score=None) for each in found]

    stage.pages.sessions.rated = own
    stage.choose()
    stage.flow.open(stage.flow.vm.bids[0].id)
    assert "your own bid" in stage.said[0]


def test_a_bid_that_is_gone_has_the_market_read_again(stage):
    stage.choose()
    before = stage.pages.market.read
    within(stage.loop, lambda: stage.flow.open("0xgone"), lambda: stage.pages.market.read > before)
    within(stage.loop, lambda: None, lambda: not stage.flow.vm.reading)
    assert "gone" in stage.said[0]


def test_how_it_was_looked_at_is_there_at_the_next_start(stage, tmp_path, qloop, qtbot):
    vm = stage.flow.vm
    vm.set_filters(query="llama", tee=True)
    vm.set_unit("day")
    vm.sort_models("name", True)
    vm.star("0xab")
    vm.set_split((300, 200))
    qloop.run_until_complete(stage.flow.close())
    stage.prefs = Prefs(stage.prefs._path)
    again = stage.make()
    assert again.vm.kept == vm.kept
    assert again.body.filters.search is not None
    qtbot.addWidget(again.body)
    qloop.run_until_complete(again.close())


def test_the_bids_of_a_model_can_be_asked_for(stage):
    stage.choose()
    model = stage.flow.vm.models[1].id
    within(stage.loop, lambda: stage.flow.show_bids(model), lambda: stage.flow.vm.bids[0].rated)
    assert stage.flow.vm.chosen == model


def test_answers_of_providers_come_from_the_network(stage):
    stage.choose()
    vm, address = stage.flow.vm, provider_of(0)
    within(stage.loop, lambda: vm.look_at([address]), lambda: vm.reach_of(address).state == "up")
    assert vm.reach_of(address).ms == 40
