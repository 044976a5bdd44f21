"""Filling in a payment, over a real chain."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from morpheus_desktop.viewmodels.review import Wish
from morpheus_desktop.viewmodels.send import Draft, SendViewModel
from router.errors import ChainUnavailable
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


async def test_an_amount_typed_after_max_is_that_amount(form):
    form.set(coin="ETH", to=LENA)
    form.use_max()
    await until(lambda: form.draft.is_max and not form.busy)
    form.set(label="rent")
    assert form.draft.is_max  # a note changes no amount
    form.set(amount="0.25")
    wish = await reviewed(form)
    assert wish.speeds
    assert (await wish.prepare()).intent.value == MOR // 4


async def test_all_of_one_coin_is_not_all_of_the_other(form):
    form.use_max()
    form.set(coin="ETH", amount="1", to=LENA)
    wish = await reviewed(form)
    assert wish.speeds
    assert (await wish.prepare()).intent.value == MOR
    form.set(coin="MOR")
    form.use_max()
    form.set(coin="ETH")
    assert not form.draft.is_max


async def test_all_mor_is_sent_at_any_speed(form):
    form.use_max()
    form.set(to=LENA)
    assert (await reviewed(form)).speeds


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


@pytest.fixture
def slow(funded_desk, monkeypatch):
    """What is asked of the network is answered when `go_on` is set; `asked` says that it was."""
    funds, made = funded_desk.funds, SimpleNamespace()
    made.asked, made.go_on, made.refusal = asyncio.Event(), asyncio.Event(), None

    def slowly(name: str, of: object) -> None:
        answer = getattr(of, name)

        async def late(*args, **more):
            made.asked.set()
            await made.go_on.wait()
            if made.refusal is not None:
                raise made.refusal
            return await answer(*args, **more)

        monkeypatch.setattr(of, name, late)

    slowly("prepare_send_all", funds)
    slowly("is_contract", funds)
    return made


async def test_all_eth_is_not_filled_into_a_draft_of_another_coin(form, slow):
    form.set(coin="ETH")
    form.use_max()
    await slow.asked.wait()
    form.set(coin="MOR")
    slow.go_on.set()
    await until(lambda: not form.busy)
    assert form.draft == Draft("MOR")


async def test_all_eth_is_filled_in_when_only_the_recipient_was_typed(form, slow):
    form.set(coin="ETH")
    form.use_max()
    await slow.asked.wait()
    form.set(to=LENA)
    slow.go_on.set()
    await until(lambda: not form.busy)
    assert (form.draft.to, form.draft.is_max) == (LENA, True)


@pytest.mark.parametrize("change", [{"amount": "2"}, {"to": "0x" + "11" * 20}, {"coin": "ETH"}])
async def test_what_was_changed_meanwhile_is_not_reviewed_as_it_was(form, slow, change):
    wishes = []
    form.ready.connect(wishes.append)
    form.set(amount="1", to=LENA)
    form.review()
    await slow.asked.wait()
    form.set(**change)
    slow.go_on.set()
    await until(lambda: not form.busy)
    assert wishes == []
    assert form.error is None


async def test_why_an_older_draft_failed_is_not_said_of_the_new_one(form, slow):
    form.set(coin="ETH", amount="0.1", to=LENA)
    form.review()
    await slow.asked.wait()
    form.set(amount="0.2")
    slow.refusal = ChainUnavailable("No node answered.")
    slow.go_on.set()
    await until(lambda: not form.busy)
    assert form.error is None


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
