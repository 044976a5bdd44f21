"""Settings: where everything lies, backups, chats to and from files, the log."""

from collections.abc import Callable
from pathlib import Path

from morpheus_desktop import format as fmt
from morpheus_desktop.settings.form import Section
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.field import Choice
from router.untrusted import one_line

LEVELS = [
    ("error", "Errors"),
    ("warning", "Warnings"),
    ("info", "Normal"),
    ("debug", "Everything"),
]


class DataSection(Section):
    """The data folder, copies of the chats, chats to and from files."""

    def __init__(
        self,
        vm: SettingsViewModel,
        theme: Theme,
        *,
        open_folder: Callable[[Path], None],
        export: Callable[[], None],
        import_chats: Callable[[], None],
    ) -> None:
        super().__init__(theme, "Data and backups")
        self._vm = vm
        self._folder(open_folder)
        self._backups()
        self._chat_files(export, import_chats)
        self._log(open_folder)
        vm.changed.connect(self._show)
        self._show()

    def _folder(self, open_folder: Callable[[Path], None]) -> None:
        vm = self._vm
        show = button(self.theme, "Open folder")
        show.clicked.connect(lambda: open_folder(vm.paths.data))
        folder = self.card("Data folder").row("folder", "Everything is in here", "", show)
        folder.set_about(str(vm.paths.data))
        vm.measured.connect(
            lambda size: folder.set_about(f"{vm.paths.data}, {fmt.file_size(size)}")
        )
        vm.measure()

    def _backups(self) -> None:
        vm = self._vm
        card = self.card("Backups of the chats")
        self._back_up = button(self.theme, "Back up now")
        self._back_up.clicked.connect(self._make_backup)
        card.row(
            "hard-drive", "Make a backup", "A dated copy in the folder backups.", self._back_up
        )
        self._backup = Choice(self.theme, "Backup to restore", [])
        self._restore = button(self.theme, "Restore", "danger")
        self._restore.clicked.connect(self._bring_back)
        card.row(
            "rotate-cw",
            "Restore a backup",
            "The present chats are kept as another backup.",
            self._backup,
            self._restore,
        )
        for happened in (vm.backed_up, vm.restored, vm.failed):
            happened.connect(lambda _what: self._show_backups())
        self._show_backups()

    def _make_backup(self) -> None:
        self._back_up.set_busy(busy=True)
        self._vm.back_up()

    def _show_backups(self) -> None:
        self._back_up.set_busy(busy=False)
        self._restore.set_busy(busy=False)
        names = [(path.name, one_line(path.name)) for path in self._vm.backups()]
        self._backup.set_choices(names or [("", "None yet")])
        self._backup.setEnabled(bool(names))
        self._restore.set_reason("" if names else "There are no backups yet.")

    def _bring_back(self) -> None:
        self._restore.set_busy(busy=True)
        self._vm.restore(self._vm.paths.backups / self._backup.current)

    def _chat_files(self, export: Callable[[], None], import_chats: Callable[[], None]) -> None:
        card = self.card("Export and import")
        out = button(self.theme, "Export all chats…")
        out.clicked.connect(export)
        card.row("download", "Export", "All chats, as JSON or as Markdown.", out)
        back = button(self.theme, "Import chats…")
        back.clicked.connect(import_chats)
        card.row("upload", "Import", "A JSON file, or chats of the original router.", back)

    def _log(self, open_folder: Callable[[Path], None]) -> None:
        vm = self._vm
        self._level = Choice(self.theme, "What is logged", LEVELS)
        self._level.chosen.connect(lambda key: vm.change({"log.level": key}))
        show = button(self.theme, "Open log folder")
        show.clicked.connect(lambda: open_folder(vm.paths.logs))
        self.card("Log").row(
            "logs",
            "What is logged",
            "Old log files are deleted by themselves.",
            self._level,
            show,
        )

    def _show(self) -> None:
        self._level.choose(self._vm.config.log.level)
