"""The details of a model: facts of its header, its hash, and what the main button does."""

import dataclasses
import hashlib

import pytest
from PySide6.QtWidgets import QLabel

from morpheus_desktop.models.details import HASHING, Details
from morpheus_desktop.widgets.menu import Menu
from router.inference.download import Download
from tests.support import gguf_file
from tests.support.waiting import until


@pytest.fixture
def details(desk, theme, qtbot):
    made = Details(desk.vm, theme)
    qtbot.addWidget(made)
    made.resize(432, 600)
    made.show()
    desk.vm.changed.connect(lambda: made.show_row(desk.vm.row(desk.vm.selected)))
    return made


@pytest.fixture
async def talker(desk, details):
    path = desk.write_own("talker")
    await desk.start()
    desk.vm.selected = "talker"
    desk.vm.changed.emit()
    return path


def words(widget) -> list[str]:
    return [each.text() for each in widget.findChildren(QLabel) if not each.isHidden()]


def test_facts_come_from_the_header(details, talker):
    seen = words(details)
    for fact in ("llama", "4,096 tokens", "In the file", "Q8_0", "apache-2.0", str(talker)):
        assert fact in seen


async def test_a_file_without_a_template_says_so(desk, details):
    values = {k: v for k, v in gguf_file.CHAT.items() if k != "tokenizer.chat_template"}
    gguf_file.write(desk.paths.models / "plain.gguf", values)
    await desk.start()
    details.show_row(desk.row("plain"))
    assert "None in the file" in words(details)


async def test_the_hash_is_shown_when_the_file_was_read(details, talker):
    assert details._hash_words.text() == HASHING
    await until(lambda: details._hash)
    digest = hashlib.sha256(talker.read_bytes()).hexdigest()
    assert details._hash == digest
    assert details._hash_words.text() == f"File read, SHA-256 {digest[:4]}…{digest[-4:]}"


async def test_the_main_button_loads_and_unloads(desk, details, talker, qtbot):
    assert details._main.text() == "Load"
    with qtbot.waitSignal(details.load_asked) as asked:
        details._main.click()
    assert asked.args == ["talker"]
    desk.vm.load("talker")
    await until(lambda: details._main.text() == "Unload")
    details._main.click()
    await until(lambda: details._main.text() == "Load")


async def test_while_it_loads_the_button_waits(desk, details):
    desk.write_own("slow")
    await desk.start()
    desk.vm.selected = "slow"
    desk.vm.load("slow")
    await until(lambda: desk.row("slow").status == "loading")
    assert details._main.text() == "Loading"
    assert not details._main.isEnabled()


async def test_a_broken_file_says_why_and_cannot_be_loaded(desk, details):
    desk.write_own("broken", cut=20)
    await desk.start()
    details.show_row(desk.row("broken"))
    assert "The file ends early: 20 bytes are missing." in [
        text.replace("\u00a0", " ") for text in words(details)
    ]
    assert not details._main.isVisible()
    assert not details._options.isVisible()


async def test_an_offer_tells_licence_need_context_and_source(desk, details):
    await desk.start()
    row = desk.row("qwen2.5-3b-instruct")
    details.show_row(row)
    seen = words(details)
    assert row.offer.licence in seen
    assert row.offer.about in seen
    assert "32,768 tokens" in seen
    assert f"127.0.0.1/{row.offer.repository}" in seen
    assert "Against the SHA-256 that the hub lists" in seen
    assert details._main.text() == "Download"


def menu_of(details) -> dict[str, bool]:
    details._open_menu()
    (menu,) = details.findChildren(Menu)
    lines = {action.text(): action.isEnabled() for action in menu.actions()}
    menu.close()
    return lines


async def test_the_menu_offers_what_is_possible(desk, details, talker):
    await until(lambda: details._hash)
    assert menu_of(details) == {
        "Use for new chats": False,
        "Copy the SHA-256": True,
        "Remove…": True,
    }


async def test_the_bundled_model_cannot_be_removed(desk, details):
    gguf_file.write(desk.bundled / "ours.gguf")
    await desk.start()
    details.show_row(desk.row("ours"))
    assert menu_of(details)["Remove…"] is False


def test_the_need_follows_the_context_that_is_set(desk, details, talker):
    before = details._need.accessibleName()
    details._options._context.slider.setSliderDown(True)
    details._options._context.slider.setValue(512)
    assert desk.library.own_options("talker").context_tokens == 0
    assert before.startswith("Memory needed: 0.1")
    assert details._options._context_hint.text().startswith("512 tokens")


async def test_the_need_is_that_of_the_model_also_after_another_was_looked_at(
    desk, details, talker
):
    before = details._need.accessibleName()
    details.show_row(desk.row("phi-4-mini-instruct"))
    assert details._need.accessibleName() != before
    details.show_row(desk.row("talker"))
    assert details._need.accessibleName() == before


@pytest.mark.parametrize(
    ("phase", "words", "kind"),
    [
        ("loading", "Pause", "secondary"),
        ("checking", "Pause", "secondary"),
        ("paused", "Go on", "primary"),
        ("failed", "Try again", "primary"),
    ],
)
async def test_the_main_button_follows_a_download(desk, details, phase, words, kind):
    await desk.start()
    row = desk.row("phi-4-mini-instruct")
    coming = dataclasses.replace(row, status="coming", download=Download(row.offer, phase))
    details.show_row(coming)
    assert (details._main.text(), details._main.property("kind")) == (words, kind)


def test_without_a_model_there_is_no_card(details):
    details.show_row(None)
    assert not details.isVisible()
