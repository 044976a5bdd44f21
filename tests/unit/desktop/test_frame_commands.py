"""What can be done in the window itself."""

import pytest

from morpheus_desktop.frame_commands import Looks, page_commands
from morpheus_desktop.widgets.sidebar import PAGES, TOOLS


@pytest.fixture
def looks(theme, prefs):
    return Looks(theme, prefs)


def command(looks, command_id):
    return next(each for each in looks.commands() if each.id == command_id)


def test_each_page_of_the_sidebar_has_a_command():
    opened = []
    commands = page_commands(opened.append)
    for each in commands:
        each.run()
    assert opened == [entry.page for entry in (*PAGES, *TOOLS)]
    assert [each.keys for each in commands[:6]] == [f"Ctrl+{n}" for n in range(1, 7)]
    assert [each.keys for each in commands[6:]] == ["Ctrl+Shift+D", "Ctrl+,"]
    assert all(each.keywords for each in commands)


@pytest.mark.parametrize("mode", ["light", "dark", "system"])
def test_a_theme_is_chosen_remembered_and_marked(looks, theme, prefs, mode):
    chosen = command(looks, f"theme.{mode}")
    chosen.run()
    assert theme.mode == prefs.theme_mode == mode
    assert chosen.detail() == "In use"
    others = [each for each in looks.commands() if each.id.startswith("theme.")]
    assert [each.detail() for each in others].count("In use") == 1


def test_text_grows_by_steps_within_its_limits(looks, theme, prefs):
    larger, smaller = command(looks, "text.larger"), command(looks, "text.smaller")
    larger.run()
    assert theme.scale == prefs.text_size == 1.1
    assert larger.detail() == "Now 110\u00a0%"
    for _ in range(20):
        smaller.run()
    assert theme.scale == 0.8
    command(looks, "text.normal").run()
    assert theme.scale == prefs.text_size == 1.0


@pytest.mark.parametrize(
    ("command_id", "name"),
    [("looks.contrast", "high_contrast"), ("looks.motion", "reduced_motion")],
)
def test_switches_are_flipped_and_remembered(looks, theme, prefs, command_id, name):
    switch = command(looks, command_id)
    assert switch.checked() is False
    switch.run()
    assert switch.checked() is getattr(theme, name) is getattr(prefs, name) is True
    switch.run()
    assert switch.checked() is getattr(theme, name) is getattr(prefs, name) is False
