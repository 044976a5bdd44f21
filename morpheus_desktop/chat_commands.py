"""The commands of the chat page: they work while that page is in sight."""

from functools import partial

from morpheus_desktop.commands import Command
from morpheus_desktop.panes.chat import ChatPane


def chat_commands(pane: ChatPane) -> list[Command]:
    """What can be done with the answers of the open conversation."""
    step = pane.transcript.step_version
    shown = pane.isVisible
    return [
        Command(
            "chat.previous_version",
            "Previous version of the answer",
            partial(step, -1),
            "Alt+Left",
            enabled=shown,
        ),
        Command(
            "chat.next_version",
            "Next version of the answer",
            partial(step, 1),
            "Alt+Right",
            enabled=shown,
        ),
        Command(
            "chat.copy_code",
            "Copy the last code block",
            pane.copy_code,
            "Ctrl+Shift+C",
            "copy",
            enabled=shown,
        ),
        Command(
            "chat.extend",
            "Extend the session",
            pane.extend,
            "Ctrl+E",
            "hourglass",
            enabled=lambda: pane.can_extend,
        ),
    ]
