"""The column of chats: what is opened, offered and said, by mouse and keyboard."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from morpheus_desktop.chat.list_column import ListColumn
from router.store.records import NewMessage
from tests.support.chat_desk import ChatDesk, on_qt_loop


@pytest.fixture
def show(qtbot, theme):
    def make(desk: ChatDesk) -> ListColumn:
        column = ListColumn(desk.chats, theme)
        qtbot.addWidget(column)
        column.resize(264, 500)
        column.show()
        return column

    return make


async def make_chat(desk: ChatDesk, title: str) -> str:
    chat = await desk.store.create()
    await desk.store.add(chat.id, NewMessage("user", f"About {title}"), title=title)
    await desk.until(lambda: desk.chats.model.row_of(chat.id) >= 0)
    return chat.id


@on_qt_loop
async def test_an_empty_list_says_so(desk: ChatDesk, show) -> None:
    column = show(desk)
    assert column._empty.text() == "No chats yet"
    await make_chat(desk, "One")
    assert not column._empty.isVisible()
    column.search.setText("nowhere")
    await desk.until(column._empty.isVisible)
    assert column._empty.text() == "Nothing for “nowhere”"


@on_qt_loop
async def test_a_click_opens_a_chat(desk: ChatDesk, show, qtbot) -> None:
    column = show(desk)
    chat_id = await make_chat(desk, "One")
    place = column.list.visualRect(desk.chats.model.index(1)).center()
    with qtbot.waitSignal(column.opened) as told:
        qtbot.mouseClick(column.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [chat_id, 0]


@on_qt_loop
async def test_what_was_found_opens_at_its_message(desk: ChatDesk, show, qtbot) -> None:
    column = show(desk)
    chat_id = await make_chat(desk, "One")
    (message,) = await desk.store.messages(chat_id)
    column.search.setText("about")
    await desk.until(lambda: any(row.kind == "hit" for row in desk.chats.model.rows))
    qtbot.keyClick(column.search, Qt.Key.Key_Down)
    assert column.list.currentIndex().row() == 1
    with qtbot.waitSignal(column.opened) as told:
        qtbot.keyClick(column.list, Qt.Key.Key_Return)
    assert told.args == [chat_id, message.id]


@on_qt_loop
async def test_the_open_chat_stays_marked(desk: ChatDesk, show, qtbot) -> None:
    column = show(desk)
    chat_id = await make_chat(desk, "One")
    column.set_current(chat_id)
    await make_chat(desk, "Two")
    assert column.list.currentIndex().row() == desk.chats.model.row_of(chat_id) == 2
    other = column.list.visualRect(desk.chats.model.index(1)).center()
    qtbot.mouseClick(column.list.viewport(), Qt.MouseButton.RightButton, pos=other)
    assert column.list.currentIndex().row() == 2
    column.set_current("")
    assert not column.list.currentIndex().isValid()


@on_qt_loop
async def test_what_can_be_done_with_a_chat(desk: ChatDesk, show, qtbot) -> None:
    column = show(desk)
    chat_id = await make_chat(desk, "One")
    menu = column.menu_for(desk.chats.model.rows[1])
    actions = {action.text(): action for action in menu.actions() if action.text()}
    assert list(actions) == ["Rename…", "Pin to the top", "Export…", "Import chats…", "Delete"]
    for words, signal in (("Rename…", column.rename_asked), ("Export…", column.export_asked)):
        with qtbot.waitSignal(signal) as told:
            actions[words].trigger()
        assert told.args == [chat_id]
    with qtbot.waitSignal(column.import_asked):
        actions["Import chats…"].trigger()
    actions["Pin to the top"].trigger()
    await desk.until(lambda: desk.chats.model.rows[0].title == "Pinned")
    assert column.menu_for(desk.chats.model.rows[1]).actions()[1].text() == "Unpin"
    actions["Delete"].trigger()
    await desk.until(lambda: desk.chats.model.rows == [])


@on_qt_loop
async def test_keys_for_a_chat(desk: ChatDesk, show, qtbot) -> None:
    column = show(desk)
    chat_id = await make_chat(desk, "One")
    qtbot.keyClick(column.list, Qt.Key.Key_Delete)  # nothing is chosen
    column.set_current(chat_id)
    with qtbot.waitSignal(column.rename_asked) as told:
        qtbot.keyClick(column.list, Qt.Key.Key_F2)
    assert told.args == [chat_id]
    await desk.quiet()
    assert desk.chats.count == 1
    qtbot.keyClick(column.list, Qt.Key.Key_Delete)
    await desk.until(lambda: desk.chats.model.rows == [])


@on_qt_loop
async def test_files_are_dropped_to_be_imported(desk: ChatDesk, show, qtbot) -> None:
    column = show(desk)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/home/me/chats.json"), QUrl("https://example.com/x.json")])
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(column.files_dropped) as told:
        column.dropEvent(drop)
    assert [path.name for path in told.args[0]] == ["chats.json"]


@on_qt_loop
async def test_a_ring_turns_only_while_something_is_written(desk: ChatDesk, show) -> None:
    column = show(desk)
    desk.backend.says("Word", silent=True)
    desk.vm.send("Go")
    await desk.until(column._turning.isActive)
    desk.vm.stop()
    await desk.until(lambda: not column._turning.isActive())


@on_qt_loop
async def test_nothing_opens_where_there_is_no_chat(desk: ChatDesk, show, qtbot) -> None:
    column = show(desk)
    await make_chat(desk, "One")
    with qtbot.assertNotEmitted(column.opened):
        qtbot.mouseClick(column.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 400))
    column._menu_at(QPoint(20, 400))
    for temporary in (True, False):
        with qtbot.waitSignal(column.new_asked) as told:
            column.new_asked.emit(temporary)
        assert told.args == [temporary]
