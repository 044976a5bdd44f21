"""A field for text of several lines that takes no more than it can show at once."""

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from router.errors import BadRequest, MorpheusError

LONGEST_TEXT = 200_000


class TextBox(QPlainTextEdit):
    """Laying out megabytes would hold up the window for many seconds.

    Args:
        most: characters; a paste or drop beyond is refused whole, because a part could mislead.
        hint: what to do instead.

    Signals:
        refused: a MorpheusError that says why a paste was not taken.
    """

    refused = Signal(object)

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        most: int = LONGEST_TEXT,
        hint: str = "Paste a part of it.",
    ) -> None:
        super().__init__(parent)
        self._most = most
        self._instead = hint

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste text; what is too long is refused, not cut."""
        length = len(source.text())
        if length + self.document().characterCount() > self._most:
            self.refused.emit(self._too_long(length))
            return
        super().insertFromMimeData(source)

    def _too_long(self, length: int) -> MorpheusError:
        return BadRequest(
            f"The pasted text has {length:,} characters; at most {self._most:,} fit.",
            safe="What you typed is unchanged, and the text is still on the clipboard.",
            hint=self._instead,
        )
