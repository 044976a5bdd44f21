"""Names are added, renamed and removed; what is wrong is said beside the field."""

import pytest
from PySide6.QtWidgets import QPushButton

from morpheus_desktop.dialogs.address_book import AddressBookDialog
from router.address_book import AddressBook
from tests.support.looks import clipped, unnamed

LENA = "0x8f26C64f2e734d191e0B7CaF07d8FD1b4ac8F5c1"
OTHER = "0x" + "11" * 20


@pytest.fixture
def book(tmp_path) -> AddressBook:
    return AddressBook(tmp_path / "book.json")


@pytest.fixture
def dialog(over, theme, book) -> AddressBookDialog:
    made = AddressBookDialog(theme, over, book)
    made.open()
    return made


def test_a_name_is_added_by_the_button(dialog, book, qtbot):
    assert dialog._empty.isVisible()
    assert not dialog._add.isEnabled()
    qtbot.keyClicks(dialog._name, "Lena")
    qtbot.keyClicks(dialog._address, LENA)
    dialog._add.click()
    assert book.names == {LENA: "Lena"}
    assert (dialog._name.text(), dialog._address.text()) == ("", "")
    assert len(dialog._rows) == 1
    assert (clipped(dialog), unnamed(dialog)) == ([], [])


@pytest.mark.parametrize(
    ("address", "words"), [("0x12", "not an address"), (LENA[:-1] + "C", "checksum|not an address")]
)
def test_a_wrong_address_is_said_at_its_field(dialog, address, words):
    dialog._name.setText("Lena")
    dialog._address.setText(address)
    assert any(word in dialog._address_field.problem for word in words.split("|"))
    assert not dialog._add.isEnabled()
    assert dialog._address.text() == address


def test_a_name_or_an_address_that_is_there_is_refused(dialog, book):
    book.set(LENA, "Lena")
    dialog._name.setText("lena")
    dialog._address.setText(LENA)
    assert dialog._address_field.problem == "This address is Lena already."
    dialog._address.setText(OTHER)
    dialog._add.click()
    assert dialog._name_field.problem.startswith("Another address has this name.")
    assert book.names == {LENA: "Lena"}


def test_a_row_is_renamed_or_removed(dialog, book, qtbot):
    book.set(LENA, "Lena")
    dialog._show()
    buttons = {b.accessibleName(): b for b in dialog._rows[0].findChildren(QPushButton)}
    with qtbot.waitSignal(dialog.rename_asked) as asked:
        buttons["Rename Lena"].click()
    assert asked.args == [LENA]
    buttons["Remove the name Lena"].click()
    assert book.names == {}
    assert dialog._rows == []
