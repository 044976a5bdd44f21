"""The head of a conversation: title, model, parameters, and more."""

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from morpheus_desktop.chat.model_button import ModelButton
from morpheus_desktop.chat.row_button import without_mnemonic
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.chat import ChatViewModel
from morpheus_desktop.viewmodels.chat_session import ChatSessionViewModel
from morpheus_desktop.widgets.basic import icon_button, label
from morpheus_desktop.widgets.tip import set_tip
from router.untrusted import one_line

PINNING = {False: ("pin", "Pin to the top"), True: ("pin-off", "Unpin")}


class ChatHeader(QWidget):
    """One row, 56 px.

    Signals:
        parameters_asked, models_asked, list_asked: buttons.
        rename_asked, export_asked, delete_asked: chat id.
        pin_asked: chat id, and whether it shall be on top.
        open_asked: look for a session with a model of the network.
        model_chosen: another model answers from now on.
    """

    parameters_asked = Signal()
    models_asked = Signal()
    list_asked = Signal()
    rename_asked = Signal(str)
    export_asked = Signal(str)
    delete_asked = Signal(str)
    pin_asked = Signal(str, bool)
    open_asked = Signal()
    model_chosen = Signal()

    def __init__(self, vm: ChatViewModel, sessions: ChatSessionViewModel, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("pageHeader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._vm, self._sessions = vm, sessions
        self._theme = theme
        theme.changed.connect(self._measure)
        self._measure()
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 16, 0)
        row.setSpacing(8)
        self._list_button = icon_button(theme, "panel-left", "Show the list of chats")
        self._list_button.clicked.connect(self.list_asked)
        self._list_button.hide()
        self._title = label("", "heading")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._model = ModelButton(theme)
        self._parameters = icon_button(theme, "sliders-horizontal", "System prompt and parameters")
        self._more = icon_button(theme, "ellipsis", "More")
        row.addWidget(self._list_button)
        row.addWidget(self._title, 1)
        for widget in (self._model, self._parameters, self._more):
            row.addWidget(widget)
        self._model.clicked.connect(self.choose_model)
        self._parameters.clicked.connect(self.parameters_asked)
        self._more.clicked.connect(self._show_more)
        vm.opened.connect(self._show)
        vm.chat_changed.connect(self._show)
        sessions.changed.connect(self._show_model)
        self._show()

    def set_list_button(self, *, shown: bool) -> None:
        """Offer the list of chats when it is out of sight."""
        self._list_button.setVisible(shown)

    def set_keys(self, model: str) -> None:
        """Show the shortcut of the list of models."""
        self._model.set_keys(model)

    def _measure(self) -> None:
        self.setFixedHeight(self._theme.px(56))

    def choose_model(self) -> None:
        """Open the list of models."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        current = self._vm.model
        self._group(menu, "Local")
        for model in self._vm.models:
            chosen = current is not None and model.id == current.id
            self._choice(menu, one_line(model.name), model.id, "check" if chosen else "cpu")
        menu.addAction(self._theme.icon("download"), "More models…", self.models_asked.emit)
        menu.addSeparator()
        self._group(menu, "Remote")
        for choice in self._sessions.choices:
            words = f"{choice.name}, {choice.left} left"
            self._choice(menu, words, choice.model, "check" if choice.chosen else "globe")
        menu.addAction(self._theme.icon("store"), "Open a session…", self.open_asked.emit)
        menu.popup(self._model.mapToGlobal(self._model.rect().bottomLeft()))

    def _group(self, menu: QMenu, title: str) -> None:
        menu.addAction(title).setEnabled(False)

    def _choice(self, menu: QMenu, words: str, model_id: str, icon: str) -> None:
        picture = self._theme.icon(icon, 16)
        menu.addAction(picture, without_mnemonic(words), lambda: self._use(model_id))

    def _use(self, model_id: str) -> None:
        self._vm.set_model(model_id)
        self.model_chosen.emit()

    def _show(self) -> None:
        self._elide()
        self._show_model()

    def _show_model(self) -> None:
        sessions = self._sessions
        if (phase := sessions.phase) == "local":
            self._model.show_model(self._vm.model, self._vm.host_state)
        else:
            self._model.show_remote(sessions.name, phase)

    def _show_more(self) -> None:
        chat = self._vm.chat
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icon = self._theme.icon
        if chat is not None and not self._vm.temporary:
            for picture, words, act in (
                ("pencil", "Rename…", partial(self.rename_asked.emit, chat.id)),
                (*PINNING[chat.pinned], partial(self.pin_asked.emit, chat.id, not chat.pinned)),
                ("download", "Export…", partial(self.export_asked.emit, chat.id)),
                ("trash-2", "Delete", partial(self.delete_asked.emit, chat.id)),
            ):
                menu.addAction(icon(picture), words, act)
            menu.addSeparator()
        load = menu.addAction(icon("zap"), "Load the model now", self._vm.load_model)
        load.setEnabled(not self._vm.is_remote)
        corner = self._more.mapToGlobal(self._more.rect().bottomRight())
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def _elide(self) -> None:
        title = one_line(self._vm.title, 200)
        metrics = QFontMetrics(self._theme.font("heading"))
        self._title.setText(
            metrics.elidedText(title, Qt.TextElideMode.ElideRight, max(self._title.width(), 80))
        )
        set_tip(self._title, title)
        self._title.setAccessibleName(title)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As much of the title as there is room for."""
        super().resizeEvent(event)
        self._elide()
