"""Sending and what else moves money, through the dialogs, over a real chain."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton

from morpheus_desktop.commands import Commands
from morpheus_desktop.dialogs.permissions import PermissionsDialog
from morpheus_desktop.dialogs.receive import ReceiveDialog
from morpheus_desktop.dialogs.review import HIDDEN, ReviewDialog
from morpheus_desktop.dialogs.send import SendDialog
from morpheus_desktop.dialogs.unlock import UnlockDialog
from morpheus_desktop.viewmodels.review import Wish
from morpheus_desktop.widgets.overlay import Overlay
from tests.support.looks import clipped, unnamed
from tests.support.waiting import until
from tests.support.wallet_desk import PASSWORD
from tests.support.wallet_stage import LENA, words
from tests.support.world import MOR, START

ALIKE = "0x8f268b4f5a959eE996e76fDe637FBa61288df5c1"


def test_a_payment_in_two_steps(stage, qtbot):
    async def pay() -> None:
        stage.flow.send()
        dialog = await stage.review("25", LENA)
        text = words(dialog)
        for part in (
            "You send",
            "25\u00a0MOR",
            "100 → 75",
            "It would work, at block",
            "First time",
        ):
            assert part in text, part
        assert dialog._go.text() == "Send 25\u00a0MOR"
        assert dialog._safe.hasFocus()
        assert (clipped(dialog), unnamed(dialog)) == ([], [])
        qtbot.mouseClick(dialog._go, Qt.MouseButton.LeftButton)
        await stage.gone()

    stage.run(pay())
    assert stage.said == ["The payment is on its way"]
    (record,) = stage.records()
    assert record.purpose == "Send 25 MOR"


def test_enter_in_a_field_confirms_nothing(stage, qtbot):
    async def type_and_enter() -> None:
        stage.flow.send()
        dialog = await stage.fill("25", LENA)
        assert dialog._go.isEnabled()
        for field in dialog.findChildren(QLineEdit):
            field.setFocus()
            qtbot.keyClick(field, Qt.Key.Key_Return)
        assert stage.dialog is dialog
        assert not dialog._vm.busy
        dialog.reject()
        await stage.gone()

    stage.run(type_and_enter())
    assert stage.records() == []


def test_what_was_typed_is_there_again(stage):
    async def leave_and_return() -> None:
        stage.flow.send()
        (await stage.fill("2,5", "0x12")).reject()
        await stage.gone()
        stage.flow.send()
        dialog = await stage.shown(SendDialog)
        assert (dialog._amount.text(), dialog._to.text()) == ("2,5", "0x12")
        assert "comma" in dialog._amount_field.problem
        assert "not an address" in dialog._to_field.problem
        assert not dialog._go.isEnabled()
        dialog.reject()
        await stage.gone()

    stage.run(leave_and_return())


def test_back_leads_to_the_form_and_forward_again(stage):
    async def back() -> None:
        stage.flow.send()
        (await stage.review("25", LENA))._safe.click()
        dialog = await stage.shown(SendDialog)
        assert (dialog._amount.text(), dialog._to.text()) == ("25", LENA)
        dialog.reject()
        await stage.gone()

    stage.run(back())


def test_a_look_alike_offers_the_known_address_first(stage, desk):
    async def pay() -> None:
        desk.funds.book.set(LENA, "Lena")
        stage.flow.send()
        dialog = await stage.review("25", ALIKE)
        safe = dialog._recipient.safe_button
        assert safe.hasFocus()
        assert safe.text() == "Use Lena instead"
        assert not dialog._go.isEnabled()
        assert "looks like Lena, but it is a different address" in words(dialog)
        dialog._checks["alike"].setChecked(True)
        assert dialog._go.isEnabled()
        safe.click()
        form = await stage.shown(SendDialog)
        assert form._to.text() == LENA
        form.reject()
        await stage.gone()

    stage.run(pay())
    assert stage.records() == []


def test_hidden_amounts_are_shown_before_anything_is_signed(stage, amounts):
    async def pay() -> None:
        amounts.toggle()
        stage.flow.send()
        dialog = await stage.review("25", LENA)
        assert "25" not in words(dialog._summary) + dialog._figure.text() + dialog._go.text()
        assert dialog._go.toolTip() == HIDDEN
        dialog._show_amounts.click()
        assert dialog._go.isEnabled()
        dialog.reject()
        await stage.gone()

    stage.run(pay())


def test_all_digits_are_shown_and_the_button_rounds_up(stage):
    async def pay() -> None:
        stage.flow.send()
        dialog = await stage.review("1.000000001000000001", LENA)
        assert dialog._figure.text() == "1.000000001000000001\u00a0MOR"
        assert dialog._go.text() == "Send 1.0001\u00a0MOR"
        dialog.reject()
        await stage.gone()

    stage.run(pay())


def test_a_permission_says_exactly_how_much(stage, desk):
    async def allow() -> None:
        wish = Wish(
            "Give a permission", "Allow {amount}", "Allowed",
            lambda: desk.funds.prepare_approve(5 * MOR + 1),
        )  # fmt: skip
        stage.flow.turns.start(lambda: stage.flow._review(wish))
        dialog = await stage.shown(ReviewDialog)
        await until(lambda: dialog._vm.state == "ready")
        assert dialog._what.text() == "It may take exactly"
        assert dialog._figure.text() == "5.000000000000000001\u00a0MOR"
        dialog.reject()
        await stage.gone()

    stage.run(allow())


def test_it_cannot_be_left_while_it_is_signed(stage, desk, qtbot, monkeypatch):
    transactions, go_on = desk.funds.connection.transactions, asyncio.Event()
    send = transactions.send

    async def slowly(*args, **more):
        await go_on.wait()
        return await send(*args, **more)

    async def pay() -> None:
        stage.flow.send()
        dialog = await stage.review("25", LENA)
        monkeypatch.setattr(transactions, "send", slowly)
        dialog._go.click()
        await until(lambda: dialog._vm.state == "signing")
        assert not dialog._safe.isEnabled()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        dialog._close.click()
        assert stage.dialog is dialog
        go_on.set()
        await stage.gone()
        assert stage.dialog is None

    stage.run(pay())
    assert len(stage.records()) == 1


def test_a_locked_wallet_is_unlocked_in_between_and_the_payment_goes_on(
    tmp_path, stage, desk, qtbot
):
    async def pay() -> None:
        desk.wallet.give_back()
        await desk.import_user()
        await stage.ready()
        desk.wallet.lock()
        stage.flow.send()
        dialog = await stage.review("25", LENA)
        dialog._go.click()
        unlock = await stage.shown(UnlockDialog)
        unlock._password.setText("wrong password")
        unlock._go.click()
        await until(lambda: unlock._field.problem and not unlock._go.busy)
        assert unlock._password.text() == ""
        unlock._password.setText(PASSWORD)
        qtbot.keyClick(unlock._password, Qt.Key.Key_Return)
        await stage.gone()

    stage.run(pay())
    assert stage.said == ["The payment is on its way"]
    assert len(stage.records()) == 1


def test_not_unlocking_sends_nothing_and_shows_the_review_again(stage, desk):
    async def pay() -> None:
        desk.wallet.give_back()
        await desk.import_user()
        await stage.ready()
        desk.wallet.lock()
        stage.flow.send()
        (await stage.review("25", LENA))._go.click()
        (await stage.shown(UnlockDialog)).reject()
        again = await stage.shown(ReviewDialog)
        again.reject()
        await stage.gone()

    stage.run(pay())
    assert stage.records() == []


def test_the_clipboard_note_shows_both_addresses(stage):
    async def pay() -> None:
        stage.flow.send()
        dialog = await stage.review("25", LENA)
        QGuiApplication.clipboard().setText(ALIKE)
        dialog._go.click()
        await until(lambda: dialog._vm.in_clipboard)
        view = dialog._recipient
        assert view._in_clipboard.isVisible()
        assert "8b4f" in view._in_clipboard.accessibleDescription()
        assert not dialog._go.isEnabled()
        QGuiApplication.clipboard().clear()
        dialog.reject()
        await stage.gone()

    stage.run(pay())
    assert stage.records() == []


def test_speed_up_and_cancel_are_reviewed(stage, desk):
    async def replace() -> None:
        await desk.world.rpc("evm_setAutomine", False)
        prepared = await desk.funds.prepare_send("MOR", LENA, MOR)
        record = await desk.funds.connection.transactions.send(prepared)
        for act, part in (
            (stage.flow._speed_up, "You send"),
            (stage.flow._cancel, "Nothing leaves but the network fee"),
        ):
            act(record.id)
            dialog = await stage.shown(ReviewDialog)
            await until(lambda dialog=dialog: dialog._vm.state == "ready")
            assert part in words(dialog)
            assert "New fee" in [c.text() for _, c, _ in dialog._fees._cards.values()]
            dialog._go.click()
            await stage.gone()

    stage.run(replace())
    (record,) = stage.records()
    assert [attempt.kind for attempt in record.attempts] == ["original", "speed_up", "cancel"]
    assert len(stage.said) == 2


def test_what_failed_is_filled_in_again(stage, desk):
    async def again() -> None:
        prepared = await desk.funds.prepare_send("MOR", LENA, 2 * MOR)
        transactions = desk.funds.connection.transactions
        record = await transactions.send(prepared)
        await transactions.journal.update(record.id, state="failed", reason="It ran out of gas.")
        await stage.ready()
        await until(lambda: [row.status for row in stage.flow.vm.rows][:1])
        (row,) = [r for r in stage.flow.vm.rows if r.record]
        assert (row.status, row.detail) == ("failed", "It ran out of gas.")
        stage.flow.body.activity.show_rows()
        widget = stage.flow.body.activity._rows[row.key]
        assert not widget._again.isHidden()
        widget._again.click()
        dialog = await stage.shown(SendDialog)
        assert (dialog._amount.text(), dialog._to.text()) == ("2", LENA)
        dialog.reject()
        await stage.gone()

    stage.run(again())


def test_claiming_says_what_comes_back(stage, desk):
    async def claim() -> None:
        bid = await desk.world.offer()
        await desk.world.give("user", 100 * MOR)
        session = await desk.world.open(bid, 5 * MOR, START + 4000)
        await desk.world.close(session, START + 4500)
        await desk.world.mine_at(START + 90_000)
        await stage.ready()
        claimable = stage.flow.vm.account.claimable
        assert claimable > 0
        stage.flow.claim()
        dialog = await stage.shown(ReviewDialog)
        await until(lambda: dialog._vm.state == "ready")
        assert "You get back" in words(dialog)
        assert dialog._vm.comes_back == claimable
        dialog._go.click()
        await stage.gone()
        await stage.ready()
        assert stage.flow.vm.account.claimable == 0

    stage.run(claim())


def test_permissions_are_ended_after_a_review(stage, desk):
    async def end() -> None:
        prepared = await desk.funds.prepare_approve(5 * MOR)
        await desk.funds.connection.transactions.send(prepared)
        stage.flow.permissions()
        dialog = await stage.shown(PermissionsDialog)
        await until(lambda: dialog._rows)
        assert "The marketplace" in words(dialog)
        remove = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Remove")
        remove.click()
        review = await stage.shown(ReviewDialog)
        await until(lambda: review._vm.state == "ready")
        assert "It may take nothing any more" in words(review)
        review._go.click()
        again = await stage.shown(PermissionsDialog)
        await until(lambda: stage.flow.vm.permissions == [])
        assert "No contract has permission" in words(again)
        again.accept()
        await stage.gone()

    stage.run(end())


def test_receiving_checks_the_clipboard_after_copying(stage, desk):
    async def receive() -> None:
        stage.flow.receive()
        dialog = await stage.shown(ReceiveDialog)
        assert dialog._copy.hasFocus()
        assert "Only send on Demo." in words(dialog)
        dialog._copy.click()
        dialog.look_at_clipboard()
        assert not dialog._changed.isVisible()
        QGuiApplication.clipboard().setText(ALIKE)
        await until(dialog._changed.isVisible)
        assert dialog._found.isVisible()
        QGuiApplication.clipboard().setText("a word")
        dialog.look_at_clipboard()
        assert not dialog._found.isVisible()
        dialog.reject()
        await stage.gone()

    stage.run(receive())


def test_the_code_is_saved_as_a_picture(stage, tmp_path, caplog):
    stage.flow._write_code(str(tmp_path / "code.png"))
    assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")
    assert stage.said == ["Saved as code.png"]
    stage.flow._write_code(str(tmp_path / "no" / "code.png"))
    (error,) = stage.errors
    assert "could not be written" in error.message
    stage.errors.clear()


def test_an_address_gets_a_name(stage, desk):
    async def name() -> None:
        stage.flow._name(LENA)
        dialog = await stage.shown(Overlay)
        dialog.first_focus().setText("Lena")
        dialog.accept()
        await stage.gone()

    stage.run(name())
    assert desk.funds.book.name_of(LENA) == "Lena"


def test_one_dialog_at_a_time(stage):
    async def twice() -> None:
        stage.flow.send()
        first = await stage.shown(SendDialog)
        stage.flow.receive()
        stage.flow.send()
        await asyncio.sleep(0)
        assert stage.dialog is first
        first.reject()
        await stage.gone()

    stage.run(twice())


def test_what_cannot_be_sent_is_said(stage, desk):
    stage.flow.vm.account = None
    stage.flow.send()
    assert stage.said == ["The balances are not known yet."]
    assert stage.dialog is None


def test_the_rows_are_exported(stage):
    stage.flow._export()
    assert stage.saved[0].startswith("time_utc,what,status,amount")


def test_the_palette_knows_it(stage, prefs):
    commands = Commands(prefs)
    stage.flow.add_commands(commands)
    assert commands.find("wallet.send") is not None
