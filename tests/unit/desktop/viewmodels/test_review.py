"""What was shown is what is signed; nothing is signed before it was confirmed."""

import dataclasses

import pytest

from morpheus_desktop.viewmodels.recipient import Recipient, look_at
from morpheus_desktop.viewmodels.review import ReviewViewModel, Wish
from morpheus_desktop.viewmodels.wallet import WalletViewModel
from router.chain.fees import Fee
from router.errors import StorageError
from tests.support.waiting import until
from tests.support.wallet_desk import PASSWORD, wallet_desk
from tests.support.world import MOR

LENA = "0x8f26C64f2e734d191e0B7CaF07d8FD1b4ac8F5c1"
ALIKE = "0x8f268b4f5a959eE996e76fDe637FBa61288df5c1"


class Clip:
    text = ""

    def __call__(self) -> str:
        return self.text


@pytest.fixture
def clip() -> Clip:
    return Clip()


async def review(
    wallet: WalletViewModel, clip: Clip, to: str = LENA, amount: int = 25 * MOR, **more
) -> ReviewViewModel:
    recipient = await look_at(to, wallet.funds)
    wish = Wish(
        "Review and send",
        "Send {amount}",
        "Sent",
        lambda: wallet.funds.prepare_send("MOR", to, amount),
        recipient=recipient,
        is_typed=True,
    )
    made = ReviewViewModel(wallet, dataclasses.replace(wish, **more), clip)
    assert made.blocked == "It is being tried."
    await made.prepare()
    return made


async def test_exactly_what_was_shown_is_signed(wallet, clip, funded_desk):
    made = await review(wallet, clip, label="rent")
    assert made.blocked == ""
    made.choose("fast")
    shown = made.prepared
    assert shown is made.options["fast"]
    assert made.mor_after == (100 * MOR, 75 * MOR)
    assert made.eth_after == (wallet.account.eth, wallet.account.eth - shown.coin_max)
    made.send()
    await until(lambda: made.outcome)
    assert made.outcome == "sent"
    record = made.record
    (attempt,) = record.attempts
    assert (record.to, record.data, record.nonce) == (
        shown.intent.to,
        shown.intent.data,
        shown.nonce,
    )
    assert (attempt.gas, attempt.max_fee, attempt.tip) == (shown.gas, shown.fee.most, shown.fee.tip)
    assert record.label == "rent"
    made.send()
    assert len(await funded_desk.funds.transactions()) == 1
    await made.close()


async def test_a_note_that_cannot_be_kept_is_no_failed_payment(
    wallet, clip, funded_desk, monkeypatch
):
    made, told = await review(wallet, clip, label="rent"), []
    wallet.failed.connect(told.append)

    async def full(*_args, **_more):
        raise StorageError("The journal could not be written.")

    monkeypatch.setattr(funded_desk.funds.connection.transactions, "label", full)
    await made.sign()
    assert (made.outcome, made.state, made.problem) == ("sent", "sent", None)
    assert [error.message for error in told] == ["The journal could not be written."]
    assert [made.record] == await funded_desk.funds.transactions()
    await made.close()


async def test_another_transaction_in_between_is_shown_anew(wallet, clip, funded_desk):
    made = await review(wallet, clip)
    before = made.prepared
    other = await funded_desk.funds.prepare_send("MOR", LENA, MOR)
    await funded_desk.funds.connection.transactions.send(other)
    await made.sign()
    assert (made.outcome, made.state) == ("", "ready")
    assert "Look at it again" in made.notice
    assert made.prepared.nonce == before.nonce + 1
    assert len(await funded_desk.funds.transactions()) == 1
    await made.sign()
    assert made.outcome == "sent"
    await made.close()


async def test_a_look_alike_is_sent_to_only_after_it_was_confirmed(wallet, clip, funded_desk):
    funded_desk.funds.book.set(LENA, "Lena")
    made = await review(wallet, clip, ALIKE)
    assert made.needs == ("alike",)
    assert made.blocked == "Check the address first."
    await made.sign()
    assert await funded_desk.funds.transactions() == []
    made.confirm("alike", on=True)
    assert made.blocked == ""
    made.confirm("alike", on=False)
    assert made.blocked
    await made.close()


