"""Filling in a payment, over a real chain."""

from collections.abc import AsyncIterator

import pytest

from morpheus_desktop.viewmodels.review import Wish
from morpheus_desktop.viewmodels.send import Draft, SendViewModel
from tests.support.waiting import until
from tests.support.wallet_desk import FUNDED
from tests.support.world import MOR

LENA = "0x8f26C64f2e734d191e0B7CaF07d8FD1b4ac8F5c1"


@pytest.fixture
async def form(wallet) -> AsyncIterator[SendViewModel]:
    made = SendViewModel(wallet)
    yield made
    await made.close()


async def reviewed(form: SendViewModel) -> Wish:
    wishes: list[Wish] = []
    form.ready.connect(wishes.append)
    form.review()
    await until(lambda: wishes or form.error)
    assert form.error is None
    return wishes[0]


def test_an_empty_form_is_not_wrong_but_incomplete(form):
    assert (form.amount_problem, form.recipient_problem) == ("", "")
    assert form.incomplete == "Type an amount first."
    form.set(amount="1")
    assert form.incomplete == "Say to whom first."


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("2,5", "comma"),
        ("-1", "not an amount"),
        ("1e3", "not an amount"),
        ("0", "Nothing would be sent"),
        ("100.5", "You need 0.5\u00a0MOR more."),
        ("1." + "0" * 19, "18 decimals"),
    ],
)
def test_a_wrong_amount_says_what_is_wrong(form, amount, words):
    form.set(amount=amount, to=LENA)
    assert words in form.amount_problem
    assert words in form.incomplete
    assert form.draft.amount == amount  # nothing typed is lost


async def test_all_mor_is_all_of_it(form):
    form.use_max()
    assert (form.draft.amount, form.draft.is_max) == ("100", True)
    form.set(to=LENA)
    wish = await reviewed(form)
    prepared = await wish.prepare()
    assert prepared.decoded.effects[0].amount == FUNDED
    form.set(amount="1")
    assert not form.draft.is_max


async def test_all_eth_leaves_the_fee(form, wallet, funded_desk):
    form.set(coin="ETH", to=LENA)
    form.use_max()
    await until(lambda: form.draft.is_max)
    await until(lambda: not form.busy)
    wish = await reviewed(form)
    prepared = await wish.prepare()
    assert prepared.coin_max == wallet.account.eth
    (effect,) = prepared.decoded.effects
    assert (effect.amount, effect.token) == (prepared.intent.value, "ETH")
    assert not wish.speeds
    await funded_desk.funds.connection.transactions.send(prepared)
    left = (await funded_desk.funds.account()).eth
    assert left <= prepared.fee_max
    assert await funded_desk.world.chain.balance(LENA) == prepared.intent.value


async def test_max_without_any_eth_is_refused_in_words(form, funded_desk, wallet):
    funded_desk.wallet.give_back()
    funded_desk.wallet.borrow(b"\x07" * 32)
    wallet.refresh()
    await until(lambda: wallet.account and wallet.account.eth == 0)
    form.set(coin="ETH")
    form.use_max()
    await until(lambda: form.error)
    assert form.error.message == "There is no ETH."


async def test_the_wish_is_what_was_typed(form, funded_desk):
    funded_desk.funds.book.set(LENA, "Lena")
    form.set(amount="2.5", to="lena", label=" rent ")
    wish = await reviewed(form)
    assert (wish.recipient.address, wish.label) == (LENA, "rent")
    prepared = await wish.prepare()
    (effect,) = prepared.decoded.effects
    assert (effect.token, effect.amount, effect.counterparty) == ("MOR", MOR * 5 // 2, LENA)


async def test_a_draft_is_taken_up_again(wallet):
    form = SendViewModel(wallet, Draft("ETH", "1", LENA))
    assert form.recipient == LENA
    form.set(coin="MOR")
    assert form.draft == Draft("MOR", "1", LENA)
    await form.close()


async def test_a_network_that_is_gone_keeps_the_draft(form, funded_desk, wallet, monkeypatch):
    form.set(amount="1", to=LENA)
    await funded_desk.funds.connection.nodes.close()
    funded_desk.funds.connection.nodes._states.clear()
    form.review()
    await until(lambda: form.error)
    assert form.draft.amount == "1"
    assert not form.busy
