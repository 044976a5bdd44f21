"""A read-only text surface that cannot load anything: the ground under prose, code and tables.

Text gets in through `put` only, never as HTML or Markdown. What is copied are the characters as
they were written, not the marks that stand for the hidden ones among them.
"""

from collections.abc import Iterator

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QTextBrowser, QWidget

from morpheus_desktop.chat.inert import BREAK, breakable, runs
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.tip import set_tip
from router.untrusted import has_hidden, visible

ORIGINAL = QTextFormat.Property.UserProperty + 1  # characters that a mark stands for
PADDING = QTextFormat.Property.UserProperty + 2  # space that was not in the text
MARKER = QTextFormat.Property.UserProperty + 3  # sign of a list entry, painted in the margin
QUOTE = QTextFormat.Property.UserProperty + 4  # number of quotation bars
GAP = QTextFormat.Property.UserProperty + 5  # an empty line before this one when copied

_LINE_SEPARATOR = "\u2028"


class InertDocument(QTextDocument):
    """A document without resources, whatever is in it."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None


class InertText(QTextBrowser):
    """Text to read, select and copy. As high as its text: it never scrolls up or down itself.

    Signals:
        link_clicked: address and the text that was shown for it; nothing was opened.
        copied: something was copied; True if it contains characters that nobody sees.
    """

    link_clicked = Signal(str, str)
    copied = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._links: list[str] = []
        document = InertDocument(self)
        document.setDocumentMargin(0)
        document.setUndoRedoEnabled(False)
        self.setDocument(document)
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAcceptDrops(False)
        self.viewport().setAutoFillBackground(False)
        self.anchorClicked.connect(self._click)
        self.setTabStopDistance(theme.px(32))

    def put(self, cursor: QTextCursor, text: str, style: QTextCharFormat) -> None:
        """Insert text from a model: visible, inert, one paragraph (line breaks stay in it)."""
        for shown, original in runs(text):
            if original:
                marked = QTextCharFormat(style)
                marked.setProperty(ORIGINAL, original)
                marked.setForeground(self.theme.color("warn"))
                cursor.insertText(shown, marked)
            else:
                shown = breakable(shown, cursor.block().text())
                cursor.insertText(shown.replace("\n", _LINE_SEPARATOR), style)

    def rest_at_start(self) -> None:
        """Show the beginning of long lines: inserting text has moved the view along."""
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.horizontalScrollBar().setValue(0)

    def link_format(self, style: QTextCharFormat, address: str) -> QTextCharFormat:
        """`style` for a link to `address`, which stays outside of the document."""
        linked = QTextCharFormat(style)
        linked.setAnchor(True)
        linked.setAnchorHref(f"#{len(self._links)}")
        set_tip(linked, visible(address), wrap=True)
        linked.setForeground(self.theme.color("accent-text"))
        linked.setFontUnderline(True)
        linked.setUnderlineColor(self.theme.color("accent-line"))
        self._links.append(address)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return linked

    def height_for(self, width: int) -> int:
        """Lay the text out in `width` pixels; its height."""
        if self.lineWrapColumnOrWidth() != width or self.lineWrapMode() != _FIXED:
            self.setLineWrapMode(_FIXED)
            self.setLineWrapColumnOrWidth(width)
        return round(self.document().size().height())

    def selected_text(self) -> str:
        """What is selected, in the characters of the source."""
        return original_text(self.textCursor())

    def copy_selection(self) -> None:
        """Put the selected text on the clipboard."""
        if text := self.selected_text():
            QGuiApplication.clipboard().setText(text)
            self.copied.emit(has_hidden(text))

    def _click(self, url: QUrl) -> None:
        address = self._links[int(url.fragment())]
        self.link_clicked.emit(address, self._text_of_link(url.toString()))

    def _text_of_link(self, href: str) -> str:
        return "".join(
            text
            for block in blocks_between(self.document(), 0, self.document().characterCount())
            for text, style in fragments(block)
            if style.anchorHref() == href
        )

    # --- Qt ----------------------------------------------------------------------------------

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        data.setText(self.selected_text())
        return data

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.selectAll()
        elif (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and self.textCursor().hasSelection()
        ):
            super().keyPressEvent(event)
        else:
            event.ignore()  # the transcript scrolls

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = QAction("Copy", menu)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setEnabled(self.textCursor().hasSelection())
        copy.triggered.connect(self.copy_selection)
        menu.addAction(copy)
        everything = QAction("Select all", menu)
        everything.setShortcut(QKeySequence.StandardKey.SelectAll)
        everything.triggered.connect(self.selectAll)
        menu.addAction(everything)
        if href := self.anchorAt(event.pos()):
            address = QAction("Copy address", menu)
            address.triggered.connect(lambda: self._copy_address(href))
            menu.addAction(address)
        menu.popup(event.globalPos())

    def _copy_address(self, href: str) -> None:
        address = self._links[int(href.removeprefix("#"))]
        QGuiApplication.clipboard().setText(address)
        self.copied.emit(has_hidden(address))


_FIXED = InertText.LineWrapMode.FixedPixelWidth


def block_format(line_height: int, *, top: int = 0, left: int = 0) -> QTextBlockFormat:
    """A paragraph whose lines are `line_height` pixels high."""
    style = QTextBlockFormat()
    style.setLineHeight(line_height, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    style.setTopMargin(top)
    style.setLeftMargin(left)
    return style


def blocks_between(document: QTextDocument, start: int, end: int) -> Iterator[QTextBlock]:
    """The paragraphs that touch the positions from `start` to `end`."""
    block = document.findBlock(start)
    while block.isValid() and block.position() <= end:
        yield block
        block = block.next()


def fragments(block: QTextBlock) -> Iterator[tuple[str, QTextCharFormat]]:
    """The runs of one format in a paragraph."""
    parts = block.begin()
    while not parts.atEnd():
        fragment = parts.fragment()
        yield fragment.text(), fragment.charFormat()
        parts += 1


def original_text(selection: QTextCursor) -> str:
    """The selected characters as they were in the source, with the signs of list entries."""
    start, end = selection.selectionStart(), selection.selectionEnd()
    out: list[str] = []
    for block in blocks_between(selection.document(), start, end if end > start else -1):
        style = block.blockFormat()
        if out:
            out.append("\n\n" if style.boolProperty(GAP) else "\n")
        if start <= block.position() and (marker := style.stringProperty(MARKER)):
            out.append(f"{marker} ")
        at = block.position()
        for text, char_style in fragments(block):
            length = utf16(text)
            out.append(_original_part(text, char_style, start - at, end - at))
            at += length
    return "".join(out)


def _original_part(text: str, style: QTextCharFormat, start: int, end: int) -> str:
    length = utf16(text)
    if end <= 0 or start >= length or style.boolProperty(PADDING):
        return ""
    if original := style.stringProperty(ORIGINAL):
        return original
    if start > 0 or end < length:
        units = text.encode("utf-16-le", "surrogatepass")[2 * max(0, start) : 2 * min(end, length)]
        text = units.decode("utf-16-le", "replace")
    return text.replace(_LINE_SEPARATOR, "\n").replace(BREAK, "")


def utf16(text: str) -> int:
    """The length of a text in Qt's units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
