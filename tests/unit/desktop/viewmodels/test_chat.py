"""The open conversation: nothing that was typed or answered is lost, wherever one looks."""

import asyncio

from router.backends.base import Sampling
from router.errors import BackendError, NoModel, StorageError
from router.inference.host import HostState
from router.store.records import Message
from tests.support.chat_desk import ChatDesk, on_qt_loop


def restored(desk: ChatDesk) -> list[str]:
    """What the composer is told to show from now on."""
    texts: list[str] = []
    desk.vm.draft_restored.connect(texts.append)
    return texts


async def open_chat(desk: ChatDesk, chat_id: str) -> None:
    desk.vm.open(chat_id)
    await desk.quiet()


async def new_chat(desk: ChatDesk, *, temporary: bool = False) -> None:
    desk.vm.new(temporary=temporary)
    await desk.quiet()


async def asked(desk: ChatDesk, *texts: str) -> str:
    """The id of a new chat in which this was asked."""
    await new_chat(desk)
    for text in texts:
        await desk.ask(text)
    assert desk.vm.chat is not None
    return desk.vm.chat.id


@on_qt_loop
async def test_a_question_is_on_disk_before_anybody_answers(desk: ChatDesk) -> None:
    hold = asyncio.Event()
    desk.backend.says("Hello", hold=hold)
    desk.vm.send("Hi")
    await desk.until(lambda: desk.backend.requests)
    assert desk.on_disk("SELECT role, content, state FROM message") == [
        ("user", "Hi", "done"),
        ("assistant", "", "writing"),
    ]
    hold.set()
    await desk.until(lambda: desk.texts == ["Hi", "Hello"])
    assert desk.vm.title == "Hi"


@on_qt_loop
async def test_text_flows_and_its_end_is_told(desk: ChatDesk) -> None:
    flowed: list[str] = []
    writing: list[frozenset[str]] = []
    desk.vm.answer_flowed.connect(lambda _id, text, _reasoning: flowed.append(text))
    desk.vm.writing_changed.connect(writing.append)
    desk.backend.says("One ", "two")
    await desk.ask("Count")
    assert "".join(flowed) == "One two"
    assert [len(ids) for ids in writing] == [1, 0]
    assert desk.vm.messages[-1].state == "done"


@on_qt_loop
async def test_figures_of_a_long_answer_are_told_while_it_is_written(desk: ChatDesk) -> None:
    figures: list[object] = []
    desk.vm.live_changed.connect(lambda _id, stats: figures.append(stats.answer_tokens))
    desk.backend.says("word ", silent=True)
    desk.vm.send("Go")
    await desk.until(lambda: 1 in figures)
    desk.vm.stop()
    await desk.until(lambda: not desk.vm.writing)


@on_qt_loop
async def test_stopping_keeps_what_is_written(desk: ChatDesk) -> None:
    desk.backend.says("Half ", "an", silent=True)
    desk.vm.send("Go")
    await desk.until(lambda: desk.vm.writing and desk.vm.messages)
    chat_id = desk.vm.messages[0].chat_id
    await desk.until(lambda: desk.conversations.running[chat_id].text == "Half an")
    desk.vm.stop()
    await desk.until(lambda: not desk.vm.writing)
    await desk.quiet()
    assert (desk.vm.messages[-1].content, desk.vm.messages[-1].state) == ("Half an", "stopped")
    assert desk.backend.stopped == 1


@on_qt_loop
async def test_two_questions_one_after_the_other_both_arrive(desk: ChatDesk) -> None:
    hold = asyncio.Event()
    desk.backend.says("First answer", hold=hold)
    desk.backend.says("Second answer")
    desk.vm.send("One")
    desk.vm.send("Two")  # the chat does not even exist yet
    await desk.until(lambda: desk.texts[:1] == ["One"])
    hold.set()
    await desk.until(lambda: "Second answer" in desk.texts)
    await desk.quiet()
    assert sorted(desk.texts) == ["First answer", "One", "Second answer", "Two"]
    assert await desk.store.count() == 1


