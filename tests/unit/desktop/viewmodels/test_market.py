"""The market page: reading, choosing, asking providers, keeping how it was looked at."""

import asyncio
from collections.abc import Iterator

import pytest

from morpheus_desktop.market.source import market_source
from morpheus_desktop.viewmodels.market import (
    FORGET_S,
    PING_EVERY_S,
    PINGS_AT_ONCE,
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


# What comes late


class Held:
    """Takes the place of something that is asked; no answer comes before it is let go."""

    def __init__(self, ask) -> None:
        self.asked: list[object] = []
        self.ended = 0
        self.let_go = asyncio.Event()
        self._ask = ask

    async def __call__(self, *arguments):
        self.asked.append(arguments[0] if arguments else None)
        try:
            await self.let_go.wait()
            return await self._ask(*arguments)
        finally:
            self.ended += 1


def test_ratings_of_a_model_that_is_not_chosen_any_more_change_nothing(vm, pages, read, qloop):
    one, two = vm.models[0].id, vm.models[1].id
    held = vm._source.rated = Held(vm._source.rated)
    within(qloop, lambda: vm.choose(one), lambda: held.asked == [one])
    within(qloop, lambda: vm.choose(two), lambda: held.asked == [one, two])
    within(qloop, held.let_go.set, lambda: held.ended == 2 and vm.bids[0].rated)
    assert {row.offer.bid.model_id for row in vm.bids} == {two}


@pytest.mark.parametrize("fails", [False, True])
def test_ratings_of_a_model_that_is_gone_tell_nobody(vm, pages, read, qloop, fails):
    gone = vm.models[2].id
    held = vm._source.rated = Held(vm._source.rated)
    within(qloop, lambda: vm.choose(gone), lambda: held.asked)
    pages.sessions.market = a_market(2)
    read()
    assert vm.chosen == ""
    told: list[str] = []
    vm.bids_changed.connect(lambda: told.append("bids"))
    vm.changed.connect(lambda: told.append("facts"))

    async def broken(_model: str) -> None:
        raise BROKEN

    held._ask = broken if fails else held._ask
    within(qloop, held.let_go.set, lambda: held.ended and not vm._tasks.running("rate"))
    assert (told, vm.problem) == ([], None)


def test_ratings_of_another_network_are_not_waited_for(vm, pages, read, qloop):
    held = vm._source.rated = Held(vm._source.rated)
    within(qloop, lambda: vm.choose(vm.models[0].id), lambda: held.asked)
    within(qloop, lambda: pages.connect(None), lambda: held.ended)
    assert not held.let_go.is_set()


def test_a_market_that_is_read_when_the_network_goes_is_not_shown(vm, pages, qloop):
    held = vm._source.market = Held(vm._source.market)
    within(qloop, vm.refresh, lambda: held.asked)
    within(qloop, lambda: pages.connect(None), lambda: held.ended)
    assert (vm.reading, vm.market) == (False, None)
    held.let_go.set()
    within(qloop, lambda: pages.connect(NETWORKS["base-sepolia"]), lambda: vm.market)
    assert len(held.asked) == 2


def test_another_network_is_read_at_once_whatever_was_being_read(vm, pages, qloop):
    held = vm._source.market = Held(vm._source.market)
    within(qloop, vm.refresh, lambda: held.asked)
    within(qloop, lambda: pages.connect(NETWORKS["base-sepolia"]), lambda: held.ended == 1)
    assert (vm.reading, len(held.asked)) == (True, 2)
    within(qloop, held.let_go.set, lambda: vm.market and not vm.reading)


def test_a_mistake_while_reading_does_not_end_it_for_good(vm, pages, qloop):
    told: list[Exception] = []
    vm.failed.disconnect()
    vm.failed.connect(told.append)
    ask, mistake = vm._source.budget, ValueError("an example")

    async def broken(_at: int) -> None:
        raise mistake

    vm._source.budget = broken
    within(qloop, vm.refresh, lambda: told)
    assert (told, vm.reading) == ([mistake], False)
    vm._source.budget = ask
    within(qloop, vm.refresh, lambda: vm.market)


def test_who_answered_stays_known_and_nothing_is_heard_in_the_end(vm, pages, read, clock, qloop):
    one = provider_of(0)
    within(qloop, lambda: vm.look_at([one]), lambda: vm.reach_of(one).state == "up")
    clock.now += FORGET_S + 1
    read()
    assert vm.reach_of(one).state == "up"
    qloop.run_until_complete(vm.close())
    pages.connect(None)
    assert vm.market is not None


def test_nothing_that_providers_answered_is_taken_along_to_another_network(
    vm, pages, read, clock, qloop
):
    one, two = provider_of(0), provider_of(1)
    within(qloop, lambda: vm.look_at([one]), lambda: vm.reach_of(one).state == "up")
    pages.providers.answer.clear()
    within(qloop, lambda: vm.look_at([two]), lambda: two in pages.providers.pinged)
    within(qloop, lambda: pages.connect(NETWORKS["base-sepolia"]), lambda: vm.models)
    assert vm.reach == {}
    pages.providers.answer.set()
    within(qloop, lambda: None, lambda: not vm._tasks.running(f"ping {two}"))
    assert vm.reach == {}
    within(qloop, lambda: vm.look_at([one]), lambda: vm.reach_of(one).state == "up")
    assert pages.providers.pinged == [one, two, one], "asked again, in the same minute"


def test_only_a_few_providers_are_asked_at_once(vm, pages, qloop):
    many = PINGS_AT_ONCE + 2
    pages.sessions.market = a_market(1, many)
    within(qloop, vm.refresh, lambda: not vm.reading)
    pages.providers.answer.clear()
    everybody = [provider_of(number) for number in range(many)]
    seen = pages.providers.pinged
    within(qloop, lambda: vm.look_at(everybody), lambda: len(seen) >= PINGS_AT_ONCE)
    for _ in range(3):
        within(qloop, lambda: None)
    assert len(seen) == PINGS_AT_ONCE
    within(qloop, pages.providers.answer.set, lambda: len(seen) == many)
    within(qloop, lambda: None, lambda: all(vm.reach_of(one).ms for one in everybody))
