"""The market page: reading, choosing, asking providers, keeping how it was looked at."""

from collections.abc import Iterator

import pytest

from morpheus_desktop.market.source import market_source
from morpheus_desktop.viewmodels.market import (
    FORGET_S,
    PING_EVERY_S,
    READ_DEMO_EVERY_S,
    STALE_S,
    MarketViewModel,
)
from morpheus_desktop.viewmodels.market_kept import RATING
from router.chain.session_cost import stake_for
from router.errors import ChainUnavailable
from router.networks import NETWORKS
from tests.support.session_pages import (
    BUDGET,
    HOUR,
    PRICE,
    SUPPLY,
    StatedWallet,
    a_market,
    provider_of,
)
from tests.support.waiting import until, within

BROKEN = ChainUnavailable("The node does not answer.")


@pytest.fixture
def wallet() -> StatedWallet:
    return StatedWallet()


@pytest.fixture
def vm(pages, wallet, clock, qloop) -> Iterator[MarketViewModel]:
    errors: list[Exception] = []
    made = MarketViewModel(market_source(pages, wallet), clock=clock)
    made.failed.connect(errors.append)
    yield made
    qloop.run_until_complete(made.close())
    assert errors == []


@pytest.fixture
def read(vm, qloop):
    def again() -> None:
        within(qloop, vm.refresh, lambda: not vm.reading)

    again()
    return again


def ids(vm) -> list[str]:
    return [row.id for row in vm.models]


def test_models_come_cheapest_first_and_sort_both_ways(vm, read):
    assert vm.totals == (3, 6)
    assert [row.price for row in vm.models] == [PRICE, 2 * PRICE, 3 * PRICE]
    vm.sort_models("price", True)
    assert [row.price for row in vm.models] == [3 * PRICE, 2 * PRICE, PRICE]


def test_the_stake_is_that_of_the_contract(vm, read):
    assert vm.stake(PRICE) == stake_for(PRICE, HOUR, SUPPLY, BUDGET)
    vm.set_stake_seconds(900)
    assert vm.stake(PRICE) == stake_for(PRICE, 900, SUPPLY, BUDGET)
    assert vm.stake(None) is None


def test_before_the_first_answer_no_stake_is_known(vm):
    assert vm.stake(PRICE) is None
    assert not vm.stale


def test_bids_of_the_chosen_model_come_as_they_are_rated(vm, read, qloop):
    model = vm.models[1].id
    within(qloop, lambda: vm.choose(model), lambda: vm.bids and vm.bids[0].rated)
    assert vm.chosen_row.id == model
    assert [row.best for row in vm.bids] == [True, False]
    vm.sort_bids("price", False)
    assert [row.price for row in vm.bids] == [2 * PRICE, 3 * PRICE]
    assert [row.best for row in vm.bids] == [False, True]
    vm.sort_bids(RATING, False)
    assert [row.best for row in vm.bids] == [True, False]


def test_what_failed_keeps_what_was_read(vm, pages, read):
    pages.market.problem = BROKEN
    read()
    assert vm.problem is BROKEN
    assert len(vm.models) == 3
    pages.market.problem = None
    read()
    assert vm.problem is None


def test_a_model_that_is_gone_is_not_chosen_any_more(vm, pages, read, qloop):
    gone = vm.models[2].id
    within(qloop, lambda: vm.choose(gone), lambda: vm.bids and vm.bids[0].rated)
    pages.sessions.market = a_market(2)
    read()
    assert (vm.chosen, vm.bids) == ("", [])


def test_only_what_is_seen_is_asked_once_a_minute(vm, pages, read, clock, qloop):
    one, two = provider_of(0), provider_of(1)
    seen = pages.providers.pinged
    within(qloop, lambda: vm.look_at([one, one]), lambda: vm.reach_of(one).state == "up")
    assert vm.reach_of(one).ms == 40
    vm.look_at([one])
    assert seen == [one]
    clock.now += PING_EVERY_S
    within(qloop, lambda: vm.look_at([one, two]), lambda: vm.reach_of(two).state == "up")
    assert sorted(seen) == sorted([one, one, two])
    vm.look_at(["0x" + "99" * 20])


