"""What is not settled, and what is all there is: through the dialogs, over a real chain."""

import pytest

from morpheus_desktop.dialogs.review import ReviewDialog
from morpheus_desktop.dialogs.send import SendDialog
from morpheus_desktop.viewmodels.send import Draft
from router.chain.token import TOKEN
from tests.support.waiting import until
from tests.support.wallet_stage import LENA, words
from tests.support.world import MOR


@pytest.mark.parametrize("send", [True, False])
def test_what_was_never_sent_is_sent_or_given_up_by_the_user(stage, desk, send):
    async def settle() -> None:
        record = await desk.sign_and_forget(LENA, 2 * MOR)
        await desk.settle()
        stage.flow.vm.watch(on=False)
        row = await stage.row(record.id, "unsent")
        stage.flow.body.activity.show_rows()
        widget = stage.flow.body.activity._rows[row.key]
        hidden = [b.isHidden() for b in (widget._speed_up, widget._cancel, widget._again)]
        assert hidden == [True] * 3
        assert widget._chip.accessibleName() == "Not sent"
        action = widget._send_now if send else widget._drop
        assert action.text() == ("Send now" if send else "Do not send")
        action.click()
        after = await stage.row(record.id, "pending" if send else "not_sent")
        assert after.record.attempts[0].raw == record.attempts[0].raw
        await desk.settle()
        await stage.gone()
        arrived = await desk.world.chain.read(desk.world.network.token, TOKEN["balanceOf"], LENA)
        assert arrived == (2 * MOR if send else 0)

    stage.run(settle())


def test_an_equal_payment_is_confirmed_by_itself_while_one_is_on_the_way(stage, desk):
    async def pay_twice() -> None:
        await desk.world.rpc("evm_setAutomine", False)
        prepared = await desk.funds.prepare_send("MOR", LENA, MOR)
        first = await desk.funds.connection.transactions.send(prepared)
        stage.flow.send()
        dialog = await stage.review("1", LENA)
        assert "One is still on the way." in words(dialog._note)
        assert first.hash[:6] in words(dialog._note)
        assert not dialog._go.isEnabled()
        assert dialog._checks["twin"].isVisible()
        dialog._checks["twin"].setChecked(True)
        dialog._go.click()
        await stage.gone()

    stage.run(pay_twice())
    assert len(stage.records()) == 2


def test_all_eth_is_reviewed_with_one_fee(stage, desk):
    async def pay() -> None:
        stage.flow._draft = Draft("ETH", "", LENA)
        stage.flow.send()
        form = await stage.shown(SendDialog)
        form._max.click()
        await until(lambda: form._amount.text() and not form._vm.busy)
        form._go.click()
        dialog = await stage.shown(ReviewDialog)
        await until(lambda: dialog._vm.state != "preparing")
        cards = [
            radio.text() for card, radio, _ in dialog._fees._cards.values() if card.isVisible()
        ]
        assert cards == ["Normal"]
        assert dialog._vm.eth_after == (stage.flow.vm.account.eth, 0)
        dialog._go.click()
        await stage.gone()

    stage.run(pay())
    (record,) = stage.records()
    assert record.to == LENA
