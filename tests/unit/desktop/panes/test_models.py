"""The models page as a whole: questions before what is risky, dropped files, narrow windows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QFileDialog

from morpheus_desktop.models.confirm import Confirm
from morpheus_desktop.panes.models import ModelsPane
from morpheus_desktop.regions import reading_order
from morpheus_desktop.viewmodels import models
from router.inference.memory import Memory
from tests.support.clipped import clipped
from tests.support.model_desk import ModelDesk, model_desk
from tests.support.waiting import until


@pytest.fixture
async def desk(tmp_path: Path, theme) -> AsyncIterator[ModelDesk]:
    async with model_desk(tmp_path) as desk:
        desk.write_own("one")
        desk.write_own("two")
        yield desk


@pytest.fixture
async def pane(desk: ModelDesk, theme, qtbot) -> ModelsPane:
    made = ModelsPane(desk.vm, theme)
    qtbot.addWidget(made)
    made.resize(1064, 792)
    made.show()
    await desk.start()
    return made


def question(pane: ModelsPane) -> Confirm | None:
    open_ = [each for each in pane.findChildren(Confirm) if each.isVisible()]
    return open_[0] if open_ else None


def press(pane: ModelsPane, words: str) -> None:
    """Press the button of the open question."""
    (found,) = [b for b in question(pane).findChildren(QAbstractButton) if b.text() == words]
    found.click()


async def test_the_first_model_is_chosen_once_there_is_one(desk, pane):
    assert desk.vm.selected == "one"
    assert pane._header._facts.text().startswith("2 installed, ")
    desk.write_own("broken", cut=5)
    await desk.library.scan()
    assert pane._header._facts.text().endswith(", 1 not usable")


async def test_what_is_new_is_shown_when_the_page_is(desk, pane):
    pane.hide()
    desk.write_own("three")
    await desk.library.scan()
    assert pane._header._facts.text().startswith("2 installed")
    pane.show()
    assert pane._header._facts.text().startswith("3 installed")


async def test_a_model_that_fits_is_loaded_at_once(desk, pane):
    pane._details._main.click()
    assert question(pane) is None
    await until(lambda: desk.row("one").status == "loaded")


@pytest.mark.parametrize("answer", ["Cancel", "Load it anyway"])
async def test_one_that_is_too_big_only_after_a_question(desk, pane, monkeypatch, answer):
    monkeypatch.setattr(models, "memory", lambda: Memory(2 * 10**9, 1000))
    desk.vm.watch_memory(on=True)
    pane._details._main.click()
    assert question(pane) is not None
    assert desk.vm.host_state.phase == "off"
    press(pane, answer)
    assert question(pane) is None
    if answer == "Cancel":
        assert not desk.vm._tasks.running("load")
    else:
        await until(lambda: desk.row("one").status == "loaded")


async def test_a_file_is_deleted_only_after_a_question(desk, pane):
    file = desk.paths.models / "one.gguf"
    pane._list.remove_asked.emit("one")
    press(pane, "Cancel")
    assert file.exists()
    pane._details.remove_asked.emit("one")
    press(pane, "Delete the file")
    await until(lambda: not file.exists())
    await until(lambda: desk.vm.row("one") is None)
    assert desk.vm.selected == "two"


def mime(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


async def test_files_and_folders_are_dropped_anywhere(desk, pane):
    desk.write("linked")
    folder = desk.write("x").parent / "more"
    folder.mkdir()
    (folder / "inside.gguf").write_bytes((desk.paths.models / "one.gguf").read_bytes())
    data = mime(desk.folder / "files" / "linked.gguf", folder)
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(5, 5).toPoint(), actions, data, buttons, none)
    pane.dragEnterEvent(enter)
    assert enter.isAccepted()
    pane.dropEvent(QDropEvent(QPointF(5, 5), actions, data, buttons, none))
    await until(lambda: {"linked", "inside"} <= {row.id for row in desk.vm.installed})


async def test_what_is_no_file_cannot_be_dropped(pane):
    data = QMimeData()
    data.setText("https://example.org/model.gguf")
    enter = QDragEnterEvent(
        QPointF(5, 5).toPoint(),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    pane.dragEnterEvent(enter)
    assert not enter.isAccepted()


@pytest.mark.parametrize(("choose", "name"), [("_choose_files", "new"), ("_choose_folder", "")])
async def test_files_are_chosen_in_a_dialog(desk, pane, choose, name, monkeypatch):
    monkeypatch.setattr(QFileDialog, "open", lambda _self: None)
    path = desk.write("new")
    getattr(pane, choose)()
    (dialog,) = pane.findChildren(QFileDialog)
    dialog.filesSelected.emit([str(path if name else path.parent)])
    dialog.close()
    await until(lambda: desk.vm.row("new") is not None)


async def test_details_stand_beside_the_list_or_inside_it(pane):
    assert not pane._list.isAncestorOf(pane._details)
    assert pane._details.x() > pane._list.x()
    pane.resize(700, 600)
    assert pane._list.isAncestorOf(pane._details)
    assert pane.regions() == [pane._list]
    pane.resize(1064, 792)
    assert pane.regions() == [pane._list, pane._details]
    assert not pane._list.isAncestorOf(pane._details)


async def test_everything_has_a_name_and_tab_passes_the_list_in_one_step(desk, pane):
    order = reading_order(pane)
    unnamed = [
        each
        for each in order
        if not each.accessibleName() and not (isinstance(each, QAbstractButton) and each.text())
    ]
    assert unnamed == []
    rows = [each for each in order if each.objectName() == "modelRow"]
    assert rows == [pane._list.row("one")]
    assert any(isinstance(each, QAbstractSpinBox) for each in order)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "size", "scale"),
    [
        ("dark", (1064, 792), 1.0),
        ("light", (904, 612), 1.0),
        ("dark", (904, 612), 1.5),
        ("light", (1064, 792), 2.0),
    ],
)
async def test_no_words_are_clipped(desk, pane, theme, shot, qtbot, mode, size, scale):
    theme.set_mode(mode)
    theme.set_scale(scale)
    pane.resize(*size)
    desk.write_own("a-model-with-a-very-long-name-" * 5)
    desk.write_own("broken", cut=5)
    await desk.library.scan()
    # The bar at the right of the page appears with a later turn of Qt's loop.
    qtbot.waitUntil(lambda: not clipped(pane))
    shot(pane, f"models-{mode}-{size[0]}-{round(scale * 100)}")
