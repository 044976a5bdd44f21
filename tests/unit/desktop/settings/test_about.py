"""What the app is made of."""

import pytest
from PySide6.QtGui import QGuiApplication

from morpheus_desktop.settings.about import AboutSection
from morpheus_desktop.viewmodels.about import components, details
from morpheus_desktop.widgets.basic import Label, ThemedButton


@pytest.fixture
def section(theme, qtbot):
    asked = []
    made = AboutSection(
        theme, licences=lambda: asked.append("licences"), terms=lambda: asked.append("terms")
    )
    made.asked = asked
    qtbot.addWidget(made)
    made.show()
    return made


def test_every_part_with_its_version_and_licence(section):
    texts = [each.text() for each in section.findChildren(Label)]
    for part in components():
        assert {part.name, part.version, part.licence} <= set(texts)


def test_licences_and_terms_can_be_read(section):
    for button in section.findChildren(ThemedButton):
        if button.text() in ("Show", "Read"):
            button.click()
    assert section.asked == ["licences", "terms"]


def test_the_details_are_copied(section):
    section._copy.click()
    assert QGuiApplication.clipboard().text() == details()
    assert section._copy.text() == "Copied"
