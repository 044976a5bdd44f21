"""Where messages are put on the screen: makes the widgets of a row and gathers what they tell."""

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QAbstractScrollArea

from morpheus_desktop.chat.answer import AnswerView
from morpheus_desktop.chat.notice import Notice, NoticeView
from morpheus_desktop.chat.question import QuestionView
from morpheus_desktop.chat.rows import Row, View
from morpheus_desktop.theme import Theme


class MessageArea(QAbstractScrollArea):
    """A scroll area with messages.

    Signals:
        link_clicked: address, and the text that was shown for it. Nothing was opened.
        copied: something was copied; True if it holds characters that nobody sees.
        regenerate_requested, branch_requested: id of an answer.
        edit_requested: id of a question and its new text.
        version_selected: id of the version to show instead.
        more_requested: id of an answer, and where a menu should open.
        choice_made: id of an answer that failed, and a name of wording.CHOICES.
        notice_clicked: key of a notice whose button was clicked.
        view_resized: Row whose widgets became higher or lower by themselves.
    """

    link_clicked = Signal(str, str)
    copied = Signal(bool)
    regenerate_requested = Signal(object)
    branch_requested = Signal(object)
    edit_requested = Signal(object, str)
    version_selected = Signal(object)
    more_requested = Signal(object, QPoint)
    choice_made = Signal(object, str)
    notice_clicked = Signal(str)
    view_resized = Signal(object)

    def make_view(self, row: Row, theme: Theme, width: int) -> View:
        """The widgets of a row, connected to the signals of this area."""
        view: View
        if isinstance(row.item, Notice):
            view = NoticeView(theme, row.item, width, self.viewport())
            view.action_clicked.connect(self.notice_clicked)
        elif row.kind == "question":
            view = QuestionView(theme, row.message, width, self.viewport())
            view.edit_requested.connect(self.edit_requested)
        else:
            view = AnswerView(theme, row.message, width, self.viewport())
            view.regenerate_requested.connect(self.regenerate_requested)
            view.branch_requested.connect(self.branch_requested)
            view.more_requested.connect(self.more_requested)
            view.choice_made.connect(self.choice_made)
            view.unfold(shown=row.unfolded)
        if isinstance(view, AnswerView | QuestionView):
            view.version_selected.connect(self.version_selected)
            view.link_clicked.connect(self.link_clicked)
            view.copied.connect(self.copied)
            view.height_changed.connect(lambda: self.view_resized.emit(row))
        view.show()
        return view
