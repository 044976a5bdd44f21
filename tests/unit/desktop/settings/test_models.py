"""Settings of local models."""

import pytest

from morpheus_desktop.settings.models import ModelsSection
from morpheus_desktop.widgets.basic import ThemedButton


@pytest.fixture
def section(settings_vm, theme, qtbot):
    opened = []
    made = ModelsSection(settings_vm, theme, opened.append)
    made.opened = opened
    qtbot.addWidget(made)
    made.show()
    return made


def row_of(section, setting):
    rows = [row for card in section._cards for row in card.rows]
    return next(row for row in rows if row.setting == setting)


def test_zero_is_the_choice_of_the_app(section):
    assert section._threads.text().startswith("Automatic (")
    assert section._context.text() == "Automatic"


def test_numbers_are_taken(section, below):
    section._threads.setValue(3)
    section._context.setValue(4096)
    config = below.settings.current.inference
    assert (config.threads, config.context_tokens) == (3, 4096)


def test_a_wrong_number_says_why_at_its_row(section, below):
    section._context.setValue(100)
    assert "at least 256" in row_of(section, "inference.context_tokens").said
    assert below.settings.current.inference.context_tokens == 0
    section._context.setValue(512)
    assert row_of(section, "inference.context_tokens").said == ""


def test_when_memory_is_given_back(section, below):
    section._idle.setCurrentIndex(0)
    section._idle.activated.emit(0)
    assert below.settings.current.inference.idle_unload_s == 0


def test_a_mirror_must_be_an_address(section, below):
    section._mirror.setText("ftp://mirror")
    section._mirror.editingFinished.emit()
    assert "https://" in row_of(section, "inference.mirror").said
    section._mirror.setText(" https://mirror.example ")
    section._mirror.editingFinished.emit()
    assert below.settings.current.inference.mirror == "https://mirror.example"
    assert row_of(section, "inference.mirror").said == ""


def test_what_changes_elsewhere_is_shown_and_not_told(section, below):
    below.settings.change({"inference.threads": 5, "inference.idle_unload_s": 1800})
    assert section._threads.value() == 5
    assert section._idle.current == "1800"


def test_the_folder_is_opened(section, below):
    button = next(b for b in section.findChildren(ThemedButton) if b.text() == "Open folder")
    button.click()
    assert section.opened == [below.paths.models]
