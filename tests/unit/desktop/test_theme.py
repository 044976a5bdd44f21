"""Colours with enough contrast, fonts, measures, and changes that everybody sees at once."""

import json

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel

from morpheus_desktop import assets
from morpheus_desktop.theme import Theme
from tests.support.looks import colors

TOKENS = json.loads(assets.text("theme", "tokens.json"))
GROUNDS = ("app", "sidebar", "surface", "raised", "overlay", "hover", "active", "selected")
ON_ALL = {
    **dict.fromkeys(
        ("text", "text-2", "text-3", "accent-text", "info", "warn", "danger", "violet"), 4.5
    ),
    "focus": 3.0,
}
PAIRS = [
    *(("on-accent", each, 4.5) for each in ("accent", "accent-hover", "accent-press")),
    ("on-danger", "danger-solid", 4.5),
    ("accent-text", "accent-soft", 4.5),
    *((each, f"{each}-soft", 4.5) for each in ("info", "warn", "danger", "violet")),
    ("text", "accent-soft", 4.5),
    *(("text-2", f"{each}-soft", 4.5) for each in ("warn", "danger", "info")),
    ("text-3", "accent-soft", 4.5),
    ("text", "bg-code", 4.5),
    ("text-3", "bg-code", 4.5),
    *(("line-control", f"bg-{each}", 3.0) for each in ("app", "surface", "overlay")),
]


def luminance(color: str) -> float:
    """Of WCAG 2.2."""
    parts = []
    for at in (1, 3, 5):
        part = int(color[at : at + 2], 16) / 255
        parts.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_measured_as_defined():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("token", ON_ALL)
def test_words_can_be_read_on_every_ground(mode, token, ground):
    shades = TOKENS["color"][mode]
    # The table of the design rounds to one decimal.
    assert round(contrast(shades[token], shades[f"bg-{ground}"]), 1) >= ON_ALL[token]


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize(("token", "ground", "needed"), PAIRS)
def test_pairs_have_contrast(mode, token, ground, needed):
    shades = TOKENS["color"][mode]
    assert contrast(shades[token], shades[ground]) >= needed


def test_both_modes_have_the_same_colours():
    assert TOKENS["color"]["dark"].keys() == TOKENS["color"]["light"].keys()


def test_no_type_is_smaller_than_eleven_pixels():
    assert min(each["size"] for each in TOKENS["type"].values()) == 11


def test_a_change_is_seen_at_once(theme, qapp, qtbot):
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("light")
    assert theme.hex("bg-app") == "#F5F7F7"
    assert theme.hex("bg-app") == qapp.palette().window().color().name().upper()
    assert "#F5F7F7" in qapp.styleSheet()


def test_what_is_in_force_is_not_told_again(theme, qtbot):
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("dark")
        theme.set_scale(1.0)
        theme.set_high_contrast(on=False)
        theme.set_reduced_motion(on=False)


def test_high_contrast(theme):
    soft = theme.hex("line-subtle")
    theme.set_high_contrast(on=True)
    assert theme.hex("line-subtle") == theme.hex("line-control") != soft
    assert theme.hex("warn-soft") == theme.hex("bg-surface")
    theme.set_high_contrast(on=False)
    assert theme.hex("line-subtle") == soft


def test_without_movement_times_are_nothing_but_messages_stay(theme):
    assert theme.motion("slow") == 220
    theme.set_reduced_motion(on=True)
    assert [theme.motion(each) for each in ("fast", "base", "slow", "spinner_turn")] == [0] * 4
    assert (theme.motion("toast"), theme.motion("undo")) == (6000, 10_000)


@pytest.mark.parametrize(("asked", "given"), [(0.1, 0.8), (1.25, 1.25), (9, 2.0)])
def test_text_size_has_limits(theme, asked, given):
    theme.set_scale(asked)
    assert theme.scale == given


def test_measures_and_fonts_grow_with_the_text(theme):
    theme.set_scale(1.5)
    assert theme.px(32) == 48
    assert theme.px(0) == 0
    assert theme.px(0.1) == 1
    assert theme.line_height("body") == 30
    heading = theme.font("heading")
    assert heading.pixelSize() == 24
    assert heading.weight() is QFont.Weight.DemiBold


def test_figures_stand_below_each_other(theme):
    assert theme.font("body").featureValue(QFont.Tag("tnum")) == 1
    assert theme.font("mono").featureValue(QFont.Tag("zero")) == 1
    assert theme.font("code").featureValue(QFont.Tag("calt")) == 0


def test_a_font_that_was_given_away_may_be_changed(theme):
    theme.font("body").setPixelSize(99)
    assert theme.font("body").pixelSize() == 13


def test_icons_have_the_colour_that_was_asked_for(theme, qtbot):
    shown = QLabel()
    qtbot.addWidget(shown)
    shown.setPixmap(theme.pixmap("square", 32, "danger"))
    assert theme.hex("danger").lower() in colors(shown)


def test_every_icon_can_be_drawn(theme):
    for name in theme.icon_names:
        assert not theme.pixmap(name).isNull(), name


def test_the_system_is_followed_until_one_is_chosen(theme):
    theme.set_mode("system")
    assert isinstance(theme.dark, bool)
    theme.set_mode("dark")
    assert theme.dark


def test_a_new_theme_takes_what_was_saved(qapp: QApplication):
    made = Theme("light", 1.3, high_contrast=True, reduced_motion=True)
    assert (made.dark, made.scale, made.high_contrast, made.reduced_motion) == (
        False,
        1.3,
        True,
        True,
    )
    made.deleteLater()
