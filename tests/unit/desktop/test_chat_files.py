"""Chats to files and back: what is asked, what is written, what is said about it."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from morpheus_desktop.chat_files import JSON, MARKDOWN, ChatFiles, what_came
from router.errors import BadRequest, StorageError
from router.store.imports import ImportReport
from router.store.records import NewMessage
from tests.support.chat_desk import ChatDesk, on_qt_loop


class Files:
    """ChatFiles over an empty window, and what it says."""

    def __init__(self, desk: ChatDesk, window: QWidget) -> None:
        self.desk = desk
        self.window = window
        self.said: list[str] = []
        self.failed: list[Exception] = []
        self.files = ChatFiles(desk.store, window, self.said.append, self.failed.append)

    async def done(self) -> list[str]:
        """Wait until nothing is left to do, then return what was said."""
        await self.desk.until(lambda: not self.files._tasks._by_key)
        return self.said

    def dialog(self) -> QFileDialog:
        """The file dialog that is open."""
        (found,) = self.window.findChildren(QFileDialog)
        return found

    async def choose(self, *paths: Path) -> None:
        """Answer the dialog."""
        dialog = self.dialog()
        if dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave:
            dialog.fileSelected.emit(str(paths[0]))
        else:
            dialog.filesSelected.emit([str(path) for path in paths])
        dialog.reject()
        await self.done()


@pytest.fixture
def files(desk: ChatDesk, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    made = Files(desk, window)
    yield made
    desk.loop.run_until_complete(made.files.close())


async def make_chat(desk: ChatDesk, title: str = "Sea/poems") -> str:
    chat = await desk.store.create()
    await desk.store.rename(chat.id, title)
    await desk.store.add(
        chat.id, NewMessage("user", "A poem?"), NewMessage("assistant", "The **sea**.")
    )
    return chat.id


@on_qt_loop
async def test_one_chat_as_markdown(desk: ChatDesk, files: Files, tmp_path: Path) -> None:
    files.files.export_chat(await make_chat(desk))
    await files.done()
    dialog = files.dialog()
    assert dialog.nameFilters() == [MARKDOWN, JSON]
    assert [Path(name).name for name in dialog.selectedFiles()] == ["Sea poems.md"]
    await files.choose(tmp_path / "poems.md")
    assert files.said == ["Saved as poems.md"]
    text = (tmp_path / "poems.md").read_text(encoding="utf-8")
    assert text.startswith("# Sea/poems\n")
    assert "The **sea**." in text


@on_qt_loop
async def test_the_format_follows_the_chosen_filter(desk: ChatDesk, files: Files) -> None:
    files.files.export_chat(await make_chat(desk))
    await files.done()
    dialog = files.dialog()
    assert dialog.defaultSuffix() == "md"
    dialog.filterSelected.emit(JSON)
    assert dialog.defaultSuffix() == "json"
    dialog.reject()


@on_qt_loop
async def test_one_chat_as_json_comes_back(desk: ChatDesk, files: Files, tmp_path: Path) -> None:
    chat_id = await make_chat(desk)
    await make_chat(desk, "Another")
    files.files.export_chat(chat_id)
    await files.done()
    await files.choose(tmp_path / "poems.JSON")
    exported = json.loads((tmp_path / "poems.JSON").read_text(encoding="utf-8"))
    assert [chat["id"] for chat in exported["chats"]] == [chat_id]
    files.files.import_chats()
    await files.choose(tmp_path / "poems.JSON")
    assert files.said[-1] == "1 chat was here already"


@on_qt_loop
async def test_all_chats_come_back_into_an_empty_store(
    desk: ChatDesk, files: Files, tmp_path: Path
) -> None:
    ids = [await make_chat(desk, title) for title in ("One", "Two")]
    files.files.export_all()
    assert files.dialog().defaultSuffix() == "json"
    await files.choose(tmp_path / "all.json")
    assert files.said == ["2 chats saved as all.json"]
    for chat_id in ids:
        await desk.store.delete(chat_id)
    await desk.store.purge()
    files.files.import_from([tmp_path / "all.json"])
    assert await files.done() == ["2 chats saved as all.json", "Imported 2 chats with 4 messages"]
    assert await desk.store.count() == 2
    assert files.failed == []


@on_qt_loop
async def test_a_place_that_cannot_be_written_is_told(
    desk: ChatDesk, files: Files, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    files.files.export_all()
    await files.choose(tmp_path / "file" / "all.json")
    files.files.save_text("Save", "x.txt", "x")
    await files.choose(tmp_path / "file" / "x.txt")
    assert [type(error) for error in files.failed] == [StorageError, StorageError]
    assert files.said == []


@on_qt_loop
async def test_a_text_is_saved(desk: ChatDesk, files: Files, tmp_path: Path) -> None:
    files.files.save_text("Save the report", "report.txt", "all of it")
    await files.choose(tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == "all of it"
    assert files.said == ["Saved as mine.txt"]


@on_qt_loop
async def test_a_file_that_is_no_chat_is_refused_with_its_reason(
    desk: ChatDesk, files: Files, tmp_path: Path
) -> None:
    (tmp_path / "list.json").write_text("[1, 2]")
    files.files.import_from([tmp_path / "list.json"])
    await files.done()
    (error,) = files.failed
    assert isinstance(error, BadRequest)
    assert str(error) == "This is not a file of chats that can be imported."
    assert files.said == []


@on_qt_loop
async def test_one_bad_file_does_not_stop_the_others(
    desk: ChatDesk, files: Files, tmp_path: Path
) -> None:
    await make_chat(desk)
    files.files.export_all()
    await files.choose(tmp_path / "good.json")
    (tmp_path / "bad.json").write_text("{")
    files.files.import_from([tmp_path / "bad.json", tmp_path / "good.json"])
    assert (await files.done())[-1] == "1 chat was here already"
    (error,) = files.failed
    assert str(error).startswith("1 file could not be imported. bad.json: ")
    assert isinstance(error, BadRequest)
    assert error.safe == "Everything else was imported."


@on_qt_loop
async def test_a_folder_of_the_original_node(desk: ChatDesk, files: Files, tmp_path: Path) -> None:
    folder = tmp_path / "chats"
    folder.mkdir()
    body = {
        "chatId": "0x" + "1" * 64,
        "modelId": "0x" + "2" * 64,
        "title": "Old chat",
        "isLocal": True,
        "messages": [
            {
                "prompt": {"messages": [{"role": "user", "content": "Hi"}]},
                "promptAt": 1_700_000_000,
                "response": "Hello",
                "responseAt": 1_700_000_001,
            }
        ],
    }
    (folder / f"0x{'1' * 64}.json").write_text(json.dumps(body))
    (folder / f"0x{'3' * 64}.json").write_text("no json")
    files.files.import_from([folder])
    assert await files.done() == ["Imported 1 chat with 2 messages"]
    (error,) = files.failed
    assert str(error).startswith("1 file could not be imported. 0x33333333…: ")


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ([ImportReport()], "There were no chats to import"),
        ([ImportReport(chats=1, messages=1)], "Imported 1 chat with 1 message"),
        (
            [ImportReport(chats=2, messages=1_500), ImportReport(chats=1, messages=1, known=2)],
            "Imported 3 chats with 1,501 messages, 2 chats were here already",
        ),
        ([ImportReport(messages=3)], "Imported 3 messages into chats that were here"),
    ],
)
def test_what_came(reports: list[ImportReport], words: str) -> None:
    assert what_came(reports) == words
