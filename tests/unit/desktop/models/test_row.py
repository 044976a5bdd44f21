"""One row: what it shows in each state, and what its buttons ask for."""

import dataclasses

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.models.row import Row
from morpheus_desktop.viewmodels.models import ModelRow
from router.errors import DownloadError
from router.inference.download import Download
from router.inference.memory import Memory
from tests.support.hub import MODEL
from tests.support.library import local_model

FREE = Memory(16 * 10**9, 9 * 10**9)
HERE = ModelRow("talker", "Talker", 98_400_000, "fits", 10**9, model=local_model("talker"))
OFFER = ModelRow(MODEL.id, MODEL.name, 1000, "fits", 1000, offer=MODEL)


@pytest.fixture
def make(theme, qtbot):
    def make(row: ModelRow, *, chosen: bool = False) -> Row:
        made = Row(theme, row)
        qtbot.addWidget(made)
        made.resize(560, 60)
        made.show_row(row, FREE, chosen=chosen)
        made.show()
        return made

    return make


def coming(**download) -> ModelRow:
    return dataclasses.replace(OFFER, status="coming", download=Download(MODEL, **download))


def shown(row: Row) -> list[str]:
    names = {"get": row._get, "pause": row._pause, "cancel": row._cancel, "remove": row._remove}
    return [name for name, button in names.items() if button.isVisible()]


@pytest.mark.parametrize(
    ("row", "buttons", "chip"),
    [
        (HERE, [], "Fits"),
        (dataclasses.replace(HERE, status="loaded"), [], "Loaded"),
        (dataclasses.replace(HERE, status="loading"), [], ""),
        (dataclasses.replace(HERE, status="loading", can_stop=True), ["cancel"], ""),
        (
            dataclasses.replace(
                HERE, status="broken", model=local_model("talker", problem="It ends early.")
            ),
            ["remove"],
            "",
        ),
        (OFFER, ["get"], "Fits"),
        (dataclasses.replace(OFFER, status="too_big"), ["get"], "Too big"),
        (coming(phase="loading"), ["pause", "cancel"], ""),
        (coming(phase="paused"), ["get", "cancel"], ""),
        (coming(phase="failed", error=DownloadError("No.")), ["get", "cancel"], ""),
    ],
)
def test_buttons_and_chip_of_each_state(make, row, buttons, chip):
    made = make(row)
    assert shown(made) == buttons
    assert made._chip_column.isVisible() is bool(chip)
    assert made._chip.accessibleName() == chip


def test_the_bundled_one_can_be_broken_but_not_removed(make):
    model = dataclasses.replace(local_model("ours", problem="Damaged."), bundled=True)
    made = make(dataclasses.replace(HERE, status="broken", model=model))
    assert shown(made) == []
    assert made._bundled.isVisible()


def test_the_ring_shows_how_much_has_come(make):
    made = make(coming(phase="loading", done=250, total=1000))
    assert made._picture.currentIndex() == 1
    assert made._ring.value == 0.25
    made.show_row(HERE, FREE, chosen=False)
    assert made._picture.currentIndex() == 0


def test_buttons_ask_for_what_they_say(make, qtbot):
    made = make(coming(phase="paused"))
    with qtbot.waitSignal(made.download_asked) as asked:
        made._get.click()
    assert asked.args == [MODEL]
    for signal, button in ((made.pause_asked, made._pause), (made.cancel_asked, made._cancel)):
        with qtbot.waitSignal(signal) as asked:
            button.click()
        assert asked.args == [MODEL.id]


def test_a_click_chooses(make, qtbot):
    made = make(HERE)
    with qtbot.waitSignal(made.chosen) as chosen:
        qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    assert chosen.args == ["talker"]


def test_only_the_chosen_row_is_reached_by_tab(make):
    made = make(OFFER)
    for part in (made, made._get):
        assert not part.focusPolicy() & Qt.FocusPolicy.TabFocus
    made.show_row(OFFER, FREE, chosen=True)
    for part in (made, made._get):
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_it_is_read_with_its_state_and_buttons_with_their_model(make):
    made = make(HERE)
    assert made.accessibleName() == "Talker. Fits"
    made.show_row(coming(phase="paused"), FREE, chosen=True)
    assert made.accessibleName() == "Little Talker. Paused"
    assert made._get.accessibleName() == "Go on with Little Talker"
    assert made._cancel.accessibleName() == "Cancel and delete what has come: Little Talker"


def test_long_names_are_cut_and_reasons_wrap(make):
    problem = "A reason that needs more than one line because it explains everything. " * 3
    model = local_model("x" * 300, problem=problem)
    made = make(dataclasses.replace(HERE, status="broken", model=model))
    assert made._words.text() == problem.strip()
    assert made.heightForWidth(400) > made.heightForWidth(1400)
    assert made.minimumSizeHint().width() < 560