@on_qt_loop
async def test_a_question_that_waits_is_shown_at_once(desk: ChatDesk) -> None:
    hold = asyncio.Event()
    desk.backend.says("First answer", hold=hold)
    desk.vm.send("One")
    await desk.until(lambda: desk.vm.writing and len(desk.vm.messages) == 2)
    desk.vm.send("Two")
    await desk.until(lambda: desk.texts == ["One", "", "Two"])
    hold.set()
    await desk.until(lambda: not desk.conversations.running and len(desk.vm.messages) == 4)


@on_qt_loop
async def test_a_question_goes_to_the_chat_it_was_typed_in(desk: ChatDesk) -> None:
    first = await asked(desk, "One")
    await new_chat(desk)
    desk.vm.send("Two")
    desk.vm.open(first)  # before the new chat is saved
    await desk.until(lambda: len(desk.backend.requests) == 2 and not desk.conversations.running)
    await desk.quiet()
    assert desk.texts == ["One", "One"]
    other = next(chat for chat in await desk.store.list() if chat.id != first)
    assert [m.content for m in await desk.store.messages(other.id)] == ["Two", "Two"]


@on_qt_loop
async def test_what_could_not_be_saved_comes_back(desk: ChatDesk) -> None:
    texts = restored(desk)
    await desk.break_disk(broken=True)
    desk.vm.send("Precious")
    desk.vm.typed("and more")  # typed before the disk refused
    await desk.until(lambda: desk.failures)
    assert isinstance(desk.failures[0], StorageError)
    assert texts == ["Precious\n\nand more"]
    assert desk.backend.requests == []
    await desk.break_disk(broken=False)
    desk.vm.send(texts[0])
    await desk.until(lambda: desk.backend.requests)
    assert desk.backend.requests[0].turns[-1].content == texts[0]
    await desk.until(lambda: not desk.vm.writing)


@on_qt_loop
async def test_what_could_not_be_saved_waits_in_its_own_chat(desk: ChatDesk) -> None:
    first = await asked(desk, "One")
    second = await asked(desk, "Two")
    await open_chat(desk, first)
    texts = restored(desk)
    await desk.break_disk(broken=True)
    desk.vm.send("Precious")
    desk.vm.open(second)
    await desk.until(lambda: desk.failures)
    await desk.quiet()
    assert texts == [""]
    desk.vm.open(first)
    await desk.until(lambda: texts == ["", "Precious"])
    await desk.break_disk(broken=False)


@on_qt_loop
async def test_drafts_stay_with_their_chats(desk: ChatDesk) -> None:
    texts = restored(desk)
    first = await asked(desk, "One")
    desk.vm.typed("for the first")
    await new_chat(desk)
    desk.vm.typed("for a new one")
    await open_chat(desk, first)
    assert texts[-1] == "for the first"
    await new_chat(desk)
    assert texts[-1] == "for a new one"
    await open_chat(desk, first)
    await desk.ask("Asked")
    await new_chat(desk)
    await open_chat(desk, first)
    assert texts[-1] == ""


@on_qt_loop
async def test_drafts_survive_the_app(desk: ChatDesk) -> None:
    first = await asked(desk, "One")
    desk.vm.typed("half a sentence")
    await new_chat(desk)
    desk.vm.typed("another")
    await desk.vm.close()
    assert sorted(desk.on_disk("SELECT text FROM draft")) == [("another",), ("half a sentence",)]
    desk.vm = desk.new_view_model()
    texts = restored(desk)
    desk.vm.open(first)
    await desk.until(lambda: texts == ["half a sentence"])


@on_qt_loop
async def test_a_pause_in_typing_saves_the_draft(desk: ChatDesk) -> None:
    desk.vm.typed("hm")
    await desk.until(lambda: desk.on_disk("SELECT chat_id, text FROM draft") == [("", "hm")])
    desk.vm.send("hm")
    await desk.until(lambda: desk.on_disk("SELECT text FROM draft") == [])
    await desk.until(lambda: not desk.vm.writing)


