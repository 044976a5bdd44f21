"""The chat page over real sockets: providers that answer, fail, lie and go away in the middle."""

import asyncio
import itertools

import pytest
import qasync
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from morpheus_desktop.chat.answer import AnswerView
from morpheus_desktop.chat.footer import Footer
from morpheus_desktop.chat.notice import NoticeView
from morpheus_desktop.chat.prose import Prose
from morpheus_desktop.panes.chat import ChatPane
from router.backends.base import AnsweredBy, Rerouted
from router.consumer.failover import Rules
from router.errors import ProviderError
from router.store.records import Message
from router.units import WEI
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.chat_money import PROVIDER, session_view
from tests.support.looks import clipped, unnamed
from tests.support.lying_provider import (
    Exchange,
    LyingProvider,
    Script,
    account,
    closes,
    says,
    then,
)
from tests.support.open_sessions import MODEL, RemoteDesk

SIZES = [(1_064, 792), (800, 792), (904, 612)]
SWITCHED = Rerouted("Llama at 0xa69b…1D7d", "Llama at 0x9E04…a8F9", "It is silent.", 10.0)
STATES = {
    "sealed": [session_view(sealed=True)],
    "clear": [session_view(sealed=False, is_direct=True, left=200_000)],
    "late": [session_view(sealed=False, left=30)],
    "over": [session_view(left=0, phase="ended")],
    "none": [],
}


class Page:
    """The page with a model of the network chosen."""

    def __init__(self, desk: ChatDesk, theme, qtbot) -> None:
        self.desk, self.qtbot = desk, qtbot
        self.network = RemoteDesk(rules=Rules(local=False), local=desk.backend)
        desk.remote = self.network.backend
        self.pane: ChatPane = desk.new_pane(theme)
        qtbot.addWidget(self.pane)
        self.pane.resize(1_000, 720)
        self.pane.show()

    async def provider(self, name: str, *scripts: Script, is_open: bool = True) -> LyingProvider:
        made = await self.network.provider(name, *scripts, is_open=is_open)
        self.read()
        return made

    def read(self) -> None:
        """The window hears of the sessions there are."""
        if self.desk.money.money.funds is None:
            self.desk.money.ready()
        self.desk.money.show(*self.network.sessions.views)

    async def ask(self, text: str = "Hello") -> Message:
        self.pane.composer.set_text(text)
        before = len(self.desk.vm.messages)
        self.qtbot.keyClick(self.pane.composer.edit, Qt.Key.Key_Return)
        return await self.answered(before)

    async def answered(self, before: int) -> Message:
        vm = self.desk.vm
        await self.desk.until(lambda: len(vm.messages) > before and not vm.writing)
        await self.desk.quiet()
        return vm.messages[-1]

    @property
    def words(self) -> list[str]:
        parts = [part for part in self._shown(Prose) if part.toPlainText()]
        return [part.toPlainText() for part in parts]

    @property
    def notices(self) -> list[str]:
        return [each.accessibleName() for each in self._shown(NoticeView)]

    @property
    def last(self) -> AnswerView:
        return self._shown(AnswerView)[-1]

    @property
    def choices(self) -> dict[str, QAbstractButton]:
        """The buttons of the last answer."""
        found = self.last.findChildren(QAbstractButton)
        return {each.text(): each for each in found if each.isVisible() and each.text()}

    @property
    def facts(self) -> str:
        return self.last.findChildren(Footer)[0].accessibleName()

    def _shown(self, kind):
        found = [each for each in self.pane.transcript.findChildren(kind) if each.isVisible()]
        return sorted(found, key=lambda each: each.mapTo(self.pane, each.pos()).y())


@pytest.fixture
def page(desk: ChatDesk, theme, qtbot, qloop: qasync.QEventLoop):
    made: list[Page] = []

    def make() -> Page:
        made.append(Page(desk, theme, qtbot))
        return made[-1]

    yield make
    for each in made:
        qloop.run_until_complete(each.network.close())


@on_qt_loop
async def test_an_answer_names_who_wrote_it_and_what_its_time_cost(desk: ChatDesk, page) -> None:
    it = page()
    provider = await it.provider("a", says("Hello ", "there."))
    desk.vm.set_model(MODEL)
    assert it.pane.session_bar.isVisible()
    message = await it.ask()
    assert it.words == ["Hello", "Hello there."]
    address = provider.account.address
    assert it.last.accessibleName().endswith(f"address ending {' '.join(address[-4:])}")
    assert (message.origin, message.model) == ("remote", "Llama")
    assert "MOR of time" in it.facts
    chats = await desk.store.list()
    assert [chat.origin for chat in chats] == ["remote"]


