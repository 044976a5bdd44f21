"""The diagnostics page: filters, following, what it says when there is nothing."""

import logging
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton

from morpheus_desktop.diagnostics.record import RecordDialog
from morpheus_desktop.panes.diagnostics import MEMORY_ONLY, DiagnosticsPane
from morpheus_desktop.regions import reading_order
from morpheus_desktop.viewmodels.diagnostics import DiagnosticsViewModel
from router.log import LogBook, LogLine
from tests.support.clipped import clipped


@pytest.fixture
def book(tmp_path) -> Iterator[LogBook]:
    made = LogBook(tmp_path / "logs")
    yield made
    made.close()


@pytest.fixture
def make(book, bench, theme, qtbot):
    view_models = []

    def make() -> DiagnosticsPane:
        vm = DiagnosticsViewModel(book, bench.parts, bench.host)
        view_models.append(vm)
        pane = DiagnosticsPane(vm, theme)
        qtbot.addWidget(pane)
        pane.resize(1064, 792)
        with qtbot.waitExposed(pane):
            pane.show()
        return pane

    yield make
    for vm in view_models:
        vm.log_model.close()


@pytest.fixture
def pane(make) -> DiagnosticsPane:
    return make()


def add(pane, text, part="chat", level=logging.INFO) -> None:
    pane._vm.log_model.add(LogLine(1000.0, level, part, text))
    pane._vm.log_model.flush()


def texts(pane) -> list[str]:
    return [line.text for line in pane._vm.log_model.lines()]


def test_level_part_and_text_are_chosen_in_the_row_above(pane, qtbot):
    add(pane, "small talk", level=logging.DEBUG)
    add(pane, "it broke", "store", logging.ERROR)
    add(pane, "odd", level=logging.WARNING)
    pane._levels._buttons["warning"].click()
    assert texts(pane) == ["odd", "it broke"]
    pane._parts.choose("store")
    pane._parts.chosen.emit("store")
    assert texts(pane) == ["it broke"]
    qtbot.keyClicks(pane._search, "nothing")
    assert texts(pane) == []


def test_when_no_line_matches_all_can_be_shown_again(pane):
    add(pane, "one")
    assert pane._pages.currentIndex() == 0
    pane._search.setText("two")
    assert pane._pages.currentIndex() == 1
    (clear,) = [b for b in pane.findChildren(QAbstractButton) if b.text() == "Show all lines"]
    clear.click()
    assert texts(pane) == ["one"]
    assert pane._pages.currentIndex() == 0
    assert pane._search.text() == ""


def test_following_pauses_while_older_lines_are_read(pane):
    for number in range(60):
        add(pane, f"line {number}")
    pane._list.doItemsLayout()
    bar = pane._list.verticalScrollBar()
    bar.setValue(bar.maximum())
    add(pane, "new")
    assert texts(pane)[0] == "line 59"
    assert pane._follow_words.text() == "1 new"
    bar.setValue(0)
    assert texts(pane)[0] == "new"
    assert pane._follow_words.text() == "Follow"


def test_following_can_be_switched_off(pane):
    pane._follow.setChecked(False)
    add(pane, "waits")
    assert texts(pane) == []
    pane._follow.setChecked(True)
    assert texts(pane) == ["waits"]


def test_a_line_opens_in_full(pane, qtbot):
    add(pane, "all of it")
    pane._list.setFocus()
    pane._list.setCurrentIndex(pane._vm.log_model.index(0))
    qtbot.keyClick(pane._list, Qt.Key.Key_Return)
    (dialog,) = pane.findChildren(RecordDialog)
    assert dialog._line.text == "all of it"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_what_is_shown_is_copied_oldest_first(pane):
    add(pane, "one")
    add(pane, "two", "store")
    pane._copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split()[-1] for line in lines] == ["one", "two"]


def test_a_log_file_that_cannot_be_written_is_told(book, make):
    assert not make()._problem.isVisible()
    book.problem = "The log file cannot be written: no space left."
    note = make()._problem
    assert note.isVisible()
    assert note.accessibleName() == f"{book.problem} {MEMORY_ONLY}"


async def test_there_is_a_card_for_each_part_and_no_other(bench, pane):
    await bench.store.part.start()
    assert [card._part for card in pane._cards] == list(bench.parts)
    assert pane._cards[0]._value.text() == "2 chats"
    pane._cards[0]._again.click()
    seen = []
    bench.store.part.changed.subscribe(lambda state: seen.append(state.phase))
    await pane._vm._tasks._by_key["restart store"]
    assert seen == ["off", "starting", "ready"]
    await pane._vm.close()


def test_folder_and_report_are_asked_for(pane, qtbot):
    buttons = {b.text(): b for b in pane.findChildren(QAbstractButton)}
    with qtbot.waitSignal(pane.folder_asked):
        buttons["Open log folder"].click()
    for words in ("Make a report", "Preview report"):
        with qtbot.waitSignal(pane.preview_asked):
            buttons[words].click()


def test_everything_has_a_name_and_is_reached_by_tab(pane):
    add(pane, "one")
    order = reading_order(pane)
    assert pane._list in order
    assert pane._search in order
    assert pane.regions() == [pane._search, pane._list]
    for each in order:
        assert each.accessibleName() or (isinstance(each, QAbstractButton) and each.text()), each


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "size", "scale"),
    [
        ("dark", (1064, 792), 1.0),
        ("light", (904, 612), 1.0),
        ("dark", (904, 612), 1.5),
        ("light", (904, 612), 2.0),
    ],
)
def test_no_words_are_clipped(pane, theme, shot, mode, size, scale, qtbot):
    theme.set_mode(mode)
    theme.set_scale(scale)
    pane.resize(*size)
    add(pane, "a long line " * 40, level=logging.ERROR)
    qtbot.waitUntil(lambda: not clipped(pane))
    assert pane.minimumSizeHint().width() <= size[0]
    shot(pane, f"diagnostics-{mode}-{size[0]}-{round(scale * 100)}")
