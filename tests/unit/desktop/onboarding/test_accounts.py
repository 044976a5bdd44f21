"""The accounts of a phrase."""

import pytest

from tests.support.money_desk import FIRST, PHRASE


@pytest.fixture
def step(way):
    way.vm.begin("import")
    way.vm.set(phrase=PHRASE)
    way.run(way.vm.forward, lambda: way.vm.accounts)
    return way.pane.step("accounts")


def rows(step):
    return [step._list.item(row).text() for row in range(step._list.count())]


def test_twenty_with_their_full_addresses(step):
    assert len(rows(step)) == 20
    assert rows(step)[0] == f" 1  {FIRST}"
    assert step._chosen.text() == "Account 1, m/44'/60'/0'/0/0"


def test_another_one_is_chosen(way, step):
    step._list.setCurrentRow(4)
    assert way.vm.draft.index == 4
    assert step._chosen.text() == "Account 5, m/44'/60'/0'/0/4"


def test_balances_stand_beside_them(way, step):
    way.run(step._look.click, lambda: way.vm.accounts[0].balance)
    assert "3\u00a0MOR" in rows(step)[3]


def test_other_paths(way, step):
    before = rows(step)
    way.run(lambda: step._template.chosen.emit("ledger_live"), lambda: rows(step) != before)
    assert rows(step)[0] == before[0]
    assert rows(step)[1] != before[1]
    way.run(lambda: step._template.chosen.emit("custom"), lambda: len(rows(step)) == 1)
    assert step._path_field.isVisible()
    step._path.setText("m/44'/60'/x")
    assert "not a derivation path" in step._path_field.problem
    assert not way.pane._next.isEnabled()


def test_they_are_forgotten(way, step):
    way.vm.forget()
    assert rows(step) == []
