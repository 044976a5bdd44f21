"""Members: as Go writes them, as tolerant as Go reads them."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.morrpc.errors import Fault, WireError
from router.morrpc.members import (
    ADDRESS,
    BIG,
    FLAG,
    HASH,
    HEX,
    TEXT,
    UINT,
    Kind,
    Signed,
    member,
    optional,
    read_hex,
    signature,
)

WORD = "0x" + "Ab" * 32


@dataclass(frozen=True, kw_only=True)
class Note(Signed):
    name: str = member("name", TEXT)
    signature: bytes = signature()
    count: int = optional("count", UINT, 0)
    remark: str = optional("remark", TEXT, "", omitted=True)


@dataclass(frozen=True, kw_only=True)
class Blank(Signed):
    blank_is_signed = True
    name: str = member("name", TEXT)
    signature: bytes = signature()


def test_a_message_is_written_in_its_order() -> None:
    note = Note(name="<n>", signature=b"\x01", count=2, remark="r")
    assert note.text() == r'{"name":"\u003cn\u003e","signature":"0x01","count":2,"remark":"r"}'
    assert Note(name="n").text() == '{"name":"n","count":0}'
    assert Blank(name="n").text() == '{"name":"n","signature":"0x"}'
    assert note.with_signature(b"").text() == Note(name="<n>", count=2, remark="r").text()


def test_what_is_unknown_is_ignored_and_what_is_missing_is_named() -> None:
    read = Note.read({"name": "n", "signature": "0x01", "else": [1]})
    assert read == Note(name="n", signature=b"\x01")
    for members, words in (
        ({"signature": "0x01"}, "name is missing"),
        ({"name": "n"}, "signature is missing"),
        ({"name": "", "signature": "0x01"}, "name is empty"),
        ({"name": None, "signature": "0x01"}, "name is of the wrong form"),
        ({"name": "n", "signature": None}, "signature is of the wrong form"),
        ({"name": "n", "signature": "0x01", "count": "1"}, "count is of the wrong form"),
        ({"Name": "n", "signature": "0x01"}, "name is missing"),
        ([], "no object"),
        (None, "no object"),
    ):
        with pytest.raises(WireError, match=words) as caught:
            Note.read(members)
        assert caught.value.fault is Fault.BAD_MESSAGE


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        (HEX, "", b""),
        (HEX, "0xA", b"\x0a"),
        (HEX, "0X0102", b"\x01\x02"),
        (HEX, 12, b"\x12"),
        (HEX, "0x", None),
        (HEX, "x1", None),
        (HEX, "0x1g", None),
        (HEX, " 0x11", None),
        (HEX, "0x11\n", None),
        (HEX, -1, None),
        (HEX, True, None),
        (HEX, 1.5, None),
        (HEX, [], None),
        (ADDRESS, "0x" + "aB" * 20, "0x" + "ab" * 20),
        (ADDRESS, "0X" + "ab" * 20, None),
        (ADDRESS, "0x" + "ab" * 19, None),
        (ADDRESS, "0x" + "00" * 20, None),
        (ADDRESS, 1, None),
        (HASH, WORD, WORD.lower()),
        (HASH, WORD + "0", None),
        (HASH, "0x" + "0" * 64, None),
        (BIG, "12", 12),
        (BIG, 12, 12),
        (BIG, str(2**256 - 1), 2**256 - 1),
        (BIG, str(2**256), None),
        (BIG, "1" * 5000, None),
        (BIG, "-1", None),
        (BIG, "١", None),
        (BIG, "1.0", None),
        (BIG, "", None),
        (BIG, True, None),
        (UINT, 0, 0),
        (UINT, 2**64 - 1, 2**64 - 1),
        (UINT, 2**64, None),
        (UINT, -1, None),
        (UINT, 1.0, None),
        (UINT, "1", None),
        (UINT, True, None),
        (TEXT, "a\ud800", "a\ufffd"),
        (TEXT, 1, None),
        (FLAG, False, False),
        (FLAG, 0, None),
    ],
)
def test_what_is_read(kind: Kind, value: Any, read: Any) -> None:
    assert kind.read(value) == read
    assert (kind.read(value) is None) == (read is None)


def test_what_is_written() -> None:
    written = [
        HEX.write(b"\xab"), ADDRESS.write("0x" + "aB" * 20), HASH.write(WORD), BIG.write(10**30),
        UINT.write(7), TEXT.write("a\ud800&"), FLAG.write(True), FLAG.write(False),
    ]  # fmt: skip
    assert written == [
        '"0xab"', f'"0x{"ab" * 20}"', f'"{WORD.lower()}"', f'"{10**30}"',
        "7", '"a\ufffd\\u0026"', "true", "false",
    ]  # fmt: skip


@given(st.binary())
def test_hex_reads_back(data: bytes) -> None:
    assert read_hex(data.hex()) == data
    assert read_hex("0X" + data.hex().upper()) == (data or None)
