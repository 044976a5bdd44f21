"""Texts and chats to and from files: asks where, reads and writes, says what came of it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from morpheus_desktop.ui_tasks import UiTasks
from router.errors import StorageError
from router.store.chats import ChatStore


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

    async def _write(self, path: Path, text: str) -> None:
        try:
            await asyncio.to_thread(path.write_text, text, encoding="utf-8")
        except OSError as error:
            raise StorageError(
                f"{path.name} could not be saved: {error.strerror or error}.",
                safe="Nothing was lost.",
                hint="Choose another folder.",
            ) from error
        self._say(f"Saved as {path.name}")

    def _ask_target(self, title: str, name: str, then: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._over, title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
        dialog.open()

    def export_chat(self, chat_id: str) -> None:
        """PENDING"""

    def export_all(self) -> None:
        """PENDING"""

    def import_chats(self) -> None:
        """PENDING"""
