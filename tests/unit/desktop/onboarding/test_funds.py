"""The checklist at the end."""

from router.units import WEI
from tests.support.money_desk import FIRST


def test_it_ticks_itself(way, qloop):
    qloop.run_until_complete(way.bench.wallet.watch(FIRST))
    step = way.go("funds")
    way.run(lambda: None, lambda: way.vm.funding.cost)
    assert step._address.text().replace(" ", "") == FIRST
    assert not step._mor.ticked
    assert "You need 12\u00a0MOR more" in step._mor._text.text()
    way.bench.funds.mor = 12 * WEI
    way.run(step._again.click, lambda: step._mor.ticked)
    assert not step._eth.ticked
    assert way.pane._next.isEnabled()  # it can be done later


def test_without_a_network_it_says_when(way):
    way.bench.funds.problem = "No node answered."
    step = way.go("funds")
    way.run(lambda: None, lambda: way.vm.funding.problem)
    assert step._problem.text() == "Will check when you are online. No node answered."
    assert step._mor._amount.text() == "—"


def test_it_looks_by_itself_while_it_is_in_sight(way):
    step = way.go("funds")
    assert step._timer.isActive()
    way.vm.back()
    assert not step._timer.isActive()


def test_play_money_is_marked(way):
    step = way.go("funds")
    assert not step._chip.isVisible()
    way.run(lambda: way.vm.choose("base-sepolia"))
    assert step._chip.accessibleName() == "Test tokens"
    assert step._chip.isVisible()
