"""Labels: plain text, line heights, ellipsis, bold beginnings."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.widgets.text import Label, set_property
from tests.support.looks import paints


@pytest.fixture
def make(qtbot, theme):
    def made(text="", style="body", tone="text", *, wrap=False, cut=False) -> Label:
        label = Label(text, style, tone, wrap=wrap, cut=cut)
        qtbot.addWidget(label)
        label.show()
        return label

    return made


def test_markup_is_text(make):
    label = make("<b>bold</b>")
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.sizeHint().width() > make("bold").sizeHint().width()


@pytest.mark.parametrize(("style", "line"), [("body", 20), ("reading", 24), ("heading", 24)])
def test_wrapped_lines_have_the_height_of_their_style(make, style, line):
    label = make("word " * 60, style, wrap=True)
    one = make("word", style, wrap=True).heightForWidth(400)
    assert one == line
    height = label.heightForWidth(300)
    assert height > line
    assert height % line == 0


def test_lines_grow_with_the_text(make, theme):
    label = make("word", wrap=True)
    theme.set_scale(1.5)
    assert label.heightForWidth(400) == 30


def test_a_widest_width_and_margins_count(make):
    label = make("word " * 40, wrap=True)
    wide = label.heightForWidth(2000)
    label.setMaximumWidth(200)
    narrow = label.heightForWidth(2000)
    assert narrow > wide
    label.setContentsMargins(0, 10, 0, 6)
    assert label.heightForWidth(2000) == narrow + 16
    assert label.minimumSizeHint().height() == 20 + 16


def test_what_does_not_fit_ends_in_an_ellipsis_and_is_told_in_full(make, qtbot):
    label = make("A very long name of a model", cut=True)
    label.resize(60, 20)
    qtbot.waitUntil(lambda: label.toolTip() == label.text())
    label.resize(600, 20)
    qtbot.waitUntil(lambda: label.toolTip() == "")


def test_bold_words_come_first_in_their_own_colour(make, theme):
    label = make(tone="danger", wrap=True)
    label.set_words("Stopped.", "Nothing was lost.")
    assert label.text() == "Stopped. Nothing was lost."
    assert paints(label, theme.hex("text"))
    label.set_words("", "Nothing was lost.")
    assert label.text() == "Nothing was lost."


def test_another_colour(make, theme):
    label = make("word", "hero")
    label.set_tone("danger")
    assert paints(label, theme.hex("danger"))


def test_figures_of_tables_have_no_ligatures(make):
    assert make("!=", "mono").sizeHint().width() == make("ab", "mono").sizeHint().width()


def test_a_property_is_looked_at_again(make, theme):
    label = make("word", "hero")
    set_property(label, "tone", "warn")
    assert paints(label, theme.hex("warn"))


def test_nothing_waits_for_a_space_in_a_long_word(make):
    label = make("x" * 400, wrap=True)
    assert label.heightForWidth(200) > 20 * 5
