"""What a chat holds that is not sent yet."""

import pytest

from morpheus_desktop.viewmodels.chat_page import ChatPage, Pages
from router.backends.base import Sampling
from router.store.records import Attachment, Chat


@pytest.fixture
def chat():
    return Chat("0x1", "", False, False, "", "local", "", Sampling(), None, "", 0.0, 0.0)


FILE = Attachment(name="a.txt", mime="text/plain", size=3, data=b"abc")
OTHER = Attachment(name="b.txt", mime="text/plain", size=1, data=b"b")


def test_what_could_not_be_sent_comes_before_what_was_typed_since():
    page = ChatPage(draft="since", attachments=(OTHER,))
    page.take_back("sent", (FILE,))
    assert page.draft == "sent\n\nsince"
    assert page.attachments == (FILE, OTHER)
    assert page.unsaved
    page.write("")
    page.take_back("sent", ())
    assert page.draft == "sent"


def test_the_question_holds_the_files():
    page = ChatPage(draft="Why?", attachments=(FILE,))
    assert "abc" in page.question
    assert page.question.endswith("Why?")
    assert ChatPage().question == ""


def test_pages_are_kept_by_chat(chat):
    pages = Pages()
    new = pages.of("")
    new.draft = "typed"
    assert pages.fresh().draft == "typed"
    assert pages.fresh().system_prompt == ""
    page = pages.fresh()
    page.chat = chat
    pages.keep(page)
    assert pages.of(chat.id) is page
    assert pages.of("").draft is None
    pages.forget(chat.id)
    pages.forget("unknown")
    assert pages.all == (pages.of(""),)


def test_titles():
    assert ChatPage().title == "New chat"
    assert ChatPage(temporary=True).title == "Temporary chat"
    assert ChatPage().id == ""
