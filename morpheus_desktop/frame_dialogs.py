"""The dialogs of the window itself, one at a time."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget

from morpheus_desktop import assets
from morpheus_desktop.commands import Commands
from morpheus_desktop.dialogs.link import LinkDialog
from morpheus_desktop.dialogs.palette import PaletteDialog
from morpheus_desktop.dialogs.problem import ProblemDialog
from morpheus_desktop.dialogs.shortcuts import ShortcutsDialog
from morpheus_desktop.dialogs.text import TextDialog
from morpheus_desktop.problems import Crash
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.palette import PaletteViewModel
from morpheus_desktop.widgets.overlay import Overlay

OFFLINE = """# Not connected

The app is connected to no Morpheus network. Networks belong to wallets, staking and the market,
which are not in this version yet. Chatting with a model on this computer needs none.

A request leaves this computer only while a model that you asked for is downloaded.
"""
OPENED_IN_BROWSER = ("http", "https", "mailto")


class FrameDialogs:
    """Opens dialogs over a window. None of them is waited for: each does its own work.

    While one is open another is not opened, apart from crashes, which queue up.
    """

    def __init__(
        self, over: QWidget, theme: Theme, commands: Commands, palette: PaletteViewModel
    ) -> None:
        self._over = over
        self._theme = theme
        self._commands = commands
        self._palette = palette
        self._crashes: list[Crash] = []

    @property
    def any_open(self) -> bool:
        """Whether a dialog covers the window, whoever opened it."""
        return any(each.isVisibleTo(self._over) for each in self._over.findChildren(Overlay))

    def palette(self) -> None:
        """The command palette."""
        if not self.any_open:
            _open(PaletteDialog(self._palette, self._theme, self._over))

    def terms(self) -> None:
        """The terms of use."""
        self._text(assets.text("terms.md"))

    def offline(self) -> None:
        """Why there is no network."""
        self._text(OFFLINE)

    def licences(self) -> None:
        """What comes with the app, and under which licences."""
        self._text(assets.text("third_party_licences.md"))

    def shortcuts(self) -> None:
        """All shortcuts."""
        if not self.any_open:
            _open(ShortcutsDialog(self._commands, self._theme, self._over))

    def link(self, url: str) -> None:
        """Ask, then open a link in the browser. Other than web and mail links do nothing."""
        target = QUrl(url, QUrl.ParsingMode.StrictMode)
        if self.any_open or not target.isValid() or target.scheme() not in OPENED_IN_BROWSER:
            return
        dialog = LinkDialog(url, self._theme, self._over)
        dialog.finished.connect(
            lambda code: code == QDialog.DialogCode.Accepted and QDesktopServices.openUrl(target)
        )
        _open(dialog)

    def crash(self, crash: Crash) -> None:
        """Show an unexpected error; the next one waits until this one was read."""
        self._crashes.append(crash)
        if len(self._crashes) == 1:
            self._next_crash()

    def _next_crash(self) -> None:
        dialog = ProblemDialog(self._crashes[0], self._theme, self._over)
        dialog.finished.connect(self._crash_read)
        _open(dialog)

    def _crash_read(self) -> None:
        del self._crashes[0]
        if self._crashes:
            self._next_crash()

    def _text(self, text: str) -> None:
        if not self.any_open:
            _open(TextDialog(text, self._theme, self._over))


def _open(dialog: Overlay) -> None:
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
