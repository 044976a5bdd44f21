"""The chat's own commands have the keys of the design, and none of them twice."""

from morpheus_desktop.chat_commands import chat_commands
from morpheus_desktop.commands import Commands
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.chat_money import MODEL, session_view


@on_qt_loop
async def test_they_can_be_added_and_need_the_page(desk: ChatDesk, prefs, theme, qtbot) -> None:
    pane = desk.new_pane(theme)
    qtbot.addWidget(pane)
    commands = Commands(prefs)
    commands.add(*chat_commands(pane))
    keys = {command.id: command.keys for command in commands.all()}
    assert keys == {
        "chat.previous_version": "Alt+Left",
        "chat.next_version": "Alt+Right",
        "chat.copy_code": "Ctrl+Shift+C",
        "chat.extend": "Ctrl+E",
    }
    assert not any(command.enabled() for command in commands.all())
    pane.show()
    extend = next(command for command in commands.all() if command.id == "chat.extend")
    assert not extend.enabled()
    desk.money.ready(session_view())
    desk.vm.set_model(MODEL)
    with qtbot.waitSignal(pane.extend_asked) as told:
        extend.run()
    assert told.args == [session_view().id]
    assert all(command.enabled() for command in commands.all())
