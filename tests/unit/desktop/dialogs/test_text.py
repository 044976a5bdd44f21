"""Longer texts of our own."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop import assets
from morpheus_desktop.dialogs.text import TextDialog, parse
from morpheus_desktop.widgets.text import Label
from tests.support.looks import clipped

TEXT = """# Terms

First `line`
goes on.

## Part

- one - and only
- two
  goes on
"""


def test_headings_paragraphs_and_lists():
    title, blocks = parse(TEXT)
    assert title == "Terms"
    assert blocks == (
        ("paragraph", "First line goes on."),
        ("heading", "Part"),
        ("item", "one - and only"),
        ("item", "two goes on"),
    )


@pytest.mark.parametrize("name", ["terms.md", "third_party_licences.md"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_texts_of_the_app_are_shown_whole(theme, over, qtbot, name, scale):
    theme.set_scale(scale)
    dialog = TextDialog(assets.text(name), theme, over)
    dialog.open()
    qtbot.waitUntil(lambda: clipped(dialog) == [])
    words = " ".join(each.text() for each in dialog.findChildren(Label))
    assert "#" not in words
    assert "`" not in words


def test_the_licences_name_what_comes_with_the_app():
    words = assets.text("third_party_licences.md")
    for part in ("Qt", "LGPL", "Inter", "JetBrains Mono", "OFL", "Lucide", "ISC", "llama.cpp"):
        assert part in words, part


@pytest.mark.parametrize(("action", "code"), [("", 0), ("Accept", 1)])
def test_the_first_button_answers(theme, over, qtbot, action, code):
    dialog = TextDialog(TEXT, theme, over, action=action)
    dialog.open()
    with qtbot.waitSignal(dialog.finished) as told:
        qtbot.keyClick(over.focusWidget(), Qt.Key.Key_Space)
    assert told.args == [code]