def test_the_rows_follow_answers_and_silence(vm, pages, read, qloop):
    pages.providers.silent |= {provider_of(0), provider_of(1)}
    model = vm.models[0].id
    within(qloop, lambda: vm.choose(model), lambda: vm.bids and vm.bids[0].rated)
    within(qloop, lambda: vm.look_at(pages.sessions.market.providers), lambda: not vm.models)
    assert {row.reach.state for row in vm.bids} == {"down"}
    assert vm.bids[0].reach.why == "It did not answer within 10 s."
    assert vm.tightest == ("online", 3)
    vm.clear_filter("online")
    assert len(vm.models) == 3
    pages.providers.silent.clear()
    within(qloop, lambda: vm.ask_again(provider_of(0)), lambda: vm.bids[1].reach.state == "up")


def test_a_provider_that_was_silent_gets_another_chance(vm, pages, read, clock, qloop):
    pages.providers.silent |= {provider_of(0), provider_of(1)}
    within(qloop, lambda: vm.look_at(pages.sessions.market.providers), lambda: not vm.models)
    clock.now += FORGET_S + 1
    read()
    assert len(vm.models) == 3


@pytest.mark.parametrize(
    ("name", "value"), [("query", "zzz"), ("kind", "speech"), ("tee", True), ("price", 1)]
)
def test_each_filter_can_be_taken_away(vm, read, name, value):
    vm.set_filters(**{name: value})
    assert vm.models == []
    assert vm.tightest == (name, 3)
    vm.clear_filter(name)
    assert len(vm.models) == 3


def test_the_highest_price_goes_along_with_the_unit(vm, read):
    price = PRICE * 3600 * 2
    vm.set_filters(price=price, price_per_s=3600)
    assert len(vm.models) == 2
    for unit, expected in (("day", price * 24), ("hour", price), ("second", price // 3600)):
        vm.set_unit(unit)
        assert vm.filters.price == expected
        assert len(vm.models) == 2


def test_stars_are_kept_and_told(vm, read, qtbot):
    model = vm.models[0].id
    with qtbot.waitSignal(vm.kept_changed):
        vm.star(model)
    assert vm.models[0].favourite
    assert vm.kept.stars == {model}
    vm.star(model)
    assert not vm.kept.stars


def test_another_network_forgets_what_was_read(vm, pages, read, qloop):
    within(qloop, lambda: vm.choose(vm.models[0].id), lambda: vm.bids and vm.bids[0].rated)
    pages.connect(None)
    assert not vm.connected
    assert (vm.market, vm.models, vm.bids, vm.chosen) == (None, [], [], "")
    assert vm.cannot_open == "No network is connected."
    within(qloop, lambda: pages.connect(NETWORKS["base-sepolia"]), lambda: vm.models)
    before = pages.market.read
    pages.connect(NETWORKS["base-sepolia"])
    assert pages.market.read == before


def test_old_prices_open_nothing(vm, read, clock):
    assert vm.cannot_open == ""
    clock.now += STALE_S + 1
    assert vm.stale
    assert "have to be read again" in vm.cannot_open


def test_only_a_wallet_with_a_key_opens(vm, wallet, read):
    for kind, words in (("watch", "only watched"), ("none", "no wallet")):
        wallet.become(kind)
        assert words in vm.cannot_open
    wallet.become("locked")
    assert vm.cannot_open == ""


def test_it_reads_while_somebody_looks_and_again_when_it_is_old(vm, pages, clock, qloop):
    async def run() -> None:
        vm.watch(on=True)
        await until(lambda: pages.market.read == 1 and not vm.reading)
        clock.now += 61
        await until(lambda: pages.market.read == 2 and not vm.reading)
        vm.watch(on=False)

    qloop.run_until_complete(run())


def test_the_demo_network_is_read_every_few_seconds_because_its_providers_come_later(
    vm, pages, clock, qloop
):
    async def run() -> None:
        pages.connect(NETWORKS["demo"])
        vm.watch(on=True)
        await until(lambda: pages.market.read == 1 and not vm.reading)
        clock.now += READ_DEMO_EVERY_S
        await until(lambda: pages.market.read == 2 and not vm.reading)
        vm.watch(on=False)

    qloop.run_until_complete(run())