@on_qt_loop
async def test_answers_have_versions(desk: ChatDesk) -> None:
    desk.backend.says("First")
    desk.backend.says("Second")
    await asked(desk, "Q")
    first = desk.vm.messages[-1]
    desk.vm.regenerate(first.id)
    await desk.until(lambda: desk.texts == ["Q", "Second"])
    await desk.quiet()
    assert len(desk.vm.messages[-1].versions) == 2
    desk.vm.select(first.id)
    await desk.until(lambda: desk.texts == ["Q", "First"])


@on_qt_loop
async def test_an_edited_question_leaves_the_old_one_as_a_version(desk: ChatDesk) -> None:
    await asked(desk, "Old", "More")
    old = desk.vm.messages[0]
    desk.vm.edit(old.id, "New")
    await desk.until(lambda: desk.texts == ["New", "New"])
    await desk.quiet()
    desk.vm.select(old.id)
    await desk.until(lambda: desk.texts == ["Old", "Old", "More", "More"])


@on_qt_loop
async def test_an_edit_that_is_refused_is_not_lost(desk: ChatDesk) -> None:
    texts = restored(desk)
    desk.backend.says("Word", silent=True)
    desk.vm.send("Old")
    await desk.until(lambda: len(desk.vm.messages) == 2)
    desk.vm.edit(desk.vm.messages[0].id, "Newer words")
    await desk.until(lambda: desk.failures)
    assert texts == ["Newer words"]
    desk.vm.stop()
    await desk.until(lambda: not desk.vm.writing)


@on_qt_loop
async def test_a_branch_is_a_chat_of_its_own(desk: ChatDesk) -> None:
    first = await asked(desk, "One", "Two")
    texts = restored(desk)
    desk.vm.typed("belongs to the first")
    desk.vm.branch(desk.vm.messages[1].id)
    await desk.until(lambda: desk.vm.chat is not None and desk.vm.chat.id != first)
    assert desk.texts == ["One", "One"]
    assert desk.vm.title == "One (branch)"
    assert texts == [""]
    await open_chat(desk, first)
    assert texts[-1] == "belongs to the first"


@on_qt_loop
async def test_a_temporary_chat_is_gone_when_it_is_left(desk: ChatDesk) -> None:
    await new_chat(desk, temporary=True)
    assert desk.vm.title == "Temporary chat"
    desk.vm.typed("secret draft")
    await desk.ask("secret question")
    assert desk.texts == ["secret question", "secret question"]
    assert len(await desk.temporary.list()) == 1
    await new_chat(desk)
    assert desk.vm.title == "New chat"
    assert await desk.temporary.list() == ()
    assert await desk.store.list() == ()
    await desk.vm.close()
    for file in desk.folder.glob("chats.db*"):
        assert b"secret" not in file.read_bytes()


@on_qt_loop
async def test_an_answer_in_a_temporary_chat_ends_when_it_is_left(desk: ChatDesk) -> None:
    await new_chat(desk, temporary=True)
    desk.backend.says("Word", silent=True)
    desk.vm.send("Go")
    await desk.until(lambda: desk.vm.writing and desk.vm.messages)
    await new_chat(desk)
    assert desk.conversations.running == {}
    assert desk.failures == []


@on_qt_loop
async def test_chats_write_at_once_and_each_keeps_its_own(desk: ChatDesk) -> None:
    go = asyncio.Event()
    ids = []
    for name in ("One", "Two", "Three"):
        await new_chat(desk)
        desk.backend.says(f"{name} begun ", f"{name} done", hold=go)
        desk.vm.send(name)
        await desk.until(lambda: desk.vm.writing and len(desk.vm.messages) == 2)
        ids.append(desk.vm.messages[0].chat_id)
    await desk.until(lambda: len(desk.backend.requests) == 3)
    assert desk.backend.most_at_once == 3
    flowed: list[int] = []
    await open_chat(desk, ids[0])
    assert desk.vm.writing
    desk.vm.answer_flowed.connect(lambda message_id, *_: flowed.append(message_id))
    go.set()
    await desk.until(lambda: not desk.conversations.running)
    await desk.quiet()
    assert set(flowed) == {desk.vm.messages[-1].id}
    for chat_id, name in zip(ids, ("One", "Two", "Three"), strict=True):
        await open_chat(desk, chat_id)
        assert desk.texts == [name, f"{name} begun {name} done"]


