"""What is wrong, above the models."""

import sys

import pytest

from morpheus_desktop.models.notes import Notes
from router.errors import ModelError
from tests.support.model_desk import WORKER
from tests.support.waiting import until


@pytest.fixture
def notes(desk, theme, qtbot):
    made = Notes(desk.vm, theme)
    qtbot.addWidget(made)
    desk.vm.changed.connect(made.show_state)
    made.resize(900, 80)
    made.show()
    return made


def said(notes) -> list[str]:
    parts = (notes._part, notes._host, notes._list, notes._action)
    return [part.accessibleName() for part in parts if not part.isHidden()]


def test_when_nothing_is_wrong_it_takes_no_room(notes):
    notes.show_state()
    assert notes.isHidden()


async def test_a_failed_load_can_be_tried_with_less_context(desk, notes):
    desk.write_own("damaged")
    await desk.start()
    desk.vm.load("damaged")
    await until(lambda: said(notes))
    assert said(notes) == ["Damaged."]
    assert notes._smaller.text() == "Load with 2,048 tokens"
    notes._smaller.click()
    await until(lambda: notes._smaller.text() == "Load with 1,024 tokens")
    desk.write_own("sound")
    await desk.library.scan()
    desk.vm.load("sound")
    await until(lambda: not said(notes))


async def test_a_missing_runtime_says_how_to_get_it(desk, notes, caplog):
    desk.worker = [*WORKER, "unavailable"]
    desk.write_own("talker")
    await desk.start()
    desk.vm.load("talker")
    await until(lambda: said(notes))
    assert notes._host.property("tone") == "warn"
    assert notes._again.isHidden()
    assert desk.vm.host_state.error.hint in said(notes)[0]


async def test_a_part_that_failed_is_started_again(desk, notes, caplog, monkeypatch):
    async def refuse() -> str:
        raise ModelError("The folder is gone.")

    whole = desk.part._start
    desk.part._start = refuse
    await desk.start()
    assert said(notes) == ["The folder is gone."]
    desk.part._start = whole
    desk.vm.look_again()
    await until(lambda: desk.vm.part.phase == "ready")
    assert said(notes) == []


async def test_a_refused_file_is_explained_until_it_is_closed(desk, notes):
    await desk.start()
    desk.vm.add(desk.write("broken", cut=9))
    await until(lambda: said(notes))
    assert "ends early" in said(notes)[0]
    notes.show_state()
    assert said(notes)
    notes.forget()
    assert notes.isHidden()


async def test_a_damaged_list_of_files_is_told(desk, notes):
    (desk.paths.data / "models.json").write_text("{")
    await desk.start()
    assert "could not be read" in said(notes)[0]
    assert sys.executable not in said(notes)[0]
