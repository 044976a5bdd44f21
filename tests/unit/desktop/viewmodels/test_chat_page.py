"""What a chat holds that is not sent yet."""

from morpheus_desktop.viewmodels.chat_page import ChatPage
from router.store.records import Attachment

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


def test_titles():
    assert ChatPage().title == "New chat"
    assert ChatPage(temporary=True).title == "Temporary chat"
    assert ChatPage().id == ""
