"""Chips, pictures, tiles, cards and rules: their colours follow the theme."""

import pytest

from morpheus_desktop.widgets.basic import Chip, Picture, Tile, card, label, rule
from tests.support.looks import colors


@pytest.mark.parametrize("tone", ["accent", "warn", "danger", "info", "violet"])
def test_a_chip_has_the_ground_and_line_of_its_tone(theme, qtbot, tone):
    chip = Chip(theme, "word", tone)
    qtbot.addWidget(chip)
    painted = colors(chip)
    assert {theme.hex(f"{tone}-soft"), theme.hex(f"{tone}-line")} <= {c.upper() for c in painted}


def test_a_chip_says_its_word_and_shows_another(theme, qtbot):
    chip = Chip(theme, "free")
    qtbot.addWidget(chip)
    narrow = chip.sizeHint().width()
    chip.set("play money", "warn", "wallet")
    assert chip.accessibleName() == "play money"
    assert chip.sizeHint().width() > narrow


def test_a_picture_changes_its_colour_with_the_theme(theme, qtbot):
    picture = Picture(theme, "cpu", 16, "text")
    qtbot.addWidget(picture)
    assert theme.hex("text").lower() in colors(picture)
    theme.set_mode("light")
    assert theme.hex("text").lower() in colors(picture)


def test_a_picture_shows_another_icon(theme, qtbot):
    picture = Picture(theme, "check", 16, "text")
    qtbot.addWidget(picture)
    before = picture.pixmap().toImage()
    picture.set("x", "danger")
    assert picture.pixmap().toImage() != before


def test_a_tile_grows_with_the_text(theme, qtbot):
    tile = Tile(theme, "cpu")
    qtbot.addWidget(tile)
    assert tile.size().toTuple() == (40, 40)
    theme.set_scale(1.5)
    assert tile.size().toTuple() == (60, 60)


def test_a_card_has_a_ground_of_its_own(theme, qtbot):
    frame, column = card()
    qtbot.addWidget(frame)
    column.addWidget(label("inside"))
    assert theme.hex("bg-surface").lower() in colors(frame)


def test_a_rule_is_one_pixel(theme, qtbot):
    line = rule()
    qtbot.addWidget(line)
    assert line.height() == 1 or line.maximumHeight() == 1
