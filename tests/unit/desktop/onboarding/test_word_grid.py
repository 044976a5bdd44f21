"""The cells: how many beside each other, and that their words need no widget."""

import pytest
from PySide6.QtWidgets import QLineEdit

from morpheus_desktop.onboarding.word_grid import WordGrid

WORDS = tuple(f"word{number}" for number in range(12))


@pytest.fixture
def grid(theme, qtbot):
    made = WordGrid(theme, lambda: WORDS, lambda: True)
    qtbot.addWidget(made)
    made.resize(720, 200)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.mark.parametrize(("width", "columns"), [(720, 4), (480, 3), (300, 2), (120, 1)])
def test_fewer_columns_where_it_is_narrow(grid, width, columns):
    grid.resize(width, 900)
    tops = {grid.cell(place).top() for place in range(12)}
    assert len(tops) == -(-12 // columns)
    assert grid.heightForWidth(width) == grid.cell(11).bottom() + 1


def test_an_input_stays_in_its_cell(grid):
    editor = QLineEdit()
    grid.put(5, editor)
    assert editor.geometry() == grid.cell(5)
    grid.resize(300, 900)
    assert editor.geometry() == grid.cell(5)
    grid.clear()
    assert not editor.isVisible()


def test_what_is_hidden_looks_like_any_other_phrase(theme, qtbot):
    def picture(words):
        grid = WordGrid(theme, lambda: words, lambda: False)
        qtbot.addWidget(grid)
        grid.resize(720, 200)
        return grid.grab().toImage()

    assert picture(WORDS) == picture(tuple(reversed(WORDS)))
