"""The window around its pages: where one can go, by mouse and keyboard, and what is remembered."""

import pytest
from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from morpheus_desktop.frame_commands import STEPS
from morpheus_desktop.problems import Problem
from morpheus_desktop.regions import usable
from morpheus_desktop.widgets.basic import button
from morpheus_desktop.widgets.field import LineEdit
from morpheus_desktop.widgets.overlay import Overlay
from morpheus_desktop.widgets.sidebar import PAGES
from morpheus_desktop.widgets.toast import ToastText

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Page(QWidget):
    """A page with a list, a search field and two regions."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.list, self.main = QLineEdit(), QLineEdit()
        self.list.setAccessibleName("List")
        self.main.setAccessibleName("Main")
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        column.addWidget(self.main)
        self.setFocusProxy(self.main)

    def toggle_list(self) -> None:
        self.done.append("list")

    def search(self) -> None:
        self.done.append("search")

    def regions(self) -> list[QWidget]:
        return [self.list, self.main]


READY = {"chat": Page, "models": Page, "diagnostics": Page, "settings": Page}


@pytest.fixture
def started(prefs, make_window):
    """A window past its first screen, on a chat page that can do everything."""
    prefs.welcome_done = True
    return make_window(READY)


def press(qtbot, window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(window.focusWidget() or window, key, modifiers)


def test_the_first_start_shows_the_ways_in(make_window, prefs):
    window = make_window({"chat": Page})
    assert window.page == "welcome"
    window.open_page("chat")
    assert window.page == "chat"
    assert prefs.welcome_done


def test_the_next_start_shows_the_last_page(make_window, prefs):
    make_window({"chat": Page}).open_page("market")
    assert make_window({"chat": Page}).page == "market"


def test_pages_are_made_when_they_are_first_opened(make_window, prefs):
    made = []

    def make() -> QWidget:
        made.append(1)
        return QWidget()

    prefs.welcome_done = True
    started = make_window({"chat": QWidget, "models": make})
    assert made == []
    first = started.open_page("models")
    started.open_page("chat")
    assert started.open_page("models") is first
    assert made == [1]


def test_a_page_of_several_has_the_focus_where_the_shown_one_wants_it(make_window, prefs, qtbot):
    """And not at its first button, whatever that does."""
    buttons = [QPushButton("Skip"), QPushButton("Read again")]

    def make() -> QWidget:
        stack, shown = QStackedWidget(), QWidget()
        column = QVBoxLayout(shown)
        for each in buttons:
            column.addWidget(each)
        shown.setFocusProxy(buttons[1])
        stack.addWidget(shown)
        return stack

    prefs.welcome_done = True
    window = make_window({"chat": QWidget, "staking": make})
    window.show()
    window.open_page("staking")
    qtbot.waitUntil(lambda: window.focusWidget() is buttons[1])


def test_an_unknown_page_leads_to_the_chat(started):
    started.open_page("market")
    started.open_page("a page of another version")
    assert started.page == "chat"


@pytest.mark.parametrize(("number", "page"), [*enumerate([each.page for each in PAGES], start=1)])
def test_number_keys_open_the_pages(started, qtbot, number, page):
    started.open_page("staking" if page != "staking" else "wallet")
    press(qtbot, started, getattr(Qt.Key, f"Key_{number}"), CTRL)
    assert started.page == page


def test_a_page_that_is_to_come_offers_what_works_today(started, qtbot):
    started.open_page("provider")
    assert started.focusWidget().text() == "Local API settings"
    press(qtbot, started, Qt.Key.Key_Space)
    assert started.page == "settings"


def test_the_sidebar_becomes_a_rail_where_it_is_narrow(started, qtbot):
    assert started._sidebar.width() == 216
    started.resize(1000, 700)
    qtbot.waitUntil(lambda: started._sidebar.width() == 56)
    started.resize(1280, 820)
    qtbot.waitUntil(lambda: started._sidebar.width() == 216)


def test_larger_text_needs_the_rail_earlier(started):
    started.looks.set_text_size(1.5)
    assert started._sidebar.rail


def test_ctrl_b_is_for_the_list_and_twice_for_the_sidebar(started, qtbot, prefs):
    page = started.pane("chat")
    press(qtbot, started, Qt.Key.Key_B, CTRL)
    assert (page.done, prefs.rail) == (["list"], False)
    press(qtbot, started, Qt.Key.Key_B, CTRL)
    assert (page.done, prefs.rail) == (["list", "list"], True)
    assert started._sidebar.rail
    started._list_toggled_at = 0.0  # later
    press(qtbot, started, Qt.Key.Key_B, CTRL)
    assert (page.done, prefs.rail) == (["list"] * 3, True)


def test_ctrl_f_searches_where_there_is_something_to_search(started, qtbot):
    press(qtbot, started, Qt.Key.Key_F, CTRL)
    assert started.pane("chat").done == ["search"]
    started.open_page("market")
    press(qtbot, started, Qt.Key.Key_F, CTRL)
    assert started.pane("chat").done == ["search"]


def test_f6_goes_round_the_regions_and_back(started, qtbot):
    page = started.pane("chat")
    page.main.setFocus()
    names = []
    for _ in range(4):
        press(qtbot, started, Qt.Key.Key_F6)
        names.append(started.focusWidget().accessibleName())
    assert names == ["Commands, Ctrl+K", "Search and commands", "List", "Main"]
    press(qtbot, started, Qt.Key.Key_F6, SHIFT)
    assert started.focusWidget() is page.list


@pytest.mark.parametrize(
    ("keys", "temporary"), [(CTRL, False), (CTRL | SHIFT, True)], ids=["kept", "temporary"]
)
def test_ctrl_n_starts_a_chat_from_anywhere(started, qtbot, keys, temporary):
    started.open_page("wallet")
    with qtbot.waitSignal(started.new_chat_requested) as asked:
        press(qtbot, started, Qt.Key.Key_N, keys)
    assert asked.args == [temporary]
    assert started.page == "chat"


def test_a_dialog_takes_nothing_with_it_when_it_goes(started, qtbot, qapp):
    """PySide counts a widget that nextInFocusChain() gives as part of the one that was asked."""
    every = [*started.findChildren(QAbstractButton), *started.findChildren(QLineEdit)]
    started.dialogs.shortcuts()
    (dialog,) = started.findChildren(Overlay)
    for _ in range(3):
        press(qtbot, started, Qt.Key.Key_Tab)
    dialog.reject()
    del dialog
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert [each for each in every if not isValid(each)] == []
    assert started.findChildren(Overlay) == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_enter_and_space_press_what_has_the_focus(make_window, qtbot, key):
    window = make_window({"chat": Page})
    assert isinstance(window.focusWidget(), QAbstractButton)
    press(qtbot, window, key)
    assert window.page == "chat"


class Asks(QWidget):
    """A field that hands the focus to a button when Enter is pressed in it."""

    def __init__(self, theme) -> None:
        super().__init__()
        self.line, self.next = LineEdit(theme, "Name"), button(theme, "Show")
        self.pressed = 0
        self.next.clicked.connect(self._press)
        self.line.returnPressed.connect(self.next.setFocus)
        column = QVBoxLayout(self)
        column.addWidget(self.line)
        column.addWidget(self.next)

    def _press(self) -> None:
        self.pressed += 1


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_in_a_field_presses_nothing_but_what_it_is_for(prefs, make_window, theme, qtbot, key):
    prefs.welcome_done = True
    asks = Asks(theme)
    window = make_window({"chat": lambda: asks})
    asks.line.setFocus()
    press(qtbot, window, key)
    assert asks.next.hasFocus()
    assert asks.pressed == 0
    press(qtbot, window, key)
    assert asks.pressed == 1


def test_text_size_keys(started, qtbot, prefs, theme):
    press(qtbot, started, Qt.Key.Key_Equal, CTRL)
    assert (theme.scale, prefs.text_size) == (1.1, 1.1)
    press(qtbot, started, Qt.Key.Key_Minus, CTRL)
    press(qtbot, started, Qt.Key.Key_Minus, CTRL)
    assert theme.scale == 0.9
    press(qtbot, started, Qt.Key.Key_0, CTRL)
    assert theme.scale == 1.0
    for _ in range(30):
        started._parts.commands.run(f"text.{STEPS[0][0]}")
    assert theme.scale == 2.0


def test_the_theme_changes_live_and_is_remembered(started, theme, prefs):
    started._parts.commands.run("theme.light")
    assert not theme.dark
    assert prefs.theme_mode == "light"


def test_no_shortcut_works_behind_a_dialog(started, qtbot):
    started.dialogs.terms()
    press(qtbot, started, Qt.Key.Key_2, CTRL)
    assert started.page == "chat"
    press(qtbot, started, Qt.Key.Key_Escape)
    press(qtbot, started, Qt.Key.Key_2, CTRL)
    assert started.page == "market"


def test_no_two_commands_share_their_keys(started):
    commands = started._parts.commands
    for command in commands.all():
        assert commands.conflict(command.id, commands.keys(command.id)) is None, command.id


def test_every_command_has_an_icon_that_exists(started, theme):
    missing = {c.icon for c in started._parts.commands.all()} - theme.icon_names
    assert missing == set()


def test_messages_are_shown_and_logged(started, caplog):
    caplog.set_level("INFO")
    started.toast("Chat deleted")
    started.toast(ToastText("Moved", action="Undo", undo=True))
    started.explain(Problem("The disk is full.", "Nothing was lost."))
    assert started._toasts.texts == ["Chat deleted", "Moved", "The disk is full. Nothing was lost."]
    assert "Chat deleted" in caplog.text


def test_ctrl_z_undoes_a_deletion_while_its_message_is_up(started, qtbot):
    done = []
    started.pane("chat").setFocus()  # a text field has an undo of its own
    started.toast(ToastText("Deleted", action="Undo", undo=True, run=lambda: done.append("undone")))
    for _ in range(2):
        qtbot.keyClick(started, Qt.Key.Key_Z, CTRL)
    assert done == ["undone"]


def test_where_the_window_stood_is_remembered(started, prefs, qtbot):
    started.setGeometry(QRect(40, 30, 1100, 700))
    qtbot.waitUntil(lambda: started.width() == 1100)
    with qtbot.waitSignal(started.closed):
        started.close()
    assert prefs.geometry.size().toTuple() == (1100, 700)
    assert not prefs.maximized


def test_quit_closes_the_window(started, qtbot):
    with qtbot.waitSignal(started.closed):
        press(qtbot, started, Qt.Key.Key_Q, CTRL)
    assert not started.isVisible()


def interactive(window) -> list[QWidget]:
    return [each for each in window.findChildren(QWidget) if usable(each)]


def name_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def tab_round(window, qtbot) -> list[QWidget]:
    seen: list[QWidget] = []
    while (focused := window.focusWidget()) not in seen:
        seen.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    return seen


@pytest.mark.parametrize("page", ["welcome", *(entry.page for entry in PAGES)])
def test_everything_has_a_name_and_is_reached_by_tab(make_window, qtbot, page):
    window = make_window(READY)
    if page != "welcome":
        window.open_page(page)
    window.toast(ToastText("Chat deleted", action="Undo"))
    unnamed = [each for each in interactive(window) if not name_of(each)]
    assert unnamed == []
    reached = tab_round(window, qtbot)
    unreached = set(interactive(window)) - set(reached)
    assert [name_of(each) for each in unreached] == []
    if page == "chat":
        names = [name_of(each) for each in reached]
        after = [*names, *names][names.index("Network: Not connected") + 1 :]
        assert after[:3] == ["List", "Main", "Commands, Ctrl+K"]


def test_a_pane_can_cover_the_window_until_a_page_is_opened(make_window):
    window = make_window({"chat": Page})
    pane = QWidget()
    window.cover(pane)
    assert window.page == "cover"
    assert pane.isVisible()
    window.uncover()
    assert window.page == "welcome"
    window.open_page("chat")
    window.cover(pane)
    window.uncover()
    assert window.page == "chat"


def test_the_first_screen_asks_for_a_wallet_or_the_demo_network(make_window, qtbot):
    window = make_window({"chat": Page})
    with qtbot.waitSignal(window.setup_requested) as told:
        window._welcome._cards[2].click()
    assert told.args == ["import"]
    with qtbot.waitSignal(window.demo_requested):
        window._welcome._cards[3].click()


@pytest.mark.parametrize("dialog", ["palette", "terms", "licences", "shortcuts"])
def test_dialogs_keep_the_focus_inside_and_give_it_back(started, qtbot, dialog):
    before = started.focusWidget()
    getattr(started.dialogs, dialog)()
    assert started.dialogs.any_open
    inside = tab_round(started, qtbot)
    assert before not in inside
    assert [each for each in inside if not name_of(each)] == []
    press(qtbot, started, Qt.Key.Key_Escape)
    assert not started.dialogs.any_open
    assert started.focusWidget() is before


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("size", [(1280, 820), (960, 640)])
@pytest.mark.parametrize("mode", ["dark", "light"])
def test_pictures(make_window, theme, shot, qapp, mode, size, scale):
    def picture(name: str) -> None:
        qapp.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        shot(window, f"{name}-{mode}-{size[0]}-{round(scale * 100)}")

    theme.set_mode(mode)
    theme.set_scale(scale)
    window = make_window({"chat": Page}, width=size[0], height=size[1])
    picture("welcome")
    for page in ("market", "staking", "wallet", "provider"):
        window.open_page(page)
        picture(page)
    window.dialogs.palette()
    picture("palette")
