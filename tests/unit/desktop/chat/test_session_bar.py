"""The bar of a remote chat: who answers, for what price, until when; and what is missing."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton, QBoxLayout

from morpheus_desktop.chat import session_bar
from morpheus_desktop.chat.session_bar import SessionBar, price_of
from morpheus_desktop.format import DAY
from router.chain.marketplace import Account
from router.errors import TxFailed
from router.units import WEI
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.chat_money import MODEL, NOW, session_view
from tests.support.looks import clipped, unnamed

Show = Callable[..., SessionBar]


@pytest.fixture
def show(qtbot, theme) -> Show:
    def make(desk: ChatDesk, width: int = 800) -> SessionBar:
        bar = SessionBar(desk.session, theme, desk.amounts)
        qtbot.addWidget(bar)
        bar.resize(width, 52)
        bar.show()
        return bar

    return make


def buttons(bar: SessionBar) -> list[str]:
    return [each.text() for each in bar.findChildren(QAbstractButton) if each.isVisible()]


def click(bar: SessionBar, words: str) -> None:
    found = [b for b in bar.findChildren(QAbstractButton) if b.isVisible() and b.text() == words]
    found[0].click()


@on_qt_loop
async def test_local_chats_have_none(desk: ChatDesk, show: Show) -> None:
    bar = show(desk)
    desk.money.ready(session_view())
    desk.session.changed.emit()
    assert not bar.isVisible()


@on_qt_loop
async def test_a_session(desk: ChatDesk, show: Show, qtbot) -> None:
    desk.money.ready(session_view(sealed=True))
    desk.vm.set_model(MODEL)
    bar = show(desk)
    assert bar.isVisible()
    assert bar._provider.accessibleName() == "Provider: address ending a 8 F 9, Sealed"
    assert "only the provider" in bar._provider.toolTip()
    assert bar._price.value.text() == "0.0000125\u00a0MOR/s"
    assert bar._stake.caption.text() == "Staked, returned at end"
    assert bar._stake.value.text() == "12.15\u00a0MOR"
    assert bar._left.text() == "42:18"
    assert bar._ring.accessibleDescription().startswith("42:18 left, ends ")
    assert buttons(bar) == ["Extend", "Close"]
    for words, signal in (("Extend", bar.extend_asked), ("Close", bar.close_asked)):
        with qtbot.waitSignal(signal) as told:
            click(bar, words)
        assert told.args == [session_view().id]
    assert unnamed(bar) == []


@on_qt_loop
async def test_what_is_not_sealed_is_said(desk: ChatDesk, show: Show) -> None:
    desk.money.ready(session_view(sealed=False, is_direct=True))
    desk.vm.set_model(MODEL)
    bar = show(desk)
    assert bar._provider._word.text() == "Clear text"
    assert "anyone on the path can read your prompts" in bar._provider.toolTip()
    assert bar._stake.caption.text() == "Paid from it, the rest returns"
    desk.money.show(session_view(sealed=None))
    assert not bar._provider._word.isVisible()


@on_qt_loop
async def test_hidden_amounts(desk: ChatDesk, show: Show) -> None:
    desk.money.ready(session_view())
    desk.vm.set_model(MODEL)
    bar = show(desk)
    desk.amounts.toggle()
    assert bar._stake.value.text() == "••••\u00a0MOR"
    assert "12" not in bar._stake.toolTip() + bar._stake.accessibleName()


@on_qt_loop
async def test_the_end_comes_near(desk: ChatDesk, show: Show, monkeypatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(session_bar, "announce", lambda _widget, text: said.append(text))
    desk.money.ready(session_view(left=302))
    desk.vm.set_model(MODEL)
    bar = show(desk)
    tones = []
    for _ in range(2):
        tones.append(bar._left.property("tone"))
        for _ in range(2):
            desk.sessions._pass()
    desk.money.show(session_view(left=60))
    tones.append(bar._left.property("tone"))
    assert tones == ["text", "warn", "danger"]
    assert said == ["The session ends in 5:00.", "The session ends in 1:00."]


@on_qt_loop
async def test_every_item_stays_where_it_is_narrow(desk: ChatDesk, show: Show, theme) -> None:
    desk.money.ready(session_view(sealed=False))
    desk.vm.set_model(MODEL)
    bar = show(desk, 900)
    assert (bar.height(), bar._row.direction()) == (52, QBoxLayout.Direction.LeftToRight)
    for width, scale in ((540, 1.0), (876, 1.5), (1200, 2.0)):
        theme.set_scale(scale)
        bar.resize(width, bar.height())
        bar.grab()
        assert clipped(bar) == []
        inside = [b for b in bar.findChildren(QAbstractButton) if b.isVisible()]
        assert all(bar.rect().contains(b.mapTo(bar, b.rect().center())) for b in inside)


@pytest.mark.parametrize(
    ("phase", "words", "offered"),
    [
        ("closed", "It is closed.", ["Open a session", "Local model"]),
        ("closing", "on the way back", ["Open a session", "Local model"]),
        ("waiting", "The account is empty.", ["Open a session", "Local model"]),
        ("ended", "returns when it is closed", ["Open a session", "Local model"]),
    ],
)
def test_a_session_that_is_over(tmp_path, qloop, show: Show, qtbot, phase, words, offered) -> None:
    @on_qt_loop
    async def look(desk: ChatDesk) -> None:
        problem = TxFailed("The account is empty.") if phase == "waiting" else None
        desk.money.ready(session_view(left=0, phase=phase, problem=problem))
        desk.vm.set_model(MODEL)
        bar = show(desk)
        assert words in bar._says.accessibleName()
        assert buttons(bar) == offered
        for text, signal in (("Open a session", bar.open_asked), ("Local model", bar.local_asked)):
            with qtbot.waitSignal(signal):
                click(bar, text)

    look(desk=ChatDesk(tmp_path, qloop))


@on_qt_loop
async def test_a_closed_session_says_where_its_mor_is(desk: ChatDesk, show: Show) -> None:
    view = session_view(left=0, phase="closed")
    paid = session_view(left=0, phase="closed", is_direct=True)
    account = Account(1, NOW, 0, 5 * WEI, 0, 0, 0, (view.session,))
    old = replace(view, as_of=NOW + 2 * DAY)
    desk.money.ready(view)
    desk.vm.set_model(MODEL)
    bar = show(desk)
    for shown, held, words in (
        (view, {}, "is over. It is closed. Its stake is back in your wallet."),
        (paid, {}, "What it did not cost is back in your wallet."),
        (view, {"on_hold": WEI}, "Its stake is back in your wallet, but for what is on hold until"),
        # On hold is what belongs to a later session.
        (old, {"on_hold": WEI}, "Its stake is back in your wallet."),
        (old, {"claimable": WEI}, "but for what the staking page can claim."),
    ):
        desk.money.sessions.account = replace(account, **held)
        desk.money.show(shown)
        assert words in bar._says.accessibleName()


@on_qt_loop
async def test_where_there_is_no_session(desk: ChatDesk, show: Show, qtbot) -> None:
    desk.vm.set_model(MODEL)
    bar = show(desk)
    assert "Looking for your session." in bar._says.accessibleName()
    assert buttons(bar) == ["Local model"]
    desk.money.ready()
    assert "No session is open for Remote model." in bar._says.accessibleName()
    desk.money.connect(phase="failed")
    assert "No network is connected." in bar._says.accessibleName()
    desk.money.ready(session_view())
    desk.money.wallet.give_back()
    with qtbot.waitSignal(bar.unlock_asked):
        click(bar, "Unlock")


def test_tiny_prices_are_for_an_hour() -> None:
    assert price_of(session_view(price=999_999_999)) == (3_600 * 999_999_999, "MOR/h")
    assert price_of(session_view(price=10**9)) == (10**9, "MOR/s")
