"""Paints every widget in its states, in both themes at 100 % and 150 %, for looking at.

    python scripts/gallery.py FOLDER

Not part of the app, and not a test: the pictures are compared with the design by eye.
"""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

sys.path.insert(0, str(Path(__file__).parents[1]))

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.bar import Bar, Key, Part
from morpheus_desktop.widgets.basic import (
    Chip,
    ThemedButton,
    button,
    card,
    icon_button,
    label,
    rule,
)
from morpheus_desktop.widgets.check import CheckBox
from morpheus_desktop.widgets.empty_state import EmptyState
from morpheus_desktop.widgets.field import Choice, Field, LineEdit, NumberBox
from morpheus_desktop.widgets.focus_frame import FocusFrame
from morpheus_desktop.widgets.keycaps import KeyCaps
from morpheus_desktop.widgets.note import Note
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.page_header import PageHeader
from morpheus_desktop.widgets.segmented import Segmented
from morpheus_desktop.widgets.skeleton import Skeleton
from morpheus_desktop.widgets.slider import Slider
from morpheus_desktop.widgets.spinner import Ring, Spinner
from morpheus_desktop.widgets.switch import Switch
from morpheus_desktop.widgets.toast import ToastStack, ToastText

KINDS = ("primary", "secondary", "ghost", "danger", "link", "chip")


def row(*widgets: QWidget) -> QHBoxLayout:
    """Widgets beside each other, at the left."""
    line = QHBoxLayout()
    line.setSpacing(8)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch()
    return line


def buttons(theme: Theme) -> QWidget:
    """Every kind of button at rest, with an icon, off, busy."""
    frame, column = card()
    for kind in KINDS:
        off = button(theme, "Off", kind, icon="cpu")
        off.set_reason("No model is loaded.")
        busy = button(theme, "Working", kind, icon="cpu")
        busy.set_busy(busy=True)
        plain = button(theme, "Working", kind)
        plain.set_busy(busy=True)
        made: list[ThemedButton] = [
            button(theme, "Start", kind),
            button(theme, "Try", kind, icon="refresh-cw"),
        ]
        column.addLayout(row(*made, off, busy, plain))
    checked = icon_button(theme, "pin", "Pinned", checkable=True)
    checked.setChecked(True)
    column.addLayout(
        row(
            icon_button(theme, "copy", "Copy"),
            checked,
            button(theme, "Large", "primary", large=True),
        )
    )
    return frame


def choices(theme: Theme) -> QWidget:
    """What is chosen or set."""
    frame, column = card()
    segments = Segmented(
        theme, "Level", [("d", "Debug"), ("i", "Info"), ("w", "Warnings"), ("e", "Errors")]
    )
    segments.choose("d")
    on, off, busy = Switch(theme, "Follow"), Switch(theme, "Proxy"), Switch(theme, "Waiting")
    on.show_state(on=True)
    busy.set_busy(busy=True)
    ticked = CheckBox(theme, "Ticked")
    ticked.setChecked(True)
    slider, dead = Slider(theme, "Threads", 1, 8), Slider(theme, "Off", 0, 10)
    slider.setValue(5)
    dead.setValue(4)
    dead.setEnabled(False)
    number = NumberBox(theme, "Context", 0, 100_000)
    number.setValue(8192)
    column.addLayout(row(segments))
    column.addLayout(
        row(on, off, busy, Choice(theme, "Unload", [("10", "10 minutes"), ("0", "Never")]))
    )
    column.addLayout(row(CheckBox(theme, "Open"), ticked))
    column.addLayout(row(slider, number, dead))
    name = Field(theme, "Name", LineEdit(theme, "Name", hint="Work"), hint="Shown in the list.")
    wrong = Field(theme, "Port", LineEdit(theme, "Port"))
    wrong.input.setText("80000")
    wrong.set_problem("A port is a number from 1 to 65535.")
    column.addWidget(LineEdit(theme, "Search", hint="Search chats", icon="search"))
    column.addWidget(name)
    column.addWidget(wrong)
    return frame


def words(theme: Theme) -> QWidget:
    """Type styles, chips, key caps."""
    frame, column = card()
    for style in theme.type_styles:
        column.addWidget(label(f"{style}: 86.421 MOR, 0x9E04…a8F9 != 10", style))
    tones = ("", "accent", "warn", "danger", "info", "violet")
    column.addLayout(
        row(
            *(
                Chip(theme, tone or "plain", tone, "check" if tone == "accent" else "")
                for tone in tones
            )
        )
    )
    column.addLayout(row(KeyCaps("Ctrl+K", theme), Spinner(theme), ring(theme)))
    return frame


