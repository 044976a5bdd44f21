"""The card around code: Copy gives the source, wrapping changes the height."""

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from morpheus_desktop.chat.blocks import Code
from morpheus_desktop.chat.buttons import PaintedButton
from morpheus_desktop.chat.code_view import CodeView
from morpheus_desktop.theme import Theme


def make(qtbot: QtBot, theme: Theme, code: Code) -> CodeView:
    view = CodeView(theme, code)
    qtbot.addWidget(view)
    view.resize(400, view.height_for(400))
    return view


def named(view: CodeView, name: str) -> PaintedButton:
    return next(
        child for child in view.findChildren(PaintedButton) if child.accessibleName() == name
    )


@pytest.mark.parametrize(("source", "hidden"), [("a\r\n\tb  ", False), ("rm\u200b -rf", True)])
def test_copy_gives_the_exact_source(
    qtbot: QtBot, theme: Theme, source: str, *, hidden: bool
) -> None:
    view = make(qtbot, theme, Code(source, "sh"))
    with qtbot.waitSignal(view.copied) as signal:
        named(view, "Copy code").click()
    assert signal.args == [hidden]
    assert QGuiApplication.clipboard().text() == source
    assert named(view, "Copy code").text() == "Copied"


def test_copy_takes_the_pieces_below_too(qtbot: QtBot, theme: Theme) -> None:
    view = make(qtbot, theme, Code("first", "sh"))
    view.set_whole(lambda: "first\nsecond")
    view.copy()
    assert QGuiApplication.clipboard().text() == "first\nsecond"


def test_wrapping(qtbot: QtBot, theme: Theme) -> None:
    view = make(qtbot, theme, Code("word " * 60, "text"))
    before = view.height_for(400)
    with qtbot.waitSignal(view.height_changed):
        named(view, "Wrap long lines").click()
    assert view.height_for(400) > before
    named(view, "Wrap long lines").click()
    assert view.height_for(400) == before


def test_a_joined_piece_has_no_head(qtbot: QtBot, theme: Theme) -> None:
    whole = make(qtbot, theme, Code("a", "c"))
    piece = make(qtbot, theme, Code("a", "c", joined=True))
    assert whole.height_for(400) - piece.height_for(400) == 36
    assert not named(piece, "Copy code").isVisibleTo(piece)


def test_it_grows_line_by_line(qtbot: QtBot, theme: Theme) -> None:
    view = make(qtbot, theme, Code("a", "c"))
    before = view.height_for(400)
    view.set_code(Code("a\nb\nc", "c"))
    assert view.height_for(400) == before + 40
    assert not view.grab().isNull()
