"""The wallet page: figures, states, rows, hiding."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from morpheus_desktop.viewmodels.activity import Activity
from morpheus_desktop.viewmodels.wallet import STALE_S, WalletViewModel
from morpheus_desktop.wallet.activity_row import ActivityRow
from morpheus_desktop.wallet.body import WalletBody
from router.errors import ChainUnavailable
from tests.support.looks import clipped, unnamed
from tests.support.waiting import until
from tests.support.world import MOR


@pytest.fixture
def vm(desk, qloop) -> Iterator[WalletViewModel]:
    made = WalletViewModel(desk.money)
    yield made
    qloop.run_until_complete(until(lambda: not made.reading))
    qloop.run_until_complete(made.close())


@pytest.fixture
def body(vm, theme, amounts, qtbot) -> WalletBody:
    made = WalletBody(vm, theme, amounts)
    made.resize(1064, 792)
    qtbot.addWidget(made)
    return made


def words(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisible())


def tips(widget: QWidget) -> str:
    return "\n".join(each.toolTip() for each in widget.findChildren(QWidget))


def shown(body: WalletBody, qloop, qtbot) -> None:
    async def look() -> None:
        body.show()
        await until(lambda: body._vm.account and body._vm.rows is not None)
        await until(lambda: not body._vm.reading)  # nothing goes on while the loop stands

    qloop.run_until_complete(look())


def inside(vm, qloop, act: Callable[[], object], then: Callable[[], object]) -> None:
    """Do something while the loop runs, and go on until something is so."""

    async def run() -> None:
        act()
        await until(then)
        await until(lambda: not vm.reading)

    qloop.run_until_complete(run())


async def send(desk, amount: int) -> None:
    lena = desk.world.account("lena").address
    prepared = await desk.funds.prepare_send("MOR", lena, amount)
    await desk.funds.connection.transactions.send(prepared)


def test_before_the_first_answer_there_are_dashes_and_no_zeros(body, qtbot):
    assert body._mor._amount.figure.text() == "—"
    assert [entry._amount.figure.text() for entry in body._buckets._entries] == ["—"] * 4
    assert not body._send.isEnabled()
    assert body._send.toolTip() == "The balances are not known yet."


def test_balances_come_with_all_digits_and_the_block(body, vm, qloop, qtbot):
    shown(body, qloop, qtbot)
    assert body._mor._amount.figure.text() == "100"
    tip = body._mor._amount.toolTip()
    assert "100,000,000,000,000,000,000\u00a0wei" in tip
    assert f"Block {vm.account.block}" in tip
    assert f"at block {vm.account.block}" in words(body)
    assert body._send.isEnabled()
    assert "Play money" in words(body)


def test_hidden_amounts_are_nowhere(body, desk, amounts, qloop, qtbot):
    qloop.run_until_complete(send(desk, 7 * MOR))
    shown(body, qloop, qtbot)
    assert "93" in words(body)
    qtbot.mouseClick(body._hide, Qt.MouseButton.LeftButton)
    assert amounts.hidden
    for text in (words(body), tips(body)):
        assert "93" not in text.replace("0x93", "")
        assert "wei" not in text
    assert body._mor._amount.accessibleName() == "hidden MOR"
    qtbot.mouseClick(body._hide, Qt.MouseButton.LeftButton)
    assert "93" in words(body)


def test_old_figures_say_how_old_they_are(body, vm, desk, qloop, qtbot):
    shown(body, qloop, qtbot)

    async def silent():
        raise ChainUnavailable("No node answers.", safe="Nothing was sent.")

    vm.funds.account = silent
    vm._read_at -= STALE_S + 5
    inside(vm, qloop, vm.refresh, lambda: vm.problem is not None)
    assert body._mor._amount.figure.text() == "100"
    assert "As of " in words(body._mor)
    assert "No node answers." in words(body._note)
    assert not body._send.isEnabled()
    assert body._retry.isVisible()


def test_logs_that_cannot_be_read_do_not_mean_that_there_is_nothing(body, desk, qloop, qtbot):
    async def silent() -> None:
        raise ChainUnavailable("No logs here.")

    desk.funds.history().update = silent
    shown(body, qloop, qtbot)
    assert "could not be read" in words(body._activity_note)
    assert not body.activity._empty.isVisible()
    assert not body.activity._card.isVisible()
    assert "0 of 0" not in words(body.activity)


def test_rows_open_to_their_details_by_key(body, desk, qloop, qtbot):
    qloop.run_until_complete(send(desk, 7 * MOR))
    qloop.run_until_complete(desk.settle())
    shown(body, qloop, qtbot)
    rows = [body.activity._rows[key] for key in body.activity._order]
    mine = next(row for row in rows if row._row.record is not None)
    qtbot.keyClick(mine, Qt.Key.Key_Return)
    text = words(body.activity._details)
    for part in ("Nonce", "MOR token: transfer(", mine._row.tx_hash, "Network fee"):
        assert part in text
    body.activity._details._note.setText("rent")
    inside(
        body._vm,
        qloop,
        body.activity._details._note.editingFinished.emit,
        lambda: "rent" in [row.label for row in body._vm.rows],
    )
    assert mine._title.text() == "rent"
    qtbot.keyClick(mine, Qt.Key.Key_Space)
    assert not body.activity._details.isVisible()


def test_what_is_pending_can_be_sped_up_or_cancelled(body, desk, qloop, qtbot):
    qloop.run_until_complete(desk.world.rpc("evm_setAutomine", False))
    qloop.run_until_complete(send(desk, MOR))
    shown(body, qloop, qtbot)
    row = body.activity._rows[body.activity._order[0]]
    assert row._row.is_pending
    assert row._chip.accessibleName().startswith("Pending 0:")
    for button, signal in (
        (row._speed_up, body.speed_up_asked),
        (row._cancel, body.cancel_asked),
    ):
        with qtbot.waitSignal(signal) as asked:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert asked.args == [row._row.record.id]


def test_arrow_keys_go_through_the_rows(body, desk, qloop, qtbot):
    for amount in (MOR, 2 * MOR):
        qloop.run_until_complete(send(desk, amount))
    shown(body, qloop, qtbot)
    body.activateWindow()
    stops = [r for r in body.findChildren(ActivityRow) if r.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(stops) == 1
    stops[0].setFocus()
    qtbot.keyClick(stops[0], Qt.Key.Key_Down)
    second = body.activity._rows[body.activity._order[1]]
    assert second.hasFocus()
    qtbot.keyClick(second, "/")
    assert body.activity.search.hasFocus()


def test_an_empty_search_says_what_was_searched_and_leads_back(body, desk, qloop, qtbot):
    qloop.run_until_complete(send(desk, MOR))
    shown(body, qloop, qtbot)
    rows = len(body.activity._order)
    body.activity.search.setText("zzzz")
    assert "No activity matches “zzzz”" in words(body.activity)
    assert "Titles, hashes, addresses and notes were searched." in words(body.activity)
    assert not body.activity._receive.isVisible()
    body.activity._clear.click()
    assert len(body.activity._order) == rows
    body.activity._kinds._buttons["sessions"].click()
    assert "No activity of this kind" in words(body.activity)
    body.activity._clear.click()
    assert (len(body.activity._order), body.activity._kinds.current) == (rows, "all")


@pytest.mark.parametrize(("width", "scale"), [(1064, 1.0), (904, 1.0), (1196, 1.5), (876, 1.5)])
def test_nothing_is_cut_and_everything_has_a_name(body, desk, theme, qloop, qtbot, width, scale):
    qloop.run_until_complete(desk.world.rpc("evm_setAutomine", False))
    qloop.run_until_complete(send(desk, MOR))
    theme.set_scale(scale)
    body.resize(width, 556)
    shown(body, qloop, qtbot)
    pending = body.activity._rows[body.activity._order[0]]
    qtbot.keyClick(pending, Qt.Key.Key_Return)
    for _ in range(6):
        qtbot.wait(1)
        body.grab()
    assert body.width() == width
    assert clipped(body) == []
    assert unnamed(body) == []
    assert pending.folded == (width < 900 and scale > 1)


@pytest.mark.parametrize(
    ("status", "amount", "words"),
    [("pending", MOR, "12.0001"), ("confirmed", -MOR, "12.0001"), ("confirmed", MOR, "12 ")],
)
def test_what_leaves_or_may_be_spent_is_rounded_up(theme, amounts, qtbot, status, amount, words):
    row = ActivityRow(theme, amounts)
    qtbot.addWidget(row)
    moved = Activity("1", "sent", "zap", "Send", status, 0.0, amount=amount)
    moved = replace(moved, detail="Fee {amount}", detail_wei=12 * MOR + 1, detail_unit="ETH")
    row.show_row(moved, reason="", first=True, is_open=False)
    assert words in row._detail.text().replace("\u00a0", " ")


def test_a_row_goes_back_to_one_line_when_there_is_nothing_to_do(body, desk, theme, qloop, qtbot):
    qloop.run_until_complete(desk.world.rpc("evm_setAutomine", False))
    qloop.run_until_complete(send(desk, MOR))
    theme.set_scale(1.5)
    body.resize(876, 556)
    shown(body, qloop, qtbot)
    row = body.activity._rows[body.activity._order[0]]
    qtbot.waitUntil(lambda: row.folded)
    qtbot.waitUntil(lambda: row._state.y() > row._figures.y() + row._figures.height() // 2)
    row.show_row(replace(row._row, status="confirmed"), reason="", first=True, is_open=False)
    qtbot.waitUntil(lambda: not row.folded)
