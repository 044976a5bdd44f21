"""The settings page: sections, the search over all of them, and a wrong file at the start."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.frame_commands import Looks
from morpheus_desktop.panes.settings import SettingsPane
from morpheus_desktop.viewmodels.network import NetworkViewModel
from morpheus_desktop.viewmodels.security import SecurityViewModel
from morpheus_desktop.widgets.note import Note
from router.config import Settings
from tests.support.looks import clipped, unnamed
from tests.support.money_desk import MoneyBench
from tests.support.waiting import emitted


@pytest.fixture
def money(tmp_path, qloop):
    """What the sections about network and wallet stand on."""
    bench = MoneyBench(tmp_path / "money").open()
    models = (
        NetworkViewModel(bench.money, bench.settings),
        SecurityViewModel(bench.money, bench.settings),
    )
    yield models
    for model in models:
        qloop.run_until_complete(model.close())
    qloop.run_until_complete(bench.money.close())


@pytest.fixture
def make(settings_vm, money, theme, prefs, qtbot, qloop):
    def made(width=1064, height=760) -> SettingsPane:
        commands = Commands(prefs)
        commands.add(Command("quit", "Quit", print, "Ctrl+Q", "log-out"))
        pane = SettingsPane(settings_vm, *money, Looks(theme, prefs), commands, theme)
        pane.resize(width, height)
        qtbot.addWidget(pane)
        with qtbot.waitExposed(pane):
            pane.show()
        # This section asks for the size of the data folder.
        emitted(qloop, settings_vm.measured, lambda: pane.show_section("Data and backups"))
        pane.show_section("Appearance")
        return pane

    return made


@pytest.fixture
def pane(make):
    return make()


def section(pane) -> str:
    return pane._stack.currentWidget().title


def listed(pane) -> list[str]:
    rows = range(pane._list.count())
    return [pane.titles[row] for row in rows if not pane._list.item(row).isHidden()]


def test_sections_are_opened_by_mouse_and_keyboard(pane, qtbot):
    pane._list.setFocus()
    qtbot.keyClick(pane._list, Qt.Key.Key_Down)
    assert section(pane) == "Network"
    area = pane._list.visualItemRect(pane._list.item(8))
    qtbot.mouseClick(pane._list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert section(pane) == "About"


@pytest.fixture
def shown_keys(pane, settings_vm, qloop):
    """The section with a key that was made just now, and the own one in sight."""
    pane.show_section("API access")
    made = pane._stack.currentWidget()
    made._reveal.click()
    made._named._name.setText("Editor")
    (key,) = emitted(qloop, settings_vm.key_made, made._named._make)
    assert key in made._named._note.accessibleName()
    assert settings_vm.own_key in made._key.text()
    return made


def hides_its_keys(section) -> bool:
    texts = (section._named._made, section._named._note.accessibleName(), section._key.text())
    return "".join(texts).strip() == "" and section._named._note.isHidden()


@pytest.mark.parametrize("away", ["section", "page", "lock"])
def test_keys_are_not_shown_any_more_to_who_comes_later(pane, shown_keys, money, away):
    if away == "section":
        pane.show_section("About")
        pane.show_section("API access")
    elif away == "page":
        pane.hide()
        pane.show()
    else:
        money[1].locked.emit()
    assert hides_its_keys(shown_keys)


def test_a_minimized_window_still_shows_the_new_key(shown_keys, qapp):
    hidden = QHideEvent()
    hidden.spontaneous = lambda: True
    shown_keys.hideEvent(hidden)
    assert not hides_its_keys(shown_keys)


@pytest.mark.parametrize(
    ("words", "sections"),
    [
        ("port", ["API access", "Data and backups"]),
        ("quit", ["Keyboard"]),
        ("hub", ["Local models"]),
        ("licences", ["About"]),
        ("zebra", []),
    ],
)
def test_a_setting_is_found_in_every_section(pane, qloop, words, sections):
    async def type_it() -> None:
        pane._search.setText(words)

    qloop.run_until_complete(type_it())
    assert listed(pane) == sections
    assert pane._nothing.isHidden() is bool(sections)
    if sections:
        assert section(pane) == sections[0]
    pane._search.clear()
    assert listed(pane) == list(pane.titles)
    assert pane._nothing.isHidden()


def test_esc_ends_the_search(pane, qtbot):
    pane.search()
    qtbot.waitUntil(pane._search.hasFocus)
    qtbot.keyClicks(pane._search, "theme")
    qtbot.keyClick(pane._search, Qt.Key.Key_Escape)
    assert pane._search.text() == ""


def test_what_was_found_nothing_for_stays_said_while_the_window_changes(pane, qtbot):
    pane._search.setText("zebra")
    pane.resize(900, 700)
    qtbot.waitUntil(lambda: pane._nothing.isVisible())
    assert not pane._stack.isVisible()


def test_where_it_is_narrow_the_sections_are_icons_with_names(pane, theme, qtbot):
    assert pane._list.item(0).text() == "Appearance"
    theme.set_scale(2.0)
    qtbot.waitUntil(lambda: pane._list.width() == 88)
    assert pane._list.item(0).text() == ""
    assert pane._list.item(0).toolTip() == "Appearance"
    assert pane._list.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Appearance"


def test_a_wrong_settings_file_is_told_on_the_page(below, settings_vm, make):
    below.paths.settings.write_text("network = 'mars'\n", encoding="utf-8")
    settings_vm._settings = Settings(below.paths.settings)
    note = make().findChild(Note)
    assert "mars" in note.accessibleName()
    assert "default settings" in note.accessibleName()
    assert "kept as settings.bad-" in note.accessibleName()


def test_backups_are_told(pane, settings_vm, qloop):
    (said,) = emitted(qloop, pane.said, settings_vm.back_up)
    assert said.startswith("Backed up as ")


@pytest.mark.slow
@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [(1064, 760), (904, 600)])
def test_nothing_is_cut_or_unnamed(make, theme, qtbot, size, scale):
    theme.set_scale(scale)
    pane = make(*size)
    for title in pane.titles:
        pane.show_section(title)
        qtbot.waitUntil(lambda: clipped(pane) == [])
        assert unnamed(pane) == []
