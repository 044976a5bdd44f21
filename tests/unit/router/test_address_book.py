"""Names for addresses: kept, unique, harmless."""

import sys

import pytest

from router.address_book import AddressBook
from router.errors import BadRequest, StorageError
from tests.support.disk import ordinary_rights

LENA = "0x8f26C64f2e734d191e0B7CaF07d8FD1b4ac8F5c1"
OTHER = "0x" + "11" * 20


@pytest.fixture
def lena() -> str:
    from eth_utils.address import to_checksum_address

    return str(to_checksum_address(LENA.lower()))


def test_a_name_is_kept_changed_and_removed(tmp_path, lena):
    book = AddressBook(tmp_path / "book.json")
    told = []
    book.changed.subscribe(lambda _: told.append(book.names))
    book.set(lena.lower(), "  Lena\u202e ")
    assert book.name_of(lena) == "Lena"
    assert AddressBook(tmp_path / "book.json").names == {lena: "Lena"}
    book.set(lena, "Lena B.")
    book.set(OTHER, "Anna")
    assert [*book.names.values()] == ["Anna", "Lena B."]
    book.set(lena, "")
    assert AddressBook(tmp_path / "book.json").names == {OTHER: "Anna"}
    assert len(told) == 4


def test_two_addresses_do_not_share_a_name(tmp_path, lena):
    book = AddressBook(tmp_path / "book.json")
    book.set(lena, "Lena")
    with pytest.raises(BadRequest, match="Another address has this name"):
        book.set(OTHER, "lena")
    with pytest.raises(BadRequest, match="not an address"):
        book.set("0x12", "Anna")
    assert book.names == {lena: "Lena"}


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"[]", b'{"names": {"0x12": "x"}}', b"[" * 100_000, b'{"names": 3}']
)
def test_a_broken_file_is_kept_beside(tmp_path, text, caplog):
    path = tmp_path / "book.json"
    path.write_bytes(text)
    book = AddressBook(path)
    assert book.names == {}
    assert (tmp_path / "book.bad.json").read_bytes() == text
    book.set(OTHER, "Anna")
    assert AddressBook(path).names == {OTHER: "Anna"}


def test_the_second_broken_file_does_not_replace_the_first(tmp_path, caplog):
    path = tmp_path / "book.json"
    for text in (b"first", b"second", b"third"):
        path.write_bytes(text)
        AddressBook(path)
    kept = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert kept == {
        "book.bad.json": b"first",
        "book.bad2.json": b"second",
        "book.bad3.json": b"third",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")
def test_names_that_cannot_be_read_are_not_written_over(tmp_path, lena, caplog):
    path = tmp_path / "book.json"
    AddressBook(path).set(lena, "Lena")
    path.chmod(0)
    with ordinary_rights():
        book = AddressBook(path)
        with pytest.raises(StorageError, match="cannot be read"):
            book.set(OTHER, "Anna")
    path.chmod(0o600)
    assert AddressBook(path).names == {lena: "Lena"}
    book.set(OTHER, "Anna")
    assert [*AddressBook(path).names.values()] == ["Anna", "Lena"]


def test_what_cannot_be_written_changes_nothing(tmp_path, caplog):
    (tmp_path / "file").write_bytes(b"")
    book = AddressBook(tmp_path / "file" / "book.json")
    with pytest.raises(StorageError):
        book.set(OTHER, "Anna")
    assert book.names == {}
