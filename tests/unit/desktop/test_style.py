"""From tokens to what Qt understands."""

import re

import pytest
from PySide6.QtGui import QColor, QFont, QPalette

from morpheus_desktop import assets, style


def test_at_high_contrast_lines_are_strong_and_grounds_hard():
    assert style.contrasting("line-subtle") == "line-control"
    assert style.contrasting("warn-line") == "line-control"
    assert style.contrasting("danger-soft") == "bg-surface"
    assert style.contrasting("text-2") == "text-2"


def test_the_palette_agrees_with_the_tokens():
    made = style.palette(lambda token: QColor("#102030" if token == "text" else "#a0b0c0"))
    assert made.color(QPalette.ColorRole.WindowText).name() == "#102030"
    assert made.color(QPalette.ColorRole.Window).name() == "#a0b0c0"
    greyed = made.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text)
    assert greyed.name() == "#a0b0c0"


def test_every_name_of_the_sheet_is_filled():
    asked = []

    def value(name: str) -> str:
        asked.append(name)
        return "X"

    made = style.sheet(value)
    assert "{{" not in made
    assert "}}" not in made
    assert {"bg-app", "focus", "32px"} <= set(asked)


def test_the_sheet_knows_no_colour_of_its_own():
    text = assets.text("theme", "base.qss")
    assert re.findall(r"#[0-9a-fA-F]{6}\b|rgba?\(", text) == []


@pytest.mark.parametrize(("pixels", "wanted"), [(13, "13px"), (None, "9.75pt")])
def test_a_type_style_becomes_a_rule(pixels, wanted):
    font = QFont(["Inter"])
    if pixels:
        font.setPixelSize(pixels)
    else:
        font.setPointSizeF(9.75)
    rule = style.label_rule("body", font, 20)
    assert f"font-size: {wanted};" in rule
    assert 'Label[type="body"]' in rule
    assert "qproperty-lineHeight: 20" in rule
