"""Settings: where everything lies, backups, export and import."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QComboBox

from morpheus_desktop.settings.form import Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.basic import button
from router.untrusted import one_line


def data_and_backups(
    vm: SettingsViewModel,
    theme: Theme,
    *,
    open_folder: Callable[[Path], None],
    export: Callable[[], None],
    import_chats: Callable[[], None],
) -> Section:
    """The data folder, copies of the chats, chats to and from files."""
    section = Section(
        "Data and backups",
        "Everything is in one folder. --data-dir starts the app with another one.",
    )
    card = section.card()
    show = button(theme, "Open folder", icon="folder")
    show.clicked.connect(lambda: open_folder(vm.paths.data))
    card.row("Data folder", str(vm.paths.data), show)
    backups = section.card("Backups of the chats")
    make = button(theme, "Back up now")
    make.clicked.connect(vm.back_up)
    backups.row("Make a backup", "A dated copy in the folder backups", make)
    chosen = QComboBox()
    chosen.setAccessibleName("Backup to restore")
    chosen.setMinimumWidth(theme.px(240))
    restore = button(theme, "Restore", "danger")

    def list_backups() -> None:
        chosen.clear()
        for path in vm.backups():
            chosen.addItem(one_line(path.name), path)
        restore.setEnabled(chosen.count() > 0)
        restore.setToolTip("" if chosen.count() else "There are no backups yet")

    restore.clicked.connect(lambda: vm.restore(chosen.currentData()))
    backups.row("Restore a backup", "The present chats are kept aside, not lost", chosen, restore)
    for happened in (vm.backed_up, vm.restored):
        happened.connect(lambda _path: list_backups())
    list_backups()
    files = section.card("Export and import")
    out = button(theme, "Export all chats…", icon="download")
    out.clicked.connect(export)
    files.row("Export", "All chats as one JSON file, or as Markdown", out)
    come = button(theme, "Import chats…", icon="upload")
    come.clicked.connect(import_chats)
    files.row("Import", "Such a JSON file, or chats of the original router", come)
    section.finish()
    return section
