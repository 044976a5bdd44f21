"""Settings of the HTTP interface: how it is, who reaches it, and its own key."""

import asyncio

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from morpheus_desktop.settings.api import ApiSection
from morpheus_desktop.widgets.basic import ThemedButton
from morpheus_desktop.widgets.note import Note
from router.config import Settings
from router.errors import ConfigError


@pytest.fixture
def section(settings_vm, theme, qtbot):
    made = ApiSection(settings_vm, theme)
    qtbot.addWidget(made)
    made.show()
    return made


def warnings(section: QWidget) -> list[str]:
    return [n.accessibleName() for n in section.findChildren(Note) if not n.isHidden()]


def test_it_is_switched(section, below):
    section._enabled.click()
    assert not below.settings.current.api.enabled
    assert not Settings(below.paths.settings).current.api.enabled


def test_the_address_is_shown_and_copied(section, below):
    assert not section._copy.isVisible()
    below.show_api(url="http://127.0.0.1:8082", port=8082)
    assert section._running._about.text().endswith("http://127.0.0.1:8082/v1")
    section._copy.click()
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:8082/v1"


def test_a_taken_port_is_told_with_the_one_in_use(section, below):
    below.show_api(url="http://127.0.0.1:8083", port=8083, moved_from=8082)
    assert section._port_row.said == "Port 8082 is used by another program."
    assert ":8083" in section._running._about.text()
    below.show_api(url="http://127.0.0.1:8082", port=8082, moved_from=0)
    assert section._port_row.said == ""


def test_another_port_is_taken(section, below):
    section._port.setValue(9000)
    assert below.settings.current.api.port == 9000
    assert section._port.text() == "9000"


def test_letting_others_in_is_one_choice_and_has_a_warning(section, below, qtbot):
    section._host.choose("0.0.0.0")
    section._host.chosen.emit("0.0.0.0")
    api = below.settings.current.api
    assert (api.host, api.allow_lan) == ("0.0.0.0", True)
    below.show_api(url="http://0.0.0.0:8082", warnings=("Others can reach it. With a key.",))
    qtbot.waitUntil(lambda: warnings(section) == ["Others can reach it. With a key."])
    section._host.chosen.emit("127.0.0.1")
    api = below.settings.current.api
    assert (api.host, api.allow_lan) == ("127.0.0.1", False)
    below.show_api(url="http://127.0.0.1:8082", warnings=())
    assert warnings(section) == []


def test_an_address_of_the_settings_file_is_among_the_choices(section, below):
    below.settings.change({"api.host": "192.168.1.7", "api.allow_lan": True})
    assert section._host.current == section._host.currentText() == "192.168.1.7"


def test_a_failure_is_told_at_the_switch(section, below, qloop, caplog):
    below.api.error = ConfigError("No port near 8082 is free.", hint="Choose another one.")
    qloop.run_until_complete(below.api.part.start())
    assert section._running.said == "No port near 8082 is free. Choose another one."
    below.api.error = None
    qloop.run_until_complete(asyncio.sleep(0))
    qloop.run_until_complete(below.api.part.start())
    assert section._running.said == ""


def test_questions_are_kept_only_when_asked_for(section, below):
    assert not section._bodies.isChecked()
    section._bodies.click()
    assert below.settings.current.api.log_bodies


def test_the_own_key_is_hidden_until_asked_for_and_copied(section, below):
    below.paths.cookie.write_text("admin:s3cret", encoding="utf-8")
    assert "s3cret" not in [each.text() for each in section.findChildren(type(section._key))]
    section._reveal.click()
    assert section._key.text() == "s3cret"
    assert section._key.isVisible()
    section._reveal.click()
    assert not section._key.isVisible()
    assert section._key.text() == ""
    copy = next(b for b in section.findChildren(ThemedButton) if b.text() == "Copy")
    copy.click()
    assert QGuiApplication.clipboard().text() == "s3cret"
