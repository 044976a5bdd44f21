"""The window: sidebar, a stack of pages made when first opened, status bar, toasts, dialogs.

It knows pages by name only: whoever builds the app gives a factory for each page that is ready,
and registers the commands that belong to them. The others say that they are not ready yet.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QGuiApplication,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from morpheus_desktop.commands import Command, Commands
from morpheus_desktop.frame_commands import Looks, help_commands, page_commands
from morpheus_desktop.frame_dialogs import FrameDialogs
from morpheus_desktop.page import HasFoot, HasList, HasRegions, Searchable
from morpheus_desktop.panes.not_ready import TOPICS, NotReadyPane, Topic
from morpheus_desktop.panes.welcome import WelcomePane
from morpheus_desktop.prefs import SMALLEST_WINDOW, Prefs, on_a_screen
from morpheus_desktop.problems import Problem
from morpheus_desktop.regions import next_region, next_widget, reading_order
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.palette import PaletteViewModel
from morpheus_desktop.viewmodels.status import StatusViewModel
from morpheus_desktop.viewmodels.welcome import WelcomeViewModel
from morpheus_desktop.widgets.field import is_enter
from morpheus_desktop.widgets.focus_frame import FocusFrame
from morpheus_desktop.widgets.sidebar import PAGES, Sidebar
from morpheus_desktop.widgets.status_bar import StatusBar
from morpheus_desktop.widgets.toast import ToastStack, ToastText
from router.untrusted import one_line

log = logging.getLogger(__name__)

RAIL_BELOW = 1120
TWICE_S = 0.5

Factory = Callable[[], QWidget]


@dataclass(frozen=True)
class WindowParts:
    """What the window shows and uses. `pages` has a factory for each page that is ready."""

    theme: Theme
    prefs: Prefs
    commands: Commands
    status: StatusViewModel
    palette: PaletteViewModel
    welcome: WelcomeViewModel
    pages: Mapping[str, Factory] = field(default_factory=dict)


class MainWindow(QWidget):
    """The one window.

    Signals:
        closed: the user closed it; its looks are saved.
        page_opened: the name of the page that is now shown.
        uncovered: what covered the window is left, whatever for.
        new_chat_requested: start a chat; True is a temporary one.
        setup_requested: set up a wallet; "create" or "import".
        demo_requested: use the demo network.
    """

    closed = Signal()
    page_opened = Signal(str)
    uncovered = Signal()
    new_chat_requested = Signal(bool)
    setup_requested = Signal(str)
    demo_requested = Signal()

    def __init__(self, parts: WindowParts) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Morpheus Desktop")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.looks = Looks(parts.theme, parts.prefs)
        self.dialogs = FrameDialogs(self, parts.theme, parts.commands, parts.palette)
        self._parts = parts
        self._factories = self._not_ready() | dict(parts.pages)
        self._panes: dict[str, QWidget] = {}
        self._first: dict[str, QWidget | None] = {}
        self._page = ""
        self._list_toggled_at = 0.0
        self._welcome: WelcomePane | None = None
        self._was_covered = False
        parts.commands.add(*self._commands())
        parts.commands.bind(self, blocked=lambda: self.dialogs.any_open)
        self._pages = QStackedWidget()
        self._sidebar = Sidebar(parts.theme, lambda page: parts.commands.shown_keys(f"page.{page}"))
        keys = parts.commands.shown_keys("palette")
        self._status_bar = StatusBar(parts.status, parts.theme, keys)
        self._root = self._lay_out()
        self._toasts = ToastStack(parts.theme, self, self._status_bar)
        FocusFrame(parts.theme).setParent(self)
        self._connect()

    @property
    def page(self) -> str:
        """Name of the open page; "welcome" or "cover" while something covers the window."""
        if self._on_welcome:
            return "welcome"
        return "cover" if self._covered else self._page

    @property
    def sidebar(self) -> Sidebar:
        """Where everything is reached from."""
        return self._sidebar

    def restore(self) -> None:
        """Stand where the window stood last and open its page; once, when all is connected."""
        prefs = self._parts.prefs
        screens = QGuiApplication.screens()
        home = QGuiApplication.primaryScreen()
        areas = [
            home.availableGeometry(),
            *(s.availableGeometry() for s in screens if s is not home),
        ]
        self.setMinimumSize(SMALLEST_WINDOW.boundedTo(areas[0].size()))
        self.setGeometry(on_a_screen(prefs.geometry, areas))
        if prefs.maximized:
            self.setWindowState(Qt.WindowState.WindowMaximized)
        self._fit_sidebar()
        if prefs.welcome_done:
            self.open_page(prefs.page)
        else:
            self.show_welcome()

    def open_page(self, name: str) -> QWidget:
        """Show a page; an unknown name shows the first one. Returns its widget."""
        name = name if name in self._factories else PAGES[0].page
        pane = self.pane(name)
        changed = name != self._page or self._covered
        self._page = name
        self._pages.setCurrentWidget(pane)
        self._root.setCurrentIndex(0)
        self._toasts.stand_above(pane.foot if isinstance(pane, HasFoot) else self._status_bar)
        if changed:
            self._sidebar.set_page(name)
            self._parts.prefs.page = name
            self._parts.prefs.welcome_done = True
            self._focus_first(name)
            self.page_opened.emit(name)
        return pane

    def pane(self, name: str) -> QWidget:
        """The widget of a page, made when it is first asked for.

        Raises:
            KeyError: there is no such page.
        """
        pane = self._panes.get(name)
        if pane is None:
            pane = self._panes[name] = self._factories[name]()
            # A page names by its proxy what gets the focus first. Kept on, it would have Tab
            # jump there as well, over all that stands before it.
            self._first[name] = pane.focusProxy()
            pane.setFocusProxy(None)  # type: ignore[arg-type]
            self._pages.addWidget(pane)
        return pane

    def show_welcome(self) -> None:
        """Cover the window with the first screen."""
        if self._welcome is None:
            self._welcome = self._make_welcome()
            self._root.addWidget(self._welcome)
        self._root.setCurrentWidget(self._welcome)
        self._welcome.show_choices()

    def cover(self, pane: QWidget) -> None:
        """Have a pane take the whole window, until a page is opened."""
        if self._root.indexOf(pane) < 0:
            self._root.addWidget(pane)
        self._root.setCurrentWidget(pane)

    def uncover(self) -> None:
        """Back to where one was: the page before, or at the first start the first screen."""
        if self._page:
            self.open_page(self._page)
        else:
            self.show_welcome()

    def toast(self, words: ToastText | str) -> None:
        """Show a short message at the bottom right; it stays in the log and is read aloud."""
        words = ToastText(words) if isinstance(words, str) else words
        log.info("%s", one_line(words.text, 300))
        self._toasts.show_toast(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words.text))

    def explain(self, problem: Problem) -> None:
        """Show an error that can be explained."""
        self.toast(ToastText(problem.text, icon="circle-x", tone="danger"))

    def bring_to_front(self) -> None:
        """Show the window above the others, also when it was minimized."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    @property
    def _on_welcome(self) -> bool:
        return self._welcome is not None and self._root.currentWidget() is self._welcome

    @property
    def _covered(self) -> bool:
        return self._root.currentIndex() != 0

    def _look_at_cover(self) -> None:
        was, self._was_covered = self._was_covered, self._covered and not self._on_welcome
        if was:
            self.uncovered.emit()

    def _not_ready(self) -> dict[str, Factory]:
        def factory(topic: Topic) -> Factory:
            def make() -> QWidget:
                pane = NotReadyPane(topic, self._parts.theme)
                pane.page_requested.connect(self.open_page)
                return pane

            return make

        return {topic.page: factory(topic) for topic in TOPICS.values()}

    def _lay_out(self) -> QStackedWidget:
        frame = QWidget()
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addWidget(self._status_bar)
        row = QHBoxLayout(frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._sidebar)
        row.addLayout(column, 1)
        root = QStackedWidget()
        root.addWidget(frame)
        around = QHBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(root)
        return root

    def _connect(self) -> None:
        parts = self._parts
        self._root.currentChanged.connect(self._look_at_cover)
        self._sidebar.page_chosen.connect(self.open_page)
        self._sidebar.search_clicked.connect(self.dialogs.palette)
        self._status_bar.page_chosen.connect(self.open_page)
        self._status_bar.command_chosen.connect(parts.commands.run)
        self._status_bar.palette_requested.connect(self.dialogs.palette)
        parts.theme.changed.connect(self._fit_sidebar)
        parts.commands.changed.connect(
            lambda: self._status_bar.set_palette_keys(parts.commands.shown_keys("palette"))
        )

    def _make_welcome(self) -> WelcomePane:
        welcome = WelcomePane(self._parts.welcome, self._parts.theme)
        welcome.chat_chosen.connect(lambda: self.open_page("chat"))
        welcome.wallet_chosen.connect(self.setup_requested)
        welcome.demo_chosen.connect(self.demo_requested)
        welcome.model_file_wanted.connect(lambda: self.open_page("models"))
        welcome.terms_requested.connect(self.dialogs.terms)
        welcome.mode_chosen.connect(self.looks.set_mode)
        return welcome

    def _commands(self) -> list[Command]:
        return [
            Command(
                "palette",
                "Commands",
                self.dialogs.palette,
                "Ctrl+K",
                "search",
                listed=False,
            ),
            *self._chat_commands(),
            *page_commands(self.open_page),
            *self._layout_commands(),
            *self.looks.commands(),
            *help_commands(self.dialogs, self.show_welcome),
            Command(
                "undo",
                "Undo the deletion",
                lambda: self._toasts.undo(),
                "Ctrl+Z",
                "undo-2",
                enabled=lambda: self._toasts.can_undo,
            ),
            Command("quit", "Quit", self.close, "Ctrl+Q", "log-out"),
        ]

    def _chat_commands(self) -> list[Command]:
        return [
            Command("chat.new", "New chat", partial(self._new_chat, False), "Ctrl+N", "square-pen"),
            Command(
                "chat.temporary",
                "New temporary chat",
                partial(self._new_chat, True),
                "Ctrl+Shift+N",
                "square-dashed",
                keywords=("private chat", "incognito", "leaves nothing behind"),
            ),
            Command(
                "search",
                "Search in this page",
                self._search,
                "Ctrl+F",
                "search",
                enabled=lambda: isinstance(self._open_pane(), Searchable),
                keywords=("find",),
            ),
        ]

    def _layout_commands(self) -> list[Command]:
        icon = "panel-left"
        return [
            Command("list.toggle", "Show or hide the list", self._toggle_list, "Ctrl+B", icon),
            Command("sidebar.toggle", "Show or hide sidebar labels", self._toggle_rail, "", icon),
            Command("region.next", "Next region", partial(self._region, 1), "F6", "focus"),
            Command(
                "region.previous", "Previous region", partial(self._region, -1), "Shift+F6", "focus"
            ),
        ]

    def _open_pane(self) -> object:
        return None if self._covered else self._panes.get(self._page)

    def _new_chat(self, temporary: bool) -> None:
        self.open_page("chat")
        self.new_chat_requested.emit(temporary)

    def _search(self) -> None:
        pane = self._open_pane()
        if isinstance(pane, Searchable):
            pane.search()

    def _toggle_list(self) -> None:
        """Ctrl+B once: the list; twice: the list back and the sidebar instead."""
        pane = self._open_pane()
        now = time.monotonic()
        twice = now - self._list_toggled_at < TWICE_S
        self._list_toggled_at = 0.0 if twice else now
        if isinstance(pane, HasList):
            pane.toggle_list()
        if twice:
            self._toggle_rail()

    def _toggle_rail(self) -> None:
        self._parts.prefs.rail = not self._parts.prefs.rail
        self._fit_sidebar()

    def _region(self, step: int) -> None:
        pane = self._open_pane()
        regions: list[QWidget] = [self._sidebar, self._status_bar]
        if isinstance(pane, HasRegions):
            regions[1:1] = pane.regions()
        elif isinstance(pane, QWidget):
            regions.insert(1, pane)
        next_region(regions, self.focusWidget(), step)

    def _focus_first(self, name: str) -> None:
        """Give the focus to what the page named, else to its first widget.

        A page of several names it by the one that is shown.
        """
        pane = self._panes[name]
        shown = pane.currentWidget() if isinstance(pane, QStackedWidget) else None
        named = self._first[name] or (shown.focusProxy() if shown is not None else None)
        order = reading_order(pane)
        first = named or (order[0] if order else pane)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit_sidebar(self) -> None:
        narrow = self.width() < self._parts.theme.px(RAIL_BELOW)
        self._sidebar.set_rail(rail=narrow or self._parts.prefs.rail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Sidebar or rail."""
        super().resizeEvent(event)
        self._fit_sidebar()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab follows the reading order."""
        return next_widget(self, self.focusWidget(), forward=forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses a button as Space does; Qt leaves that to the desktop's theme, if any."""
        button = self.focusWidget()
        if is_enter(event) and not event.isAutoRepeat() and isinstance(button, QAbstractButton):
            button.click()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember where the window stood; who built the app ends it."""
        self._parts.prefs.set_geometry(self.normalGeometry(), maximized=self.isMaximized())
        super().closeEvent(event)
        self.closed.emit()
