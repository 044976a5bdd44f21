"""What a chat offers where no session answers, and after a provider failed."""

import pytest
from PySide6.QtCore import SignalInstance

from morpheus_desktop.chat.composer import Composer, Way
from morpheus_desktop.chat.message_area import MessageArea
from morpheus_desktop.chat.session_bar import SessionBar
from morpheus_desktop.chat.session_guide import SessionGuide
from router.backends.base import AnsweredBy
from router.errors import ProviderError
from router.networks import NETWORKS
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.chat_money import MODEL, OTHER, PROVIDER, session_view


class Guided:
    """A guide with all it leads; `asked` is what it asked for."""

    def __init__(self, desk: ChatDesk, theme, qtbot) -> None:
        self.area = MessageArea()
        self.composer = Composer(theme)
        self.bar = SessionBar(desk.session, theme, desk.amounts)
        for widget in (self.area, self.composer, self.bar):
            qtbot.addWidget(widget)
        self.guide = SessionGuide(desk.vm, desk.session, self.area, self.composer, self.bar)
        self.asked: list[tuple[str, ...]] = []
        self._hear("open", self.guide.open_asked)
        self._hear("unlock", self.guide.unlock_asked)

    def _hear(self, name: str, signal: SignalInstance) -> None:
        signal.connect(lambda *args: self.asked.append((name, *args)))

    @property
    def way(self) -> Way:
        return self.composer._way


@pytest.fixture
def guided(theme, qtbot):
    return lambda desk: Guided(desk, theme, qtbot)


async def failed(desk: ChatDesk) -> int:
    """The id of an answer whose provider failed."""
    desk.vm.set_model(MODEL)
    choices = ("retry", "other_provider", "local")
    by = AnsweredBy("remote", "Llama", PROVIDER, session_view().id)
    desk.backend.says("Half", first=(by,), error=ProviderError("It closed.", choices=choices))
    await desk.ask("Hello?")
    return desk.vm.messages[-1].id


@on_qt_loop
async def test_what_the_composer_can_do(desk: ChatDesk, guided) -> None:
    it = guided(desk)
    assert it.way == Way()
    assert it.guide.greeting is None
    desk.vm.set_model(MODEL)
    assert it.way == Way(remote=True, reason="Your session is being looked for")
    assert "leave this computer" in it.guide.greeting[1]
    desk.money.ready()
    assert it.way == Way(remote=True, offer="Open a session")
    desk.money.show(session_view())
    assert it.way == Way(remote=True)
    assert "Llama 3.3 70B answers through your session, at 0.045\u00a0MOR" in it.guide.greeting[1]
    desk.money.show(session_view(phase="ended"))
    it.composer.offered.emit()
    it.bar.open_asked.emit()
    assert it.asked == [("open", MODEL)] * 2
    it.bar.unlock_asked.emit()
    assert it.asked[-1] == ("unlock",)
    it.bar.local_asked.emit()
    assert it.way == Way()


@on_qt_loop
async def test_on_the_demo_network_nothing_is_said_to_leave(desk: ChatDesk, guided) -> None:
    it = guided(desk)
    desk.vm.set_model(MODEL)
    desk.money.network = NETWORKS["demo"]
    desk.money.ready(session_view())
    told = it.guide.greeting[1]
    assert told.endswith("Your questions go to the practice provider on this computer.")
    assert "leave this computer" not in told


@on_qt_loop
async def test_the_local_model_answers_again(desk: ChatDesk, guided) -> None:
    it = guided(desk)
    answer = await failed(desk)
    assert desk.vm.messages[-1].state == "cut_off"
    desk.backend.says("Here.")
    it.area.choice_made.emit(answer, "local")
    await desk.until(lambda: desk.texts[-1] == "Here.")
    await desk.quiet()
    assert desk.backend.requests[-1].model == ""
    assert desk.vm.chat is not None
    assert desk.vm.chat.model == ""
    assert len(desk.vm.messages[-1].versions) == 2


@on_qt_loop
async def test_another_provider_with_a_session_is_asked(desk: ChatDesk, guided) -> None:
    it = guided(desk)
    desk.money.ready(session_view(1), session_view(2, provider=OTHER, left=60))
    answer = await failed(desk)
    desk.backend.says("Here.")
    it.area.choice_made.emit(answer, "other_provider")
    await desk.until(lambda: desk.texts[-1] == "Here.")
    await desk.quiet()
    assert desk.backend.requests[-1].model == f"session:0x{2:064x}"
    assert it.asked == []


@on_qt_loop
async def test_without_one_the_user_chooses_whom_to_pay(desk: ChatDesk, guided) -> None:
    it = guided(desk)
    desk.money.ready(session_view(1))
    answer = await failed(desk)
    asked = len(desk.backend.requests)
    for choice in ("other_provider", "open", "unlock"):
        it.area.choice_made.emit(answer, choice)
    assert it.asked == [("open", MODEL), ("open", MODEL), ("unlock",)]
    assert len(desk.backend.requests) == asked