@on_qt_loop
async def test_coming_back_shows_what_was_written_meanwhile(desk: ChatDesk) -> None:
    first = await asked(desk, "One")
    desk.backend.says("Some of it", silent=True)
    desk.vm.send("Two")
    await desk.until(lambda: first in desk.conversations.running)
    await new_chat(desk)
    await desk.until(lambda: desk.conversations.running[first].text == "Some of it")
    await open_chat(desk, first)
    assert desk.texts[-1] == "Some of it"
    assert desk.vm.messages[-1].state == "writing"
    desk.vm.stop()
    await desk.until(lambda: not desk.vm.writing)


@on_qt_loop
async def test_a_failed_answer_says_why_and_what_to_do(desk: ChatDesk) -> None:
    desk.backend.says(error=NoModel("No model is installed.", hint="Add one."))
    await asked(desk, "Q")
    answer = desk.vm.messages[-1]
    assert (answer.state, answer.error) == ("failed", "No model is installed. Add one.")
    assert desk.failures == []  # it stands in the chat, once


@on_qt_loop
async def test_dropped_turns_are_told_before_the_answer_ends(desk: ChatDesk) -> None:
    changed: list[Message] = []
    desk.vm.message_changed.connect(changed.append)
    desk.backend.says("Word", dropped_turns=4, silent=True)
    desk.vm.send("Q")
    await desk.until(lambda: changed)
    assert changed[0].stats is not None
    assert changed[0].stats.dropped_turns == 4
    assert changed[0].state == "writing"
    desk.vm.stop()
    await desk.until(lambda: not desk.vm.writing)


@on_qt_loop
async def test_text_files_go_with_a_question(desk: ChatDesk) -> None:
    notes = desk.folder / "notes.txt"
    notes.write_text("the answer is 42")
    desk.vm.attach([notes])
    await desk.until(lambda: desk.vm.attachments)
    first = desk.vm.attachments
    await asked(desk, "Elsewhere")
    assert desk.vm.attachments == ()  # they went: it is the same new chat
    assert "the answer is 42" in desk.backend.requests[0].turns[-1].content
    assert [file.name for file in desk.vm.messages[0].attachments] == [first[0].name]


@on_qt_loop
async def test_attachments_stay_with_their_chat(desk: ChatDesk) -> None:
    first = await asked(desk, "One")
    notes = desk.folder / "notes.txt"
    notes.write_text("x")
    desk.vm.attach([notes])
    await desk.until(lambda: desk.vm.attachments)
    await new_chat(desk)
    assert desk.vm.attachments == ()
    await open_chat(desk, first)
    assert [file.name for file in desk.vm.attachments] == ["notes.txt"]
    desk.vm.detach(0)
    assert desk.vm.attachments == ()


@on_qt_loop
async def test_a_refused_file_takes_none_of_the_others_with_it(desk: ChatDesk) -> None:
    for name in ("a.txt", "c.txt"):
        (desk.folder / name).write_text("x")
    (desk.folder / "b.png").write_bytes(b"\x89PNG")
    desk.vm.attach([desk.folder / name for name in ("a.txt", "b.png", "c.txt")])
    await desk.until(lambda: desk.failures)
    assert [file.name for file in desk.vm.attachments] == ["a.txt", "c.txt"]
    assert "b.png is a picture" in str(desk.failures[0])


@on_qt_loop
async def test_files_come_back_with_a_question_that_could_not_be_saved(desk: ChatDesk) -> None:
    notes = desk.folder / "notes.txt"
    notes.write_text("x")
    desk.vm.attach([notes])
    await desk.until(lambda: desk.vm.attachments)
    await desk.break_disk(broken=True)
    desk.vm.send("Q")
    await desk.until(lambda: desk.failures)
    assert [file.name for file in desk.vm.attachments] == ["notes.txt"]
    await desk.break_disk(broken=False)


