"""Looks are kept, broken files are survived, the window stays in reach."""

import logging
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, QSize

from morpheus_desktop.prefs import DEFAULT_WINDOW, GRAB, SMALLEST_WINDOW, Prefs, on_a_screen

SCREEN = QRect(0, 0, 1920, 1040)
SECOND = QRect(1920, 0, 2560, 1440)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "window.ini"


def test_a_new_file_gives_the_defaults(path):
    prefs = Prefs(path)
    assert (prefs.theme_mode, prefs.text_size, prefs.rail) == ("system", 1.0, False)
    assert (prefs.page, prefs.welcome_done, prefs.geometry) == ("", False, None)
    assert prefs.recent == []
    assert prefs.keys("chat.new") is None


def test_everything_comes_back_at_the_next_start(path):
    prefs = Prefs(path)
    prefs.theme_mode = "light"
    prefs.text_size = 1.5
    prefs.rail = True
    prefs.welcome_done = True
    prefs.page = "models"
    prefs.set_geometry(QRect(-5, 20, 1300, 900), maximized=True)
    prefs.add_recent("command:theme.dark")
    prefs.add_recent("chat:0x1, with comma = ; signs")
    prefs.set_keys("chat.new", "Ctrl+Shift+,")
    prefs.set_keys("palette", "")

    again = Prefs(path)
    assert (again.theme_mode, again.text_size, again.rail) == ("light", 1.5, True)
    assert (again.page, again.welcome_done) == ("models", True)
    assert (again.geometry, again.maximized) == (QRect(-5, 20, 1300, 900), True)
    assert again.recent == ["chat:0x1, with comma = ; signs", "command:theme.dark"]
    assert again.keys("chat.new") == "Ctrl+Shift+,"
    assert again.keys("palette") == ""
    again.set_keys("palette", None)
    assert Prefs(path).keys("palette") is None


def test_recent_is_short_and_has_no_doubles(path):
    prefs = Prefs(path)
    for number in [*range(12), 11, 5]:
        prefs.add_recent(f"item {number}")
    assert prefs.recent == [f"item {n}" for n in (5, 11, 10, 9, 8, 7, 6, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "[looks]\ntheme=pink\ntext_size=900\nrail=7\n",
        "[looks]\ntext_size=nan\n[window]\ngeometry=1 2 x 4\nwelcome_done=maybe\n",
        "[window]\ngeometry=1 2 0 -4\n",
        "[window]\ngeometry=1 2 99999999999999999999 4\n",
        "[looks]\ntheme=light, dark\ntext_size=\n[window]\ngeometry=1, 2, 3, 4\n",
    ],
)
def test_values_that_make_no_sense_read_as_defaults(path, text):
    path.write_text(text)
    prefs = Prefs(path)
    assert (prefs.theme_mode, prefs.text_size, prefs.rail) == ("system", 1.0, False)
    assert (prefs.geometry, prefs.welcome_done) == (None, False)


def test_a_broken_file_is_set_aside_and_said(path, caplog):
    path.write_bytes(b"[looks\x00\ntheme=light\nno sense at all")
    with caplog.at_level(logging.WARNING):
        prefs = Prefs(path)
    assert prefs.theme_mode == "system"
    assert "default looks" in caplog.text
    assert path.with_suffix(".bad.ini").exists()
    prefs.theme_mode = "dark"
    assert Prefs(path).theme_mode == "dark"


@pytest.mark.skipif(
    os.name == "nt", reason="folders cannot be made read-only with chmod on Windows"
)
def test_a_place_that_cannot_be_written_is_said_once(tmp_path, caplog):
    prefs = Prefs(tmp_path / "a file" / "window.ini")
    (tmp_path / "a file").write_text("not a folder")
    with caplog.at_level(logging.WARNING):
        prefs.theme_mode = "dark"
        prefs.rail = True
    assert caplog.text.count("cannot be written") == 1
    assert (prefs.theme_mode, prefs.rail) == ("dark", True)


def test_the_default_window_stands_in_the_middle():
    placed = on_a_screen(None, [SCREEN])
    assert placed.size() == DEFAULT_WINDOW
    assert abs(placed.center().x() - SCREEN.center().x()) <= 1


def test_a_window_on_the_second_screen_stays_there():
    wanted = QRect(2000, 100, 1280, 820)
    assert on_a_screen(wanted, [SCREEN, SECOND]) == wanted


def test_a_window_of_a_screen_that_is_gone_comes_home():
    placed = on_a_screen(QRect(2000, 100, 1280, 820), [SCREEN])
    assert SCREEN.contains(placed)


def test_a_small_screen_limits_the_window():
    placed = on_a_screen(None, [QRect(0, 0, 1024, 600)])
    assert placed == QRect(0, 0, 1024, 600)


@given(
    st.integers(-10_000, 10_000),
    st.integers(-10_000, 10_000),
    st.integers(1, 9_000),
    st.integers(1, 9_000),
)
def test_the_title_bar_can_always_be_grabbed(x, y, width, height):
    placed = on_a_screen(QRect(x, y, width, height), [SCREEN, SECOND])
    assert any(
        placed.intersected(screen).width() >= GRAB
        and screen.top() <= placed.top() <= screen.bottom() - GRAB
        for screen in (SCREEN, SECOND)
    ), "on no screen is there enough of the title bar"
    assert placed.size().expandedTo(SMALLEST_WINDOW) == placed.size()
    assert placed.size().boundedTo(QSize(2560, 1440)) == placed.size()
