"""The head of a conversation: its title, its model, what can be done with it."""

import pytest
from PySide6.QtWidgets import QMenu

from morpheus_desktop.chat.header import ChatHeader
from router.inference.host import HostState
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.chat_money import MODEL, session_view


@pytest.fixture
def show(qtbot, theme):
    def make(desk: ChatDesk) -> ChatHeader:
        header = ChatHeader(desk.vm, desk.session, theme)
        qtbot.addWidget(header)
        header.resize(800, 56)
        header.show()
        return header

    return make


def menu_of(header: ChatHeader) -> QMenu:
    """The menu that is open."""
    (menu,) = [m for m in header.findChildren(QMenu) if m.isVisible()]
    return menu


@on_qt_loop
async def test_the_title_follows_the_chat(desk: ChatDesk, show) -> None:
    header = show(desk)
    assert header._title.text() == "New chat"
    await desk.ask("Why is the sky blue?")
    assert header._title.text() == "Why is the sky blue"
    await desk.store.rename(desk.vm.messages[0].chat_id, "word " * 38)
    await desk.until(lambda: header._title.text().endswith("…"))
    assert header._title.accessibleName() == ("word " * 38).strip()


@on_qt_loop
async def test_the_model_and_how_it_is(desk: ChatDesk, show) -> None:
    header = show(desk)
    model = desk.vm.model
    assert model is not None
    assert header._model.accessibleName() == f"Model: Local · {model.name}"
    desk.host.show(HostState("loading", model, progress=0.25))
    assert header._model.accessibleName().endswith("loading 25%")


@on_qt_loop
async def test_another_model_is_chosen_from_the_menu(desk: ChatDesk, show, qtbot) -> None:
    header = show(desk)
    header._model.click()
    menu = menu_of(header)
    actions = {action.text(): action for action in menu.actions() if action.text()}
    local = [model.name for model in desk.vm.models]
    assert list(actions) == ["Local", *local, "More models…", "Remote", "Open a session…"]
    assert not actions["Local"].isEnabled()
    actions["other"].trigger()
    assert desk.vm.model is not None
    assert desk.vm.model.id == "other"
    with qtbot.waitSignal(header.models_asked):
        actions["More models…"].trigger()
    menu.hide()


@on_qt_loop
async def test_what_can_be_done_with_a_saved_chat(desk: ChatDesk, show, qtbot) -> None:
    header = show(desk)
    header._more.click()
    menu = menu_of(header)
    assert [action.text() for action in menu.actions()] == ["Load the model now"]
    menu.hide()
    await desk.ask("Q")
    chat_id = desk.vm.messages[0].chat_id
    header._more.click()
    menu = menu_of(header)
    actions = {action.text(): action for action in menu.actions() if action.text()}
    for words, signal, told_of in (
        ("Rename…", header.rename_asked, [chat_id]),
        ("Pin to the top", header.pin_asked, [chat_id, True]),
        ("Export…", header.export_asked, [chat_id]),
        ("Delete", header.delete_asked, [chat_id]),
    ):
        with qtbot.waitSignal(signal) as told:
            actions.pop(words).trigger()
        assert told.args == told_of
    actions.pop("Load the model now").trigger()
    assert actions == {}
    await desk.quiet()
    assert desk.host.loaded == [desk.vm.model.id if desk.vm.model else ""]
    menu.hide()
    await desk.store.pin(chat_id, pinned=True)
    await desk.until(lambda: desk.vm.chat is not None and desk.vm.chat.pinned)
    header._more.click()
    assert "Unpin" in [action.text() for action in menu_of(header).actions()]
    menu_of(header).hide()


@on_qt_loop
async def test_the_button_for_the_list(desk: ChatDesk, show, qtbot) -> None:
    header = show(desk)
    assert not header._list_button.isVisible()
    header.set_list_button(shown=True)
    with qtbot.waitSignal(header.list_asked):
        header._list_button.click()


@on_qt_loop
async def test_sessions_are_chosen_like_models(desk: ChatDesk, show, qtbot) -> None:
    header = show(desk)
    desk.money.ready(session_view(name="Llama & friends\u202e"))
    header._model.click()
    menu = menu_of(header)
    actions = {action.text(): action for action in menu.actions() if action.text()}
    actions["Llama && friends, 42:18 left"].trigger()
    assert desk.vm.model_id == MODEL
    assert header._model.accessibleName() == "Model: Llama & friends"
    with qtbot.waitSignal(header.open_asked):
        actions["Open a session…"].trigger()
    menu.hide()
    header._more.click()
    (load,) = menu_of(header).actions()
    assert not load.isEnabled()
    menu_of(header).hide()
    desk.money.show()
    assert header._model.accessibleName() == "Model: Remote model · no session"