async def test_an_unusual_fee_is_confirmed_by_itself_and_again_for_another(wallet, clip):
    async def dear():
        """A second node said that so much was never paid; nobody is asked again."""
        prepared = await wallet.funds.prepare_send("MOR", LENA, 25 * MOR)
        return dataclasses.replace(prepared, fees=dataclasses.replace(prepared.fees, median=0))

    made = await review(wallet, clip, prepare=dear)
    assert made.needs == ("unusual_fee",)
    made.confirm("unusual_fee", on=True)
    assert made.blocked == ""
    made.choose("fast")
    assert made.blocked == "Confirm the unusual fee first."
    await made.sign()
    assert made.record is None
    made.confirm("unusual_fee", on=True)
    await made.sign()
    assert made.outcome == "sent"
    await made.close()


async def test_a_fee_that_cannot_be_paid_is_not_offered(wallet, clip):
    made = await review(wallet, clip)
    dear = dataclasses.replace(made.options["fast"], fee=Fee(10**18, 1))
    made.options = {**made.options, "fast": dear}
    assert made.too_dear("fast")
    made.choose("fast")
    assert made.blocked == "There is not enough ETH for this fee."
    await made.close()


async def test_the_clipboard_is_read_again_before_signing(wallet, clip, funded_desk):
    clip.text = LENA
    made = await review(wallet, clip)
    clip.text = ALIKE
    await made.sign()
    assert made.in_clipboard == ALIKE
    assert made.blocked == "Check the address again: the clipboard has changed."
    assert await funded_desk.funds.transactions() == []
    made.confirm("clipboard", on=True)
    await made.sign()
    assert made.outcome == "sent"
    await made.close()


async def test_a_text_in_the_clipboard_is_no_address(wallet, clip):
    made = await review(wallet, clip)
    clip.text = "something else"
    await made.sign()
    assert made.outcome == "sent"
    await made.close()


async def test_what_would_fail_says_why_and_cannot_be_sent(wallet, clip):
    made = await review(wallet, clip, amount=101 * MOR)
    assert made.state == "failed"
    assert made.problem.message == "There is not enough MOR in the wallet."
    assert made.blocked == "It would fail."
    await made.sign()
    assert made.record is None
    await made.close()


async def test_bytes_for_somebody_else_than_shown_are_never_signed(wallet, clip):
    made = await review(wallet, clip, recipient=Recipient(ALIKE))
    assert made.state == "failed"
    assert "another address" in made.problem.message
    await made.close()


async def test_a_contract_is_confirmed_by_itself(wallet, clip, funded_desk):
    made = await review(wallet, clip, funded_desk.world.network.diamond)
    assert made.needs == ("contract",)
    assert made.blocked
    await made.close()


async def test_the_same_twice_is_confirmed_by_itself(wallet, clip, funded_desk):
    await funded_desk.world.rpc("evm_setAutomine", False)
    first = await review(wallet, clip)
    await first.sign()
    second = await review(wallet, clip)
    assert second.needs == ("twin",)
    assert second.blocked == "Confirm that it shall be sent a second time."
    await second.sign()
    assert second.record is None
    second.confirm("twin", on=True)
    await second.sign()
    assert second.outcome == "sent"
    assert len(await funded_desk.funds.transactions()) == 2
    for each in (first, second):
        await each.close()


async def test_a_locked_wallet_signs_after_it_was_unlocked(tmp_path, qapp, clip):
    async with wallet_desk(tmp_path, borrow=False) as funded_desk:
        await funded_desk.import_user()
        wallet = WalletViewModel(funded_desk.money)
        wallet.refresh()
        await until(lambda: wallet.account and not wallet.reading)
        funded_desk.wallet.lock()
        assert wallet.cannot_sign == ""
        made = await review(wallet, clip)
        shown = made.prepared
        await made.sign()
        assert (made.outcome, made.state, made.record) == ("locked", "ready", None)
        await funded_desk.wallet.unlock(PASSWORD)
        await made.sign()
        assert made.outcome == "sent"
        assert made.record.data == shown.intent.data
        await until(lambda: not wallet.reading)
        await made.close()
        await wallet.close()


async def test_a_replacement_has_one_fee(wallet, clip, funded_desk):
    await funded_desk.world.rpc("evm_setAutomine", False)
    prepared = await funded_desk.funds.prepare_send("MOR", LENA, MOR)
    record = await funded_desk.funds.connection.transactions.send(prepared)
    transactions = funded_desk.funds.connection.transactions
    wish = Wish(
        "Cancel",
        "Cancel it",
        "Cancelled",
        lambda: transactions.prepare_cancel(record.id),
        speeds=False,
    )
    made = ReviewViewModel(wallet, wish, clip)
    await made.prepare()
    assert [*made.options] == ["normal"]
    assert made.mor_after is None
    await made.sign()
    assert made.outcome == "sent"
    assert len(made.record.attempts) == 2
    await made.close()
