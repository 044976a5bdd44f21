"""How full the context is, as far as somebody can say."""

from morpheus_desktop.viewmodels.chat_meter import measured
from morpheus_desktop.viewmodels.chat_page import ChatPage, Meter
from router.errors import BackendError
from router.inference.host import HostState
from tests.support.chat_desk import ChatDesk, on_qt_loop


@on_qt_loop
async def test_words_of_prompt_messages_and_draft(desk: ChatDesk) -> None:
    model = desk.vm.model
    desk.host.show(HostState("ready", model, context_tokens=100))
    page = ChatPage(draft="three more words", system_prompt="Be brief.")
    assert await measured(desk.host, model, page, (), desk.store) == Meter(5, 100)


@on_qt_loop
async def test_nobody_is_loaded_or_blamed_for_it(desk: ChatDesk) -> None:
    model, page = desk.vm.model, ChatPage(draft="words")
    assert await measured(desk.host, model, page, (), desk.store) is None
    desk.host.show(HostState("ready", model, context_tokens=100))
    assert await measured(desk.host, None, page, (), desk.store) is None
    desk.host.refusal = BackendError("The model is gone.")
    assert await measured(desk.host, model, page, (), desk.store) is None