@on_qt_loop
async def test_another_provider_takes_over_before_the_first_word(desk: ChatDesk, page) -> None:
    it = page()
    it.network.rules = Rules(extra_stake=15 * WEI)
    await it.provider("a", closes)
    await it.provider("b", says("Two."), is_open=False)
    desk.vm.set_model(MODEL)
    message = await it.ask()
    (notice,) = it.notices
    assert notice.startswith("Switched provider. Llama at 0x")
    assert "limit of 15\u00a0MOR held" in notice
    assert it.words == ["Hello", "Two."]
    desk.amounts.toggle()
    assert "limit of ••••\u00a0MOR held" in it.notices[0]
    desk.amounts.toggle()
    desk.vm.new()
    await desk.quiet()
    desk.vm.open(message.chat_id)
    await desk.until(lambda: len(it.notices) == 1)


@on_qt_loop
async def test_after_the_first_word_the_user_chooses(desk: ChatDesk, page) -> None:
    it = page()
    await it.provider("a", then("Half of ", lie=closes))
    await it.provider("b", says("All of it."))
    desk.vm.set_model(MODEL)
    message = await it.ask()
    assert message.state == "cut_off"
    assert [words.strip() for words in it.words] == ["Hello", "Half of"]
    assert set(it.choices) == {"Try again", "Other provider", "Local model"}
    it.choices["Other provider"].click()
    await desk.until(lambda: desk.texts[-1] == "All of it.")
    await desk.quiet()
    assert len(desk.vm.messages[-1].versions) == 2
    desk.backend.says("Here.")
    desk.vm.answer_with(desk.vm.messages[-1].id, "")
    await desk.until(lambda: desk.texts[-1] == "Here.")
    await desk.quiet()
    assert not it.pane.session_bar.isVisible()


@on_qt_loop
async def test_what_cannot_be_verified_is_dropped(desk: ChatDesk, page) -> None:
    it = page()

    async def forged(exchange: Exchange) -> None:
        await exchange.send(exchange.frame("A lie.", signer=account("somebody else")))

    await it.provider("a", forged)
    desk.vm.set_model(MODEL)
    message = await it.ask()
    assert message.content == ""
    assert message.error.startswith("This answer could not be verified and was dropped")
    assert "A lie." not in "".join(it.words)


@on_qt_loop
async def test_when_the_session_is_over_the_draft_stays(desk: ChatDesk, page, qtbot) -> None:
    it = page()
    await it.provider("a", says("Yes."))
    desk.vm.set_model(MODEL)
    await it.ask()
    it.network.sessions.open_ones[0].is_closed = True
    it.read()
    it.pane.composer.set_text("And now?")
    with qtbot.waitSignal(it.pane.open_asked) as told:
        qtbot.keyClick(it.pane.composer.edit, Qt.Key.Key_Return)
    assert told.args == [MODEL]
    assert it.pane.composer.text == "And now?"
    await it.provider("b", says("Now."))
    await it.ask("And now?")
    assert it.words[-1] == "Now."


@on_qt_loop
async def test_no_session_offers_one_and_the_local_model(desk: ChatDesk, page, qtbot) -> None:
    """The window had not heard yet that the session is gone."""
    it = page()
    await it.provider("a", says("Yes."))
    desk.vm.set_model(MODEL)
    it.network.sessions.open_ones[0].is_closed = True
    await it.ask()
    assert set(it.choices) == {"Open a session", "Local model", "Try again"}
    with qtbot.waitSignal(it.pane.open_asked):
        it.choices["Open a session"].click()
    desk.backend.says("Here.")
    it.choices["Local model"].click()
    await desk.until(lambda: desk.texts[-1] == "Here.")
    await desk.quiet()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["dark", "light"])
def test_no_text_is_cut_and_everything_has_a_name(tmp_path, theme, qtbot, qloop, mode) -> None:
    @on_qt_loop
    async def look(desk: ChatDesk) -> None:
        pane = desk.new_pane(theme)
        qtbot.addWidget(pane)
        pane.show()
        theme.set_mode(mode)
        desk.vm.set_model(MODEL)
        choices = ("retry", "other_provider", "local")
        told = ProviderError("It closed the connection. " * 6, choices=choices)
        first = (SWITCHED, AnsweredBy("remote", "Llama 3.3 70B", PROVIDER, "0x1", 10**13))
        desk.backend.says("Half", first=first, error=told)
        await desk.ask("Hello?")
        found = {}
        for name, views in STATES.items():
            desk.money.ready(*views)
            for (width, height), scale in itertools.product(SIZES, (0.8, 1.0, 1.5)):
                theme.set_scale(scale)
                pane.resize(width, height)
                cut = await cut_when_settled(pane)
                if cut or unnamed(pane):
                    found[f"{name} at {width}, {scale:.0%}"] = cut + unnamed(pane)
        assert found == {}

    look(desk=ChatDesk(tmp_path, qloop))


async def cut_when_settled(pane: ChatPane) -> list[str]:
    """Bars and columns take another height after they were laid out once.

    Icons at the end of a footer stand out on purpose: what is painted of them ends in line.
    """
    cut: list[str] = []
    for _ in range(6):
        await asyncio.sleep(0)
        pane.grab()
        cut = [text for text in clipped(pane) if not text.endswith("out of Footer")]
        if not cut:
            break
    return cut
