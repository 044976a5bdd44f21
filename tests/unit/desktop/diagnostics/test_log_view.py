"""The lines as they are painted, opened with mouse and keyboard, and scrolled."""

import logging

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.diagnostics.log_view import LogView
from morpheus_desktop.viewmodels.log_lines import LogModel
from router.log import LogBook, LogLine


@pytest.fixture
def view(tmp_path, theme, qtbot):
    book = LogBook(tmp_path / "logs")
    model = LogModel(book)
    made = LogView(theme, model)
    qtbot.addWidget(made)
    made.resize(800, 140)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    model.close()
    book.close()


def add(view, *texts, level=logging.INFO) -> None:
    for text in texts:
        view.model().add(LogLine(1000.0, level, "chat", text))
    view.model().flush()


def test_a_click_opens_the_line(view, qtbot):
    add(view, "older", "newer")
    with qtbot.waitSignal(view.opened) as opened:
        place = view.visualRect(view.model().index(1)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args[0].text == "older"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_keyboard_opens_the_line_it_is_on(view, qtbot, key):
    add(view, "older", "newer")
    view.setCurrentIndex(view.model().index(0))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.opened) as opened:
        qtbot.keyClick(view, key)
    assert opened.args[0].text == "older"


def test_it_tells_when_it_stands_away_from_the_newest(view):
    told = []
    view.scrolled.connect(told.append)
    add(view, *(f"line {n}" for n in range(50)))
    view.doItemsLayout()
    view.verticalScrollBar().setValue(40)
    view.verticalScrollBar().setValue(0)
    assert told[-2:] == [True, False]


def painted(view) -> set[str]:
    image = view.viewport().grab().toImage()
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }


def test_an_error_has_its_ground_and_its_colour(view, theme):
    add(view, "all is well")
    assert theme.hex("danger-soft").lower() not in painted(view)
    add(view, "it broke", level=logging.ERROR)
    assert theme.hex("danger-soft").lower() in painted(view)


def test_rows_grow_with_the_text(view, theme):
    add(view, "one")
    assert view.sizeHintForRow(0) == 28
    theme.set_scale(1.5)
    assert view.visualRect(view.model().index(0)).height() == 42
