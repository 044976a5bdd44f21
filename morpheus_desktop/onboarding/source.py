"""What a wallet is imported from: a phrase, a key, a key file, or an address to watch."""

import asyncio
from pathlib import Path
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from morpheus_desktop.onboarding.step import Step
from morpheus_desktop.theme import Theme
from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.draft import Source
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from morpheus_desktop.widgets.basic import button, label
from morpheus_desktop.widgets.check import CheckBox
from morpheus_desktop.widgets.field import Field, LineEdit
from morpheus_desktop.widgets.secret import PasswordField, SecretText
from morpheus_desktop.widgets.segmented import Segmented
from router.errors import StorageError
from router.untrusted import one_line
from router.wallet.keystore import LARGEST_FILE

SOURCES = [
    ("phrase", "Recovery phrase"),
    ("key", "Private key"),
    ("file", "Key file"),
    ("watch", "Watch only"),
]


class SourceStep(Step):
    """A form for each source; what was typed in one stays while another is looked at.

    Signals:
        failed: an exception that nobody expected.
    """

    failed = Signal(object)

    def __init__(self, vm: OnboardingViewModel, theme: Theme) -> None:
        super().__init__(
            vm,
            theme,
            "What do you have?",
            "Type it here, on this computer only. It is encrypted before it is saved.",
        )
        self._tasks = UiTasks(self._file_failed)
        self._tried = False
        self._sources = Segmented(theme, "Import from", SOURCES)
        self._sources.chosen.connect(lambda key: vm.set_source(cast("Source", key)))
        self._stack = QStackedWidget()
        self._pages: dict[str, QWidget] = {
            "phrase": self._phrase_page(),
            "key": self._key_page(),
            "file": self._file_page(),
            "watch": self._watch_page(),
        }
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.column.addWidget(self._sources)
        self.column.addWidget(self._stack)
        self.warn_of_watchers("Nobody from Morpheus will ever ask for this.")

    @property
    def next_text(self) -> str:  # type: ignore[override]
        """Watching needs no further step."""
        return "Watch this address" if self.vm.draft.source == "watch" else "Next"

    def _phrase_page(self) -> QWidget:
        theme = self.theme
        self._phrase = SecretText(theme, "Recovery phrase", "12 to 24 words, in their order", 3)
        self._phrase.textChanged.connect(lambda: self.typed("phrase", self._phrase.toPlainText()))
        self._phrase_field = Field(theme, "Recovery phrase", self._phrase)
        self._phrase.refused.connect(lambda error: self._phrase_field.set_problem(error.message))
        self._found = label("", "small", "text-3", wrap=True)
        self._with_more = CheckBox(theme, "It has a passphrase too")
        self._with_more.toggled.connect(self._more)
        self._passphrase = PasswordField(
            theme, "Passphrase", "Another passphrase leads to other accounts; none is wrong."
        )
        self._passphrase.line.textChanged.connect(lambda text: self.typed("passphrase", text))
        self._passphrase.line.returnPressed.connect(self.enter)
        self._passphrase.hide()
        return _page(self._phrase_field, self._found, self._with_more, self._passphrase)

    def _key_page(self) -> QWidget:
        self._key = PasswordField(self.theme, "Private key", "64 hexadecimal digits")
        self._key.line.textChanged.connect(lambda text: self.typed("key", text))
        self._key.line.returnPressed.connect(self.enter)
        return _page(self._key)

    def _file_page(self) -> QWidget:
        theme = self.theme
        choose = button(theme, "Choose a file…", icon="file-text")
        choose.clicked.connect(self._choose_file)
        self._file_name = label("", "body", "text-2", cut=True)
        row = QHBoxLayout()
        row.addWidget(choose)
        row.addWidget(self._file_name, 1)
        self._file_password = PasswordField(theme, "Password of the key file")
        self._file_password.line.textChanged.connect(lambda text: self.typed("file_password", text))
        self._file_password.line.returnPressed.connect(self.enter)
        self._file_problem = label("", "small", "danger", wrap=True)
        page = _page(self._file_password, self._file_problem)
        layout = page.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertLayout(0, row)
        return page

    def _watch_page(self) -> QWidget:
        self._address = LineEdit(self.theme, "Address", hint="0x…")
        self._address.textChanged.connect(lambda text: self.typed("address", text))
        self._address.returnPressed.connect(self.enter)
        self._address_field = Field(
            self.theme,
            "Address",
            self._address,
            hint="You see what it has; nothing can be sent or staked.",
        )
        return _page(self._address_field)

    def refresh(self) -> None:
        """Show what is wrong, once it is more than half typed."""
        super().refresh()
        draft = self.vm.draft
        self._sources.choose(draft.source)
        self._stack.setCurrentWidget(self._pages[draft.source])
        self._file_name.setText(one_line(draft.file_name) or "No file chosen")
        self._say(draft.source_problem(), self._tried or self._is_late())

    def _is_late(self) -> bool:
        """Whether enough was typed that a complaint helps."""
        draft = self.vm.draft
        if draft.source == "phrase":
            return bool(draft.wrong_words_typed) or len(draft.phrase.split()) >= 12
        typed = {"key": len(draft.key) >= 64, "watch": len(draft.address) >= 42}
        return typed.get(draft.source, False)

    def _say(self, problem: str, late: bool) -> None:
        draft, shown = self.vm.draft, problem if late else ""
        words = ", ".join(f"“{one_line(word, 24)}”" for _at, word in draft.wrong_words_typed[:5])
        if draft.source == "phrase" and shown and words:
            shown = f"{problem} {words}"
        self._phrase_field.set_problem(shown if draft.source == "phrase" else "")
        count = len(draft.phrase.split())
        good = draft.source == "phrase" and count and not problem
        self._found.setText(f"{count} words, the checksum is right" if good else f"{count} words")
        self._found.setVisible(bool(count))
        self._key.set_problem(shown if draft.source == "key" else "")
        self._address_field.set_problem(shown if draft.source == "watch" else "")
        self._file_problem.setText(shown if draft.source == "file" else "")
        self._file_problem.setVisible(bool(self._file_problem.text()))

    def explain(self) -> None:
        """Say at once what is wrong."""
        self._tried = True
        self.refresh()

    def first(self) -> QWidget | None:
        """The field of the source."""
        return {
            "phrase": self._phrase,
            "key": self._key.line,
            "file": self._file_password.line,
            "watch": self._address,
        }[self.vm.draft.source]

    def wipe(self) -> None:
        """Forget all of it."""
        self._tried = False
        self._tasks.cancel_all()
        self._with_more.setChecked(False)
        self._phrase.wipe()
        for field in (self._passphrase, self._key, self._file_password):
            field.wipe()
        self._address.setText("")

    async def end(self) -> None:
        """End what runs."""
        await self._tasks.close()

    def _more(self, on: bool) -> None:
        self._passphrase.setVisible(on)
        if not on:
            self._passphrase.wipe()

    def _choose_file(self) -> None:
        dialog = QFileDialog(self.window(), "Choose a key file")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def take_file(self, name: str) -> None:
        """Use this key file; what is wrong with it is said later."""
        self._tasks.start("file", self._read(Path(name)))

    async def _read(self, path: Path) -> None:
        try:
            data = await asyncio.to_thread(_head_of, path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise StorageError(f"{one_line(path.name)} cannot be read: {reason}.") from error
        self.vm.set(file=data, file_name=path.name)

    def _file_failed(self, error: Exception) -> None:
        if isinstance(error, StorageError):
            self._file_problem.setText(error.message)
            self._file_problem.setVisible(True)
        else:
            self.failed.emit(error)


def _head_of(path: Path) -> bytes:
    """A key file; of what is too large for one, so much that it can be seen."""
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _page(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(4, 4, 4, 4)
    column.setSpacing(8)
    for widget in widgets:
        column.addWidget(widget)
    column.addStretch()
    return page
