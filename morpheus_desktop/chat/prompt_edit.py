"""The text box of the composer: one to eight lines, Enter sends, huge pastes are refused."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.text_box import TextBox

MOST_LINES = 8
LEAST_HEIGHT, COMPACT_HEIGHT = 38, 24


class PromptEdit(TextBox):
    """Where a question is typed.

    Signals:
        submitted: Enter without Shift.
        escaped: Esc.
        recalled: Up in an empty box: the last question is to be edited.
        files_offered: list of Path, dropped or pasted.
    """

    submitted = Signal()
    escaped = Signal()
    recalled = Signal()
    files_offered = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        hint = "Paste a part of it, or save it as a file and attach that."
        super().__init__(parent, hint=hint)
        self._theme = theme
        self._least = LEAST_HEIGHT
        self.setObjectName("prompt")
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setAccessibleName("Your question")
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        layout = self.document().documentLayout()
        layout.documentSizeChanged.connect(lambda _: self._fit())
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_compact(self, *, compact: bool) -> None:
        """Whether an empty box is just one line high."""
        self._least = COMPACT_HEIGHT if compact else LEAST_HEIGHT
        self._fit()

    def _restyle(self) -> None:
        font = self._theme.font("reading")
        self.setFont(font)
        self.viewport().setFont(font)  # of the placeholder
        self._fit()

    def _fit(self) -> None:
        lines = min(max(round(self.document().size().height()), 1), MOST_LINES)
        full = lines >= MOST_LINES
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if full else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        wanted = lines * self.fontMetrics().lineSpacing() + self._theme.px(6)
        self.setFixedHeight(max(wanted, self._theme.px(self._least)))

    # Qt overrides

    def sizeHint(self) -> QSize:
        """As high as its lines."""
        return QSize(super().sizeHint().width(), self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter sends; Shift+Enter is a new line; an input method's Enter stays with it."""
        plain = not event.modifiers() & (
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier
        )
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.submitted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() == Qt.Key.Key_Up and not self.toPlainText():
            self.recalled.emit()
        else:
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste text; files become attachments; what is too long is refused, not cut."""
        files = local_files(source)
        if files:
            self.files_offered.emit(files)
            return
        super().insertFromMimeData(source)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text and files."""
        return source.hasText() or source.hasUrls()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept what can be inserted."""
        if self.canInsertFromMimeData(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Insert what was dropped."""
        self.insertFromMimeData(event.mimeData())
        event.acceptProposedAction()


def local_files(source: QMimeData) -> list[Path]:
    """The files of this computer that a paste or drop names."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
