"""Settings of what is on disk."""

import pytest

from morpheus_desktop.settings.data import DataSection
from morpheus_desktop.widgets.basic import ThemedButton
from tests.support.waiting import emitted


@pytest.fixture
def section(settings_vm, theme, qtbot, qloop):
    done = []
    made = {}

    def build() -> None:
        made["section"] = DataSection(
            settings_vm,
            theme,
            open_folder=lambda path: done.append(path),
            export=lambda: done.append("export"),
            import_chats=lambda: done.append("import"),
        )

    emitted(qloop, settings_vm.measured, build)
    section = made["section"]
    section.done = done
    qtbot.addWidget(section)
    section.show()
    return section


def click(section, text):
    next(b for b in section.findChildren(ThemedButton) if b.text() == text).click()


def test_the_folder_with_its_size(section, below):
    about = section._cards[0].rows[0]._about.text()
    assert about.startswith(str(below.paths.data))
    assert about.endswith("B")
    click(section, "Open folder")
    click(section, "Open log folder")
    assert section.done == [below.paths.data, below.paths.logs]


def test_chats_to_and_from_files(section):
    click(section, "Export all chats…")
    click(section, "Import chats…")
    assert section.done == ["export", "import"]


def test_without_a_backup_there_is_nothing_to_restore(section):
    assert section._backup.currentText() == "None yet"
    assert not section._restore.isEnabled()
    assert section._restore.toolTip() == "There are no backups yet."


def test_a_backup_is_made_listed_and_restored(section, settings_vm, below, qloop):
    chat = qloop.run_until_complete(below.chats.create())
    (path,) = emitted(qloop, settings_vm.backed_up, lambda: click(section, "Back up now"))
    assert not section._back_up.busy
    assert section._backup.currentText() == path.name
    assert section._restore.isEnabled()
    qloop.run_until_complete(below.chats.purge(chat.id))
    section._backup.choose(path.name)
    emitted(qloop, settings_vm.restored, section._restore.click)
    assert len(qloop.run_until_complete(below.chats.list())) == 1
    assert section._backup.count() == 2


def test_what_is_logged(section, below):
    assert section._level.currentText() == "Normal"
    section._level.chosen.emit("debug")
    assert below.settings.current.log.level == "debug"
    assert section._level.currentText() == "Everything"