@on_qt_loop
async def test_the_meter_counts_all_that_would_be_sent(desk: ChatDesk) -> None:
    meters: list[tuple[int, int]] = []
    desk.vm.meter_changed.connect(lambda meter: meters.append((meter.used, meter.size)))
    desk.vm.set_parameters("Be very brief.", Sampling())
    desk.vm.typed("two words")
    model = desk.library.models[0]
    desk.host.show(HostState(phase="ready", model=model, context_tokens=2048))
    await desk.until(lambda: meters == [(5, 2048)])
    await desk.ask("two words")
    await desk.until(lambda: meters[-1] == (7, 2048))
    desk.host.refusal = BackendError("Busy.")
    desk.vm.typed("three more words")
    await desk.until(lambda: desk.vm._timers["meter"].isActive())
    await desk.until(lambda: not desk.vm._timers["meter"].isActive())
    await desk.quiet()
    assert desk.failures == []


@on_qt_loop
async def test_settings_of_a_new_chat_are_kept_with_it(desk: ChatDesk) -> None:
    sampling = Sampling(temperature=0.1)
    other = next(m for m in desk.vm.models if m.id == "other")
    desk.vm.set_parameters("Be brief.", sampling)
    desk.vm.set_model(other.id)
    assert desk.vm.model == other
    await desk.ask("Q")
    chat_id = desk.vm.messages[0].chat_id
    request = desk.backend.requests[0]
    assert (request.model, request.turns[0].content) == (other.id, "Be brief.")
    assert request.sampling == sampling
    await new_chat(desk)
    assert desk.vm.system_prompt == ""
    await open_chat(desk, chat_id)
    assert (desk.vm.system_prompt, desk.vm.sampling) == ("Be brief.", sampling)
    desk.vm.set_parameters("Be long.", Sampling())
    await desk.quiet()
    assert (await desk.store.get(chat_id)).system_prompt == "Be long."


@on_qt_loop
async def test_a_chat_deleted_elsewhere_is_left(desk: ChatDesk) -> None:
    chat_id = await asked(desk, "One")
    await desk.conversations.delete(chat_id)
    await desk.until(lambda: desk.vm.chat is None)
    assert desk.texts == []


@on_qt_loop
async def test_a_restored_backup_is_looked_at_again(desk: ChatDesk) -> None:
    empty = await desk.store.backup()
    await asked(desk, "One")
    await desk.store.restore_backup(empty)
    await desk.until(lambda: desk.vm.chat is None)
    assert desk.failures == []


@on_qt_loop
async def test_a_title_given_elsewhere_is_shown(desk: ChatDesk) -> None:
    chat_id = await asked(desk, "One")
    await desk.store.rename(chat_id, "Better")
    await desk.until(lambda: desk.vm.title == "Better")


@on_qt_loop
async def test_trouble_with_saving_an_answer_is_told_and_taken_back(desk: ChatDesk) -> None:
    told: list[object] = []
    desk.vm.saving_changed.connect(told.append)
    desk.backend.says("Some ", silent=True)
    desk.vm.send("Q")
    await desk.until(lambda: desk.vm.writing and len(desk.vm.messages) == 2)
    await desk.until(lambda: desk.conversations.running[desk.vm.messages[0].chat_id].text)
    await desk.break_disk(broken=True)
    desk.vm.stop()
    await desk.until(lambda: told)
    assert isinstance(told[0], StorageError)
    await desk.break_disk(broken=False)
    await desk.until(lambda: told[-1] is None)
    assert desk.on_disk("SELECT content FROM message WHERE role = 'assistant'") == [("Some ",)]


@on_qt_loop
async def test_loading_on_request(desk: ChatDesk) -> None:
    desk.vm.load_model()
    await desk.quiet()
    assert desk.host.loaded == [desk.library.models[0].id]
