"""The chat's own commands have the keys of the design, and none of them twice."""

from morpheus_desktop.chat_commands import chat_commands
from morpheus_desktop.commands import Commands
from morpheus_desktop.panes.chat import ChatPane
from tests.support.chat_desk import ChatDesk, on_qt_loop


@on_qt_loop
async def test_they_can_be_added_and_need_the_page(desk: ChatDesk, prefs, theme, qtbot) -> None:
    pane = ChatPane(desk.vm, desk.chats, theme)
    qtbot.addWidget(pane)
    commands = Commands(prefs)
    commands.add(*chat_commands(pane))
    keys = {command.id: command.keys for command in commands.all()}
    assert keys == {
        "chat.previous_version": "Alt+Left",
        "chat.next_version": "Alt+Right",
        "chat.copy_code": "Ctrl+Shift+C",
    }
    assert not any(command.enabled() for command in commands.all())
    pane.show()
    assert all(command.enabled() for command in commands.all())
