"""Texts and chats to and from files: asks where, reads and writes, says what came of it."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from router.errors import BadRequest, MorpheusError, StorageError
from router.store.chats import ChatStore
from router.store.export import export_json, export_markdown, file_name
from router.store.imports import ImportReport, import_chats
from router.untrusted import one_line

MARKDOWN = "Markdown, to read (*.md)"
JSON = "JSON, to import again (*.json)"
SUFFIXES = {MARKDOWN: "md", JSON: "json"}
ALL_CHATS = "morpheus-chats.json"


class ChatFiles:
    """Opens file dialogs over a window; `say` shows a short message, `fail` an error."""

    def __init__(
        self,
        chats: ChatStore,
        over: QWidget,
        say: Callable[[str], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self._chats = chats
        self._over = over
        self._say = say
        self._tasks = UiTasks(fail)

    async def close(self) -> None:
        """End what runs."""
        await self._tasks.close()

    def save_text(self, title: str, name: str, text: str) -> None:
        """Ask for a file and write a text into it."""
        self._ask_target(
            title, name, lambda path: self._tasks.start(f"save {name}", self._write(path, text))
        )

    def export_chat(self, chat_id: str) -> None:
        """Ask for a file and write one chat into it: Markdown, or JSON if it is named so."""
        self._tasks.start("export", self._ask_export(chat_id))

    def export_all(self) -> None:
        """Ask for a file and write all chats into it, with every branch and attachment."""
        self._ask_target(
            "Export all chats",
            ALL_CHATS,
            lambda path: self._tasks.start("export all", self._export_all(path)),
            JSON,
        )

    def import_chats(self) -> None:
        """Ask for files and bring in the chats in them."""
        dialog = QFileDialog(self._over, "Import chats")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(["Chats (*.json)", "All files (*)"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.import_from([Path(name) for name in names]))
        dialog.open()

    def import_from(self, sources: Sequence[Path]) -> None:
        """Bring in the chats of files, and of folders of the original node."""
        self._tasks.start("import", self._import(tuple(sources)))

    async def _write(self, path: Path, text: str) -> None:
        try:
            await asyncio.to_thread(path.write_text, text, encoding="utf-8")
        except OSError as error:
            raise StorageError(
                f"{path.name} could not be saved: {error.strerror or error}.",
                safe="Nothing was lost.",
                hint="Choose another folder.",
            ) from error
        self._say(f"Saved as {one_line(path.name)}")

    async def _ask_export(self, chat_id: str) -> None:
        chat = await self._chats.get(chat_id)
        self._ask_target(
            "Export this chat",
            file_name(chat.title, set()),
            lambda path: self._tasks.start("export", self._export(chat_id, path)),
            MARKDOWN,
            JSON,
        )

    async def _export(self, chat_id: str, path: Path) -> None:
        if path.suffix.lower() == ".json":
            await export_json(self._chats, path, [chat_id])
        else:
            await export_markdown(self._chats, path, chat_id)
        self._say(f"Saved as {one_line(path.name)}")

    async def _export_all(self, path: Path) -> None:
        count = await export_json(self._chats, path)
        self._say(f"{fmt.counted(count, 'chat')} saved as {one_line(path.name)}")

    async def _import(self, sources: tuple[Path, ...]) -> None:
        reports: list[ImportReport] = []
        refused: list[MorpheusError] = []
        problems: list[str] = []
        for source in sources:
            try:
                reports.append(await import_chats(self._chats, source))
                problems += reports[-1].problems
            except BadRequest as error:
                refused.append(error)
                problems.append(f"{one_line(source.name)}: {error.message}")
        if reports:
            self._say(what_came(reports))
        if len(sources) == 1 and refused:
            raise refused[0]
        if problems:
            raise BadRequest(
                f"{fmt.counted(len(problems), 'file')} could not be imported. {problems[0]}",
                safe="Everything else was imported." if reports else "Nothing was changed.",
            )

    def _ask_target(
        self, title: str, name: str, then: Callable[[Path], None], *filters: str
    ) -> None:
        dialog = QFileDialog(self._over, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        if filters:
            dialog.setNameFilters(filters)
            dialog.setDefaultSuffix(SUFFIXES[filters[0]])
            dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(SUFFIXES[chosen]))
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
        dialog.open()


def what_came(reports: Sequence[ImportReport]) -> str:
    """What imports did, in one line."""
    chats = sum(report.chats for report in reports)
    messages = sum(report.messages for report in reports)
    known = sum(report.known for report in reports)
    new = fmt.counted(messages, "message")
    parts = []
    if chats:
        parts.append(f"Imported {fmt.counted(chats, 'chat')} with {new}")
    elif messages:
        parts.append(f"Imported {new} into chats that were here")
    if known:
        parts.append(f"{fmt.counted(known, 'chat')} {'was' if known == 1 else 'were'} here already")
    return ", ".join(parts) or "There were no chats to import"
