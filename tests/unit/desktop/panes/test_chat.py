"""The chat page: the parts of it together, over the real store."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMenu, QWidget

from morpheus_desktop.chat.notice import NoticeView
from morpheus_desktop.chat.prose import Prose
from morpheus_desktop.chat_commands import chat_commands
from morpheus_desktop.panes.chat import STARTERS, TEMPORARY, ChatPane
from morpheus_desktop.theme import Theme
from morpheus_desktop.widgets.toast import Toast
from router.errors import NoModel
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.chat_money import session_view


@pytest.fixture
def show(qtbot, theme):
    def make(desk: ChatDesk, width: int = 1280, height: int = 720) -> ChatPane:
        pane = desk.new_pane(theme)
        qtbot.addWidget(pane)
        pane.resize(width, height)
        pane.show()
        pane.activateWindow()
        return pane

    return make


def words(pane: ChatPane) -> list[str]:
    parts = [part for part in pane.transcript.findChildren(Prose) if part.isVisible()]
    return [p.toPlainText() for p in sorted(parts, key=lambda p: p.mapTo(pane, p.pos()).y())]


def notices(pane: ChatPane) -> list[NoticeView]:
    return [each for each in pane.transcript.findChildren(NoticeView) if each.isVisible()]


async def ask(desk: ChatDesk, pane: ChatPane, qtbot, text: str) -> None:
    pane.composer.set_text(text)
    qtbot.keyClick(pane.composer.edit, Qt.Key.Key_Return)
    await desk.until(lambda: text in desk.texts and not desk.vm.writing)
    await desk.quiet()


@on_qt_loop
async def test_from_a_starter_to_an_answer(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)
    assert pane._middle.currentWidget() is pane._empty
    starters = [b for b in pane._empty.findChildren(QAbstractButton) if b.text() in STARTERS]
    assert len(starters) == 3
    starters[1].click()
    assert pane.composer.text == STARTERS[1]
    desk.backend.says("Waves.")
    qtbot.keyClick(pane.composer.edit, Qt.Key.Key_Return)
    await desk.until(lambda: words(pane) == [STARTERS[1], "Waves."])
    assert pane.composer.text == ""


@on_qt_loop
async def test_stop_from_anywhere_on_the_page(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)
    desk.backend.says("Half", silent=True)
    pane.composer.set_text("Go")
    qtbot.keyClick(pane.composer.edit, Qt.Key.Key_Return)
    await desk.until(lambda: pane.composer._stop.isVisible() and "Half" in words(pane))
    pane.transcript.setFocus()
    qtbot.keyClick(pane.transcript, Qt.Key.Key_Escape)
    await desk.until(lambda: not desk.vm.writing)
    await desk.until(lambda: not pane.composer._stop.isVisible())
    assert "Half" in words(pane)


@on_qt_loop
async def test_what_could_not_be_saved_is_in_the_composer_again(
    desk: ChatDesk, show, qtbot
) -> None:
    pane = show(desk)
    await desk.break_disk(broken=True)
    pane.composer.set_text("Precious")
    qtbot.keyClick(pane.composer.edit, Qt.Key.Key_Return)
    await desk.until(lambda: pane.composer.text == "Precious")
    await desk.until(lambda: notices(pane))
    await desk.break_disk(broken=False)


@on_qt_loop
async def test_a_model_that_is_too_big_is_not_loaded_but_looked_at(
    desk: ChatDesk, show, qtbot, no_room
) -> None:
    pane = show(desk)
    asked: list[str] = []
    pane.models_asked.connect(lambda: asked.append("models"))
    pane.composer.set_text("Big question")
    qtbot.keyClick(pane.composer.edit, Qt.Key.Key_Return)
    await desk.until(lambda: notices(pane))
    (notice,) = notices(pane)
    assert "is too big" in notice.accessibleName()
    assert pane.composer.text == "Big question"
    assert desk.on_disk("SELECT * FROM chat") == []
    (button,) = notice.findChildren(QAbstractButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked == ["models"]
    assert pane._middle.currentWidget() is pane._empty


@on_qt_loop
async def test_a_failed_answer_is_told_once(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)
    desk.backend.says(error=NoModel("No model is installed.", hint="Add one."))
    await ask(desk, pane, qtbot, "Q")
    told = [
        w.accessibleName()
        for w in pane.transcript.findChildren(QWidget)
        if w.isVisible() and "No model is installed." in w.accessibleName()
    ]
    assert told == ["No model is installed. Add one."]


@on_qt_loop
async def test_up_edits_the_last_question(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)
    await ask(desk, pane, qtbot, "Old")
    qtbot.keyClick(pane.composer.edit, Qt.Key.Key_Up)
    editor = QGuiApplication.focusObject()
    assert isinstance(editor, QWidget)
    assert pane.transcript.isAncestorOf(editor)
    desk.vm.edit(desk.vm.messages[0].id, "New")
    await desk.until(lambda: words(pane) == ["New", "New"])


@on_qt_loop
async def test_a_temporary_chat_says_what_it_is(desk: ChatDesk, show) -> None:
    pane = show(desk)
    pane.new_chat(temporary=True)
    await desk.quiet()
    assert pane._empty_state.title.text() == TEMPORARY[0]
    pane.new_chat(temporary=False)
    await desk.quiet()
    assert pane._empty_state.title.text() != TEMPORARY[0]


@on_qt_loop
async def test_commands_for_versions_and_code(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)
    commands = {command.keys: command for command in chat_commands(pane)}
    assert list(commands) == ["Alt+Left", "Alt+Right", "Ctrl+Shift+C", "Ctrl+E"]
    said: list[str] = []
    pane.said.connect(said.append)
    commands["Ctrl+Shift+C"].run()
    assert said == ["There is no code in this chat yet"]
    desk.backend.says("```sh\nls\n```")
    await ask(desk, pane, qtbot, "Q")
    commands["Ctrl+Shift+C"].run()
    assert QGuiApplication.clipboard().text() == "ls"
    assert said[1:] == ["Code copied"]
    pane.transcript.copied.emit(False)
    assert said[2:] == []
    pane.transcript.copied.emit(True)
    assert "cannot be seen" in said[2]
    desk.backend.says("Second")
    desk.vm.regenerate(desk.vm.messages[-1].id)
    await desk.until(lambda: words(pane) == ["Q", "Second"])
    await desk.quiet()
    commands["Alt+Left"].run()
    await desk.until(lambda: desk.texts[-1].startswith("```"))
    await desk.quiet()
    commands["Alt+Right"].run()
    await desk.until(lambda: desk.texts[-1] == "Second")
    pane.hide()
    assert not any(command.enabled() for command in commands.values())


@on_qt_loop
async def test_the_composer_stands_under_the_column(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)

    def column() -> tuple[int, int]:
        composer = pane.composer
        return composer.mapTo(pane, composer.rect().topLeft()).x(), composer.width()

    await desk.until(lambda: column() == (pane._list.width() + (1016 - 720) // 2, 720))
    before = column()
    await ask(desk, pane, qtbot, "Q")
    assert column() == before
    left, width = pane.transcript.column
    assert before == (left + pane._list.width(), width)


@on_qt_loop
async def test_a_click_that_takes_its_button_away_leaves_the_focus_near(
    desk: ChatDesk, show, qtbot
) -> None:
    pane = show(desk)
    await ask(desk, pane, qtbot, "Q")

    def press(name: str) -> None:
        buttons = pane.transcript.findChildren(QAbstractButton)
        button = next(b for b in buttons if b.accessibleName() == name and b.isVisible())
        button.setFocus()
        button.click()

    press("Try again")
    await desk.until(lambda: len(desk.vm.messages[-1].versions) == 2 and not desk.vm.writing)
    await desk.quiet()
    focus = pane.focusWidget()
    assert focus is pane.transcript or pane.transcript.isAncestorOf(focus)
    before = desk.vm.messages[0].chat_id
    press("Branch into a new chat")
    await desk.until(lambda: desk.vm.messages[0].chat_id != before)
    assert pane.focusWidget() is pane.composer.edit


@on_qt_loop
async def test_after_a_model_was_chosen_the_question_is_typed(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)
    desk.money.ready(session_view())
    pane._list.search.setFocus()
    await desk.until(pane._list.search.hasFocus)
    pane.choose_model()
    (menu,) = [menu for menu in pane.findChildren(QMenu) if menu.isVisible()]
    (remote,) = [each for each in menu.actions() if "Llama" in each.text()]
    menu.setActiveAction(remote)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    await desk.until(pane.composer.edit.hasFocus)
    assert desk.vm.is_remote


@on_qt_loop
async def test_after_files_were_chosen_the_question_is_typed(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)
    notes = desk.folder / "notes.txt"
    notes.write_text("Buy milk")
    qtbot.mouseClick(pane.composer._attach, Qt.MouseButton.LeftButton)
    (dialog,) = pane.findChildren(QFileDialog)
    assert pane.focusWidget() is pane.composer._attach
    dialog.filesSelected.emit([str(notes)])
    dialog.done(QFileDialog.DialogCode.Accepted)
    await desk.until(lambda: [file.name for file in desk.vm.attachments] == ["notes.txt"])
    assert pane.focusWidget() is pane.composer.edit


@on_qt_loop
async def test_no_message_covers_the_composer(desk: ChatDesk, theme, make_window) -> None:
    window = make_window({"chat": lambda: desk.new_pane(theme)})
    pane = window.open_page("chat")
    window.toast("Chat deleted")
    (toast,) = window.findChildren(Toast)

    def clear() -> bool:
        below = toast.mapTo(window, toast.rect().bottomLeft()).y()
        return below < pane.foot.mapTo(window, pane.foot.rect().topLeft()).y()

    await desk.until(clear)
    pane.composer.set_text("A long question\n" * 7)
    await desk.until(lambda: pane.composer.height() > 200 and clear())
    window.open_page("market")
    await desk.until(lambda: not clear())


@on_qt_loop
async def test_in_a_narrow_window_the_list_lies_over_the_conversation(
    desk: ChatDesk, show, qtbot
) -> None:
    pane = show(desk, 900)
    assert not pane._list.isVisible()
    pane.toggle_list()
    assert pane._list.isVisible()
    assert pane._header.width() == pane.width()
    await desk.until(pane._list.search.hasFocus)
    qtbot.keyClick(pane._list.search, Qt.Key.Key_Escape)
    assert not pane._list.isVisible()
    assert pane.composer.edit.hasFocus()
    pane.toggle_list()
    assert pane._list.isVisible()
    qtbot.mouseClick(pane.childAt(600, 300), Qt.MouseButton.LeftButton)
    assert not pane._list.isVisible()
    await desk.until(lambda: pane.composer.height() == 78)
    pane.resize(1300, 720)
    await desk.until(pane._list.isVisible)
    assert pane._header.width() < pane.width()
    await desk.until(lambda: pane.composer.height() == 98)
    assert pane.childAt(600, 300) is not pane._backdrop


@on_qt_loop
async def test_the_keys_it_shows_are_those_in_force(desk: ChatDesk, show) -> None:
    pane = show(desk)

    def tips() -> list[str]:
        return [each.toolTip() for each in pane.findChildren(QAbstractButton)]

    keys = {"search": "Ctrl+F", "chat.new": "F7", "chat.model": "", "chat.extend": "F6"}
    pane.show_keys(keys.__getitem__)
    assert {"New chat (F7)", "Choose the model"} <= set(tips())
    assert any(tip.endswith("(F6)") for tip in tips())
    before = pane._list.search.grab().toImage()
    keys |= {"search": "F9", "chat.new": "", "chat.model": "F8"}
    pane.show_keys(keys.__getitem__)
    assert {"New chat", "Choose the model (F8)"} <= set(tips())
    assert pane._list.search.grab().toImage() != before


@on_qt_loop
async def test_every_control_has_a_name(desk: ChatDesk, show, qtbot) -> None:
    pane = show(desk)
    await ask(desk, pane, qtbot, "Q")
    for control in pane.findChildren(QAbstractButton):
        assert control.accessibleName() or control.text() or control.toolTip(), control


@on_qt_loop
async def test_all_of_it_at_every_size_and_in_both_themes(
    desk: ChatDesk, show, qtbot, theme: Theme, shot
) -> None:
    pane = show(desk)
    await ask(desk, pane, qtbot, "Q")
    for mode, scale in (("light", 1.0), ("dark", 1.5), ("light", 1.5)):
        theme.set_mode(mode)
        theme.set_scale(scale)
        await desk.until(lambda: not pane.transcript._settler.isActive())
        shot(pane, f"chat-{mode}-{scale:g}")
        composer = pane.composer
        assert composer.mapTo(pane, composer.rect().bottomRight()).x() <= pane.width()
        assert composer.width() >= composer.minimumSizeHint().width()