def ring(theme: Theme) -> QWidget:
    """A ring that is partly filled."""
    made = Ring(theme, 28, "info")
    made.set_value(0.7)
    return made


def notices(theme: Theme) -> QWidget:
    """Notes of every tone."""
    frame, column = card()
    for tone in ("", "info", "warn", "danger", "accent"):
        note = Note(
            theme,
            tone,
            "No internet connection.",
            "Local chat, history and exports work. Trying again in 8 s.",
        )
        note.add_action(button(theme, "Try now"), below=tone == "danger")
        column.addWidget(note)
    return frame


def states(theme: Theme) -> QWidget:
    """Empty, loading, filled."""
    frame, column = card()
    state = EmptyState(
        "message-square-plus",
        "No chats yet",
        theme,
        "Ask the local model anything. It is free and nothing leaves this computer.",
    )
    state.add_action(button(theme, "Start a chat", "primary"))
    state.add_action(button(theme, "Browse models", "ghost"))
    column.addWidget(state, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addWidget(rule())
    column.addLayout(row(Spinner(theme), label("Reading 3 of 5 files", "small", "text-2")))
    skeleton = Skeleton(theme, [(0.05, 0.35), (0.05, 0.5)])
    column.addWidget(skeleton)
    bar = Bar(theme, "Memory")
    bar.set_parts(
        [
            Part(0.38, "line-strong", "System 6.1 GB"),
            Part(0.03, "accent", "Loaded 0.4 GB"),
            Part(0.38, "info", "If loaded 6.2 GB", hatched=True),
        ]
    )
    column.addWidget(bar)
    column.addLayout(
        row(
            Key(theme, "accent"),
            label("Loaded", "small", "text-2"),
            Key(theme, "info", hatched=True),
            label("If loaded", "small", "text-2"),
        )
    )
    return frame


BOARDS: tuple[Callable[[Theme], QWidget], ...] = (buttons, choices, words, notices, states)


def board(theme: Theme) -> QWidget:
    """All of it on one page."""
    page = QWidget()
    page.setObjectName("page")
    page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    header = PageHeader(theme, "Local models", "4 installed, 17.5 GB")
    header.add_action(button(theme, "Open folder", "ghost", icon="upload"))
    header.add_action(button(theme, "Add file or folder"))
    column.addWidget(header)
    grid = QGridLayout()
    grid.setContentsMargins(24, 12, 24, 20)
    grid.setSpacing(12)
    for number, make in enumerate(BOARDS):
        grid.addWidget(make(theme), number // 3, number % 3)
    toasts = QWidget()
    toasts.setMinimumSize(theme.px(440), theme.px(230))
    stack = ToastStack(theme, toasts)
    stack.show_toast(ToastText("The model is loaded", action="View"))
    stack.show_toast(
        ToastText("Chat deleted", icon="trash-2", tone="text-2", action="Undo", undo=True)
    )
    grid.addWidget(toasts, 1, 2)
    column.addLayout(grid, 1)
    return page


def dialog(theme: Theme, over: QWidget) -> Overlay:
    """A dialog with a field that is wrong."""
    made = Overlay(theme, over, "Rename the chat", subtitle="Only the name changes.")
    name = Field(theme, "Name", LineEdit(theme, "Name"))
    name.input.setText("Parse nginx logs")
    made.body.addWidget(name)
    made.body.addWidget(
        Note(theme, "warn", "This name is taken.", "Two chats may have the same name.")
    )
    made.footer.addWidget(button(theme, "Cancel", "ghost"))
    made.footer.addWidget(button(theme, "Rename", "primary"))
    return made


def settle(app: QApplication) -> None:
    """Let layouts and the 200 ms of the skeleton pass."""
    from time import monotonic

    end = monotonic() + 0.4
    while monotonic() < end:
        app.processEvents()


def main(folder: Path) -> None:
    """Paint all pictures into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    for mode, scale in itertools.product(("dark", "light"), (1.0, 1.5)):
        theme = Theme(mode, scale)
        theme.apply(app)
        keeper = FocusFrame(theme)
        page = board(theme)
        page.resize(theme.px(1400), theme.px(1180))
        page.show()
        page.activateWindow()
        settle(app)
        page.grab().save(str(folder / f"gallery-{mode}-{scale:.0%}.png"))
        made = dialog(theme, page)
        made.open()
        settle(app)
        page.grab().save(str(folder / f"dialog-{mode}-{scale:.0%}.png"))
        page.close()
        page.deleteLater()
        del keeper


if __name__ == "__main__":
    main(Path(sys.argv[1]))
