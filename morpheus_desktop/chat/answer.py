"""An answer: who wrote it, what it thought, the text, and the line below."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from morpheus_desktop.chat import wording
from morpheus_desktop.chat.body import Body
from morpheus_desktop.chat.failure import Failure
from morpheus_desktop.chat.footer import HEIGHT as FOOTER
from morpheus_desktop.chat.footer import Footer
from morpheus_desktop.chat.reasoning import Reasoning
from morpheus_desktop.format import short_address
from morpheus_desktop.theme import Theme
from router.store.records import Message, Stats
from router.untrusted import has_hidden, one_line

HEAD = 20
GAP = 8
FOOTER_GAP = 5
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class AnswerView(QWidget):
    """One answer.

    Signals carry the message id where they say so.
        link_clicked, copied, height_changed: as of Body.
        regenerate_requested(id), branch_requested(id), more_requested(id, where),
        version_selected(id of the chosen version), choice_made(id, a name of wording.CHOICES).
    """

    link_clicked = Signal(str, str)
    copied = Signal(bool)
    height_changed = Signal()
    regenerate_requested = Signal(object)
    branch_requested = Signal(object)
    more_requested = Signal(object, QPoint)
    version_selected = Signal(object)
    choice_made = Signal(object, str)

    def __init__(
        self, theme: Theme, message: Message, width: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._width = width
        self._message = message
        self._reasoning: Reasoning | None = None
        self._failure: Failure | None = None
        self._thought_over = bool(message.content)
        self._shown = [message.content]
        self._new_text: list[str] = []
        self._new_reasoning: list[str] = []
        self._last = False
        self._amounts_hidden = False
        self._body = Body(theme, width, parent=self)
        self._body.link_clicked.connect(self.link_clicked)
        self._body.copied.connect(self.copied)
        self._body.height_changed.connect(self._grown)
        self._footer = Footer(theme, self)
        self._connect_footer()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if message.reasoning:
            self._think(message.reasoning)
        self._body.append(message.content)
        self._dress()

    # --- content -----------------------------------------------------------------------------

    @property
    def message(self) -> Message:
        """What is shown; while it is written, as it was at the last `set_message`."""
        return self._message

    @property
    def unfolded(self) -> bool:
        """Whether the reasoning is shown."""
        return self._reasoning is not None and self._reasoning.unfolded

    def unfold(self, *, shown: bool) -> None:
        """Show or hide the reasoning, if there is any."""
        if self._reasoning is not None:
            self._reasoning.unfold(shown=shown)

    def buffer(self, text: str, reasoning: str = "") -> None:
        """More of the answer, to be shown at the next `flush`."""
        self._new_text.append(text)
        self._new_reasoning.append(reasoning)

    def flush(self) -> None:
        """Show what was buffered."""
        text, reasoning = "".join(self._new_text), "".join(self._new_reasoning)
        self._new_text.clear()
        self._new_reasoning.clear()
        if reasoning:
            self._think(reasoning)
        if text:
            self._end_thinking()
            self._shown.append(text)
            self._body.append(text)
        self._place()

    def set_live(self, stats: Stats) -> None:
        """The figures so far, while it is written."""
        if self._message.state == "writing":
            self._show_progress(wording.facts(stats, hidden=self._amounts_hidden))

    def set_message(self, message: Message) -> bool:
        """The message as it is now; False if its text is another than the one shown."""
        self.flush()
        shown = "".join(self._shown)
        if not message.content.startswith(shown) or (message.reasoning and not self._reasoning):
            return False
        if rest := message.content[len(shown) :]:
            self._shown.append(rest)
            self._body.append(rest)
        self._message = message
        self._dress()
        self._place()
        return True

    def hide_amounts(self, *, hidden: bool) -> None:
        """Whether no amount is shown."""
        if hidden != self._amounts_hidden:
            self._amounts_hidden = hidden
            self._dress()

    def set_last(self, *, last: bool) -> None:
        """The last answer shows its actions always, others while the mouse is there."""
        self._last = last
        self._show_actions()

    def copy(self) -> None:
        """Put the whole answer on the clipboard, as the model wrote it."""
        QGuiApplication.clipboard().setText(self._message.content)
        self.copied.emit(has_hidden(self._message.content))

    # --- layout ------------------------------------------------------------------------------

    @property
    def content_height(self) -> int:
        """The height for the present width, partly estimated."""
        failure = self._failure.content_height + self._px(GAP) if self._failure else 0
        return self._body_top + self._body.content_height + failure + self._px(FOOTER_GAP + FOOTER)

    def set_width(self, width: int) -> None:
        """Lay out for another width."""
        self._width = width
        self._body.set_width(width)
        if self._reasoning is not None:
            self._reasoning.set_width(width)
        if self._failure is not None:
            self._failure.set_width(width)
        self._place()

    def restyle(self) -> None:
        """Take the present fonts and colours."""
        self._body.restyle()
        if self._reasoning is not None:
            self._reasoning.restyle()
        self._place()
        self.update()

    def show_range(self, top: int, bottom: int, deadline: float) -> bool:
        """As of Body."""
        done = True
        if self._reasoning is not None:
            start = self._reasoning.y()
            done = self._reasoning.show_range(top - start, bottom - start, deadline)
        start = self._body_top
        done = self._body.show_range(top - start, bottom - start, deadline) and done
        self._place()
        return done

    def anchor(self, y: int) -> tuple[int, int]:
        """As of Body; -1 stands for what is above the text."""
        if y < self._body_top:
            return -1, y
        return self._body.anchor(y - self._body_top)

    def y_of(self, anchor: tuple[int, int]) -> int:
        """Where an anchor is now."""
        return anchor[1] if anchor[0] < 0 else self._body_top + self._body.y_of(anchor)

    @property
    def _body_top(self) -> int:
        reasoning = self._reasoning.content_height + self._px(GAP) if self._reasoning else 0
        return self._px(HEAD + GAP) + reasoning

    @property
    def _model(self) -> str:
        return one_line(self._message.model) or "the model"

    def _px(self, value: float) -> int:
        return self._theme.px(value)

    def _place(self) -> None:
        if self._reasoning is not None:
            self._reasoning.move(0, self._px(HEAD + GAP))
        y = self._body_top
        self._body.setGeometry(0, y, self._width, self._body.content_height)
        y += self._body.height()
        if self._failure is not None:
            y += self._px(GAP)
            self._failure.setGeometry(0, y, self._width, self._failure.content_height)
            y += self._failure.height()
        self._footer.setGeometry(0, y + self._px(FOOTER_GAP), self._width, self._px(FOOTER))
        self.resize(self._width, self.content_height)

    def _grown(self) -> None:
        self._place()
        self.height_changed.emit()

    # --- states ------------------------------------------------------------------------------

    def _think(self, text: str) -> None:
        if self._reasoning is None:
            self._reasoning = Reasoning(self._theme, self._width, self)
            self._reasoning.link_clicked.connect(self.link_clicked)
            self._reasoning.copied.connect(self.copied)
            self._reasoning.height_changed.connect(self._grown)
            self._reasoning.show()
        self._reasoning.append(text)
        if self._message.state == "writing" and not self._thought_over:
            self._reasoning.set_thinking()
            self._show_progress(())

    def _end_thinking(self) -> None:
        if self._thought_over:
            return
        self._thought_over = True
        if self._reasoning is not None:
            self._reasoning.set_done(*self._reasoning.live_title())
        if self._message.state == "writing":
            self._show_progress(())

    def _show_progress(self, facts: Sequence[str]) -> None:
        thinking = self._reasoning is not None and not self._thought_over
        lead = "" if thinking else "Writing" if self._thought_over else self._before_text
        self._footer.set_facts(facts, lead=lead, token="accent-text", writing=not thinking)

    @property
    def _before_text(self) -> str:
        """What goes on before there is text."""
        provider = wording.provider_of(self._message)
        return f"Connecting to {short_address(provider)}" if provider else "Reading"

    def _dress(self) -> None:
        message = self._message
        writing = message.state == "writing"
        self.setAccessibleName(f"Answer from {self._model}{wording.spoken_by(message)}")
        self.update()
        self._body.set_caret(shown=writing)
        if writing:
            self._show_progress(())
        else:
            self._body.finish()
            if self._reasoning is not None:
                self._reasoning.set_done(*wording.thought(message))
            lead, token = wording.ending(message)
            facts = wording.facts(message.stats, message.created_at, hidden=self._amounts_hidden)
            self._footer.set_facts(facts, lead=lead, token=token)
        versions = message.versions or (message.id,)
        self._footer.set_versions(versions.index(message.id) + 1, len(versions))
        self._show_failure(message.error if message.state in ("failed", "cut_off") else "")
        self._show_actions()

    def _show_failure(self, error: str) -> None:
        if self._failure is not None:
            self._failure.deleteLater()
            self._failure = None
        if error:
            self._failure = Failure(
                self._theme,
                error,
                self._width,
                failed=self._message.state == "failed",
                choices=wording.choices(self._message),
                parent=self,
            )
            self._failure.chosen.connect(self._choose)
            self._failure.show()

    def _choose(self, choice: str) -> None:
        if choice == "retry":
            self.regenerate_requested.emit(self._message.id)
        else:
            self.choice_made.emit(self._message.id, choice)

    def _connect_footer(self) -> None:
        footer = self._footer
        footer.copy_clicked.connect(self.copy)
        footer.regenerate_clicked.connect(lambda: self.regenerate_requested.emit(self._message.id))
        footer.branch_clicked.connect(lambda: self.branch_requested.emit(self._message.id))
        footer.more_clicked.connect(lambda at: self.more_requested.emit(self._message.id, at))
        footer.version_clicked.connect(self._select_version)

    def _select_version(self, step: int) -> None:
        versions = self._message.versions
        at = versions.index(self._message.id) + step
        if 0 <= at < len(versions):
            self.version_selected.emit(versions[at])

    def _show_actions(self) -> None:
        wanted = self._last or self.underMouse() or self._has_keyboard()
        self._footer.show_actions(shown=wanted and self._message.state != "writing")

    def _has_keyboard(self) -> bool:
        focused = QGuiApplication.focusObject()
        return isinstance(focused, QWidget) and (focused is self or self.isAncestorOf(focused))

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
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = px(HEAD)
        painter.setPen(QPen(theme.color("line")))
        painter.setBrush(theme.color("bg-surface"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, size - 1, size - 1), px(4), px(4))
        message = self._message
        icon = theme.pixmap("cpu" if message.origin == "local" else "globe", 12, "text-2")
        painter.drawPixmap((size - px(12)) // 2, (size - px(12)) // 2, icon)
        self._paint_origin(painter, QRect(size + px(8), 0, self.width() - size - px(8), size))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_origin(self, painter: QPainter, area: QRect) -> None:
        """The model, cut where it has to be, and whose computer it is on."""
        theme, by = self._theme, wording.by(self._message)
        small = theme.font("mono_small" if by.startswith("0x") else "small")
        room = area.width() - QFontMetrics(small).horizontalAdvance(by) - theme.px(8)
        painter.setFont(theme.font("body_strong"))
        metrics = QFontMetrics(painter.font())
        end = Qt.TextElideMode.ElideRight
        name = metrics.elidedText(one_line(self._message.model), end, max(room, 0))
        painter.setPen(theme.color("text"))
        painter.drawText(area, _LEFT, name)
        area.setLeft(area.left() + metrics.horizontalAdvance(name) + theme.px(8))
        painter.setFont(small)
        painter.setPen(theme.color("text-3"))
        painter.drawText(area, _LEFT, by)
