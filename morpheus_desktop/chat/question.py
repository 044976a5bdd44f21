"""A question: the bubble on the right with its files, and the editor that takes its place."""

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat.body import Body
from morpheus_desktop.chat.buttons import CopyButton, PaintedButton
from morpheus_desktop.chat.edit_box import EditBox
from morpheus_desktop.chat.footer import HEIGHT as FOOTER
from morpheus_desktop.chat.footer import Footer
from morpheus_desktop.format import file_size
from morpheus_desktop.theme import Theme
from router.store.records import Attachment, Message
from router.untrusted import has_hidden, one_line

PAD_X = 14
PAD_Y = 10
SHARE = 0.85  # of the column, at most
CHIP = 24
CHIP_GAP = 6
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class QuestionView(QWidget):
    """One question.

    Signals:
        link_clicked, copied, height_changed: as of Body.
        edit_requested: id and the new text.
        version_selected: id of the chosen version.
    """

    link_clicked = Signal(str, str)
    copied = Signal(bool)
    height_changed = Signal()
    edit_requested = Signal(object, str)
    version_selected = Signal(object)

    def __init__(
        self, theme: Theme, message: Message, width: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width = width
        self._message = message
        self._editor: EditBox | None = None
        self._actions: list[PaintedButton] = []
        self._body = Body(theme, self._widest, plain=True, parent=self)
        self._body.link_clicked.connect(self.link_clicked)
        self._body.copied.connect(self.copied)
        self._body.height_changed.connect(self._grown)
        self._versions = Footer(theme, self)
        self._versions.version_clicked.connect(self._select_version)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName("Your message")
        self._body.append(message.content)
        self._body.finish()
        self.set_message(message)

    # --- content -----------------------------------------------------------------------------

    @property
    def message(self) -> Message:
        """What is shown."""
        return self._message

    def set_message(self, message: Message) -> bool:
        """The message as it is now; False if its text is another than the one shown."""
        if message.content != self._message.content:
            return False
        self._message = message
        versions = message.versions or (message.id,)
        self._versions.set_versions(versions.index(message.id) + 1, len(versions))
        self._versions.setVisible(len(versions) > 1 and self._editor is None)
        self._place()
        return True

    def copy(self) -> None:
        """Put the question on the clipboard."""
        QGuiApplication.clipboard().setText(self._message.content)
        self.copied.emit(has_hidden(self._message.content))

    def edit(self) -> None:
        """Let the user change the text; the bubble comes back when it is sent or given up."""
        if self._editor is None:
            self._editor = EditBox(self._theme, self._message.content, self)
            self._editor.sent.connect(self._send)
            self._editor.given_up.connect(self._close_editor)
            self._editor.height_changed.connect(self._grown)
            self._editor.show()
            self._body.hide()
            self._versions.hide()
            self._show_actions()
            self._grown()
        self._editor.setFocus()

    # --- layout ------------------------------------------------------------------------------

    @property
    def content_height(self) -> int:
        """The height for the present width, partly estimated."""
        if self._editor is not None:
            return self._editor.height_for(self._width)
        versions = self._theme.px(FOOTER) if len(self._message.versions) > 1 else 0
        return self._bubble.height() + versions

    def set_width(self, width: int) -> None:
        """Lay out for another width."""
        self._width = width
        self._body.set_width(self._widest)
        self._place()

    def restyle(self) -> None:
        """Take the present fonts and colours."""
        self._body.restyle()
        self._body.set_width(self._widest)
        self._place()
        self.update()

    def show_range(self, top: int, bottom: int, deadline: float) -> bool:
        """As of Body."""
        start = self._body.y()
        done = self._body.show_range(top - start, bottom - start, deadline)
        self._body.set_width(min(self._widest, self._body.natural_width + 1))
        self._place()
        return done

    def anchor(self, y: int) -> tuple[int, int]:
        """As of Body; -1 stands for what is above the text."""
        if self._editor is not None or y < self._body.y():
            return -1, y
        return self._body.anchor(y - self._body.y())

    def y_of(self, anchor: tuple[int, int]) -> int:
        """Where an anchor is now."""
        return anchor[1] if anchor[0] < 0 else self._body.y() + self._body.y_of(anchor)

    @property
    def _widest(self) -> int:
        return int(self._width * SHARE) - 2 * self._theme.px(PAD_X)

    @property
    def _bubble(self) -> QRect:
        px = self._theme.px
        chips = self._chips()
        inner = max(
            [self._body.natural_width if self._message.content else 0]
            + [box.right() + 1 for box, _ in chips]
        )
        height = 2 * px(PAD_Y)
        if chips:
            height += chips[-1][0].bottom() + 1
        if self._message.content:
            height += self._body.content_height + (px(CHIP_GAP) if chips else 0)
        width = inner + 2 * px(PAD_X)
        return QRect(self._width - width, 0, width, height)

    def _chips(self) -> list[tuple[QRect, str]]:
        """Where the files are shown inside the bubble, and what is said of each."""
        px = self._theme.px
        metrics = QFontMetrics(self._theme.font("caption"))
        boxes: list[tuple[QRect, str]] = []
        x = y = 0
        for file in self._message.attachments:
            text = f"{one_line(file.name, 40)}  {file_size(file.size)}"
            width = min(metrics.horizontalAdvance(text) + px(32), self._widest)
            if x and x + width > self._widest:
                x, y = 0, y + px(CHIP + CHIP_GAP)
            boxes.append((QRect(x, y, width, px(CHIP)), text))
            x += width + px(CHIP_GAP)
        return boxes

    def _place(self) -> None:
        px = self._theme.px
        bubble = self._bubble
        chips = self._chips()
        top = chips[-1][0].bottom() + 1 + px(CHIP_GAP) if chips else 0
        self._body.setGeometry(
            bubble.x() + px(PAD_X),
            px(PAD_Y) + top,
            bubble.width() - 2 * px(PAD_X),
            self._body.content_height,
        )
        size = px(FOOTER)
        width = self._versions.versions_width
        self._versions.setGeometry(self._width - width, bubble.height(), width, size)
        for number, action in enumerate(self._actions, start=1):
            action.setGeometry(bubble.x() - number * size - px(4), px(6), size, size)
        if self._editor is not None:
            self._editor.setGeometry(0, 0, self._width, self._editor.height_for(self._width))
        self.resize(self._width, self.content_height)

    def _grown(self) -> None:
        self._place()
        self.height_changed.emit()

    # --- actions -----------------------------------------------------------------------------

    def _show_actions(self) -> None:
        wanted = self._editor is None and (self.underMouse() or self._has_keyboard())
        if wanted and not self._actions:
            edit = PaintedButton(self._theme, "pencil", "Edit and send again", parent=self)
            edit.clicked.connect(self.edit)
            copy = CopyButton(self._theme, self)
            copy.clicked.connect(self.copy)
            self._actions += [edit, copy]
            self._place()
        for action in self._actions:
            action.setVisible(wanted)

    def _has_keyboard(self) -> bool:
        focused = QGuiApplication.focusObject()
        return isinstance(focused, QWidget) and (focused is self or self.isAncestorOf(focused))

    def _send(self, text: str) -> None:
        self._close_editor()
        self.edit_requested.emit(self._message.id, text)

    def _close_editor(self) -> None:
        if self._editor is not None:
            self._editor.hide()
            self._editor.deleteLater()
            self._editor = None
        self._body.show()
        self._versions.setVisible(len(self._message.versions) > 1)
        self._grown()

    def _select_version(self, step: int) -> None:
        versions = self._message.versions
        at = versions.index(self._message.id) + step
        if 0 <= at < len(versions):
            self.version_selected.emit(versions[at])

    # --- Qt ----------------------------------------------------------------------------------

    def enterEvent(self, event: object) -> None:
        self._show_actions()

    def leaveEvent(self, event: object) -> None:
        self._show_actions()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._show_actions()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._editor is not None:
            return
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bubble = self._bubble
        focused = self.hasFocus()
        painter.setPen(QPen(theme.color("focus" if focused else "line-subtle"), 1 + focused))
        painter.setBrush(theme.color("bg-raised"))
        inset = 1.0 if focused else 0.5
        box = QRectF(bubble).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, px(10), px(10))
        for (area, text), file in zip(self._chips(), self._message.attachments, strict=True):
            place = area.translated(bubble.x() + px(PAD_X), px(PAD_Y))
            self._paint_chip(painter, place, text, file)

    def _paint_chip(self, painter: QPainter, area: QRect, text: str, file: Attachment) -> None:
        theme, px = self._theme, self._theme.px
        painter.setPen(QPen(theme.color("line-strong")))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        icon = theme.pixmap("file-text" if file.is_text else "image", 12, "text-2")
        painter.drawPixmap(area.x() + px(7), area.center().y() - px(6) + 1, icon)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text-2"))
        room = area.adjusted(px(24), 0, -px(6), 0)
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, _LEFT, shown)
