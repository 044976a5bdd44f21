"""The files that come with the app."""

import pytest

from morpheus_desktop import assets
from morpheus_desktop.theme import Theme


def test_a_file_is_found_and_read():
    assert assets.path("theme", "tokens.json").is_file()
    assert assets.text("terms.md").startswith("# ")


def test_what_is_missing_is_a_mistake():
    with pytest.raises(FileNotFoundError):
        assets.text("no such file")


def test_every_font_of_the_design_is_there_with_its_licence(theme: Theme):
    names = {file.name for file in assets.fonts()}
    assert {"Inter-Regular.ttf", "Inter-SemiBold.ttf", "JetBrainsMono-Regular.ttf"} <= names
    licences = {file.name for file in assets.path("fonts").glob("*OFL.txt")}
    assert {"Inter-OFL.txt", "JetBrainsMono-OFL.txt"} <= licences
    assert theme.font("mono").exactMatch()
    assert theme.font("body").exactMatch()
