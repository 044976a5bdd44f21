"""The parts that are to come: honest, and with a next step that works."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.panes.not_ready import TOPICS, NotReadyPane
from morpheus_desktop.widgets.basic import ThemedButton
from morpheus_desktop.widgets.sidebar import PAGES, TOOLS
from morpheus_desktop.widgets.text import Label
from tests.support.looks import clipped

NAMES = {entry.page: entry for entry in (*PAGES, *TOOLS)}


@pytest.fixture
def make(theme, qtbot):
    def made(topic) -> NotReadyPane:
        pane = NotReadyPane(topic, theme)
        pane.resize(904, 600)
        qtbot.addWidget(pane)
        with qtbot.waitExposed(pane):
            pane.show()
        return pane

    return made


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_it_says_that_it_is_not_there_and_what_works_today(make, topic):
    pane = make(topic)
    words = [each.text() for each in pane.findChildren(Label)]
    assert {NAMES[topic.page].title, topic.title, topic.sentence} <= set(words)
    assert "not in this version yet" in topic.sentence
    assert len([b for b in pane.findChildren(ThemedButton) if b.property("kind") == "primary"]) == 1


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_each_button_leads_to_a_page_that_is_there(make, qtbot, topic):
    pane = make(topic)
    led = []
    pane.page_requested.connect(led.append)
    for button in pane.findChildren(ThemedButton):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert led == [each for each in (topic.leads_to, topic.second_leads_to) if each]
    assert set(led) <= NAMES.keys() - TOPICS.keys()


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_nothing_is_cut(make, theme, qtbot, topic, scale):
    theme.set_scale(scale)
    pane = make(topic)
    qtbot.waitUntil(lambda: clipped(pane) == [])
