"""router.store.attachments: files are read, told apart, and never break out of their block."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import BadRequest
from router.store.attachments import LONGEST_FILE, attachment_of, fenced, read_attachment
from tests.support.disk import ordinary_rights


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_of_any_usual_encoding_becomes_utf8(encoding: str) -> None:
    file = attachment_of("a.txt", "Grüße\nfrom €".encode(encoding))
    assert (file.data, file.mime, file.is_text) == ("Grüße\nfrom €".encode(), "text/plain", True)
    assert file.size == len(file.data or b"")


@pytest.mark.parametrize(
    ("name", "data", "mime"),
    [
        ("a.py", b"print()", "text/x-python"),
        ("a.html", b"<p>", "text/html"),
        ("Makefile", b"all:", "text/plain"),
        ("a.json", b"{}", "text/plain"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0", "image/png"),
        ("a.txt", b"\0\1\2", "application/octet-stream"),
        ("a", b"\xff\xfe\0", "application/octet-stream"),
    ],
)
def test_content_decides_what_is_text(name: str, data: bytes, mime: str) -> None:
    assert attachment_of(name, data).mime == mime


def test_name_is_made_harmless() -> None:
    assert attachment_of("/etc/../x\u202ey\n.txt", b"").name == "xy .txt"
    assert attachment_of("\u200b", b"").name == "file"
    assert len(attachment_of("n" * 500, b"").name) <= 60


def test_large_files_are_refused(tmp_path: Path) -> None:
    attachment_of("a.txt", b"x" * LONGEST_FILE)
    with pytest.raises(BadRequest, match=r"a\.txt is larger than 10 MB"):
        attachment_of("a.txt", b"x" * (LONGEST_FILE + 1))
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(10**12)  # a hole: reading all of it would not end
    with pytest.raises(BadRequest, match="larger"):
        read_attachment(tmp_path / "huge.txt")


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.txt"):
        with pytest.raises(BadRequest, match="is not a file"):
            read_attachment(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_unreadable_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("x")
    path.chmod(0)
    with ordinary_rights(), pytest.raises(BadRequest, match="cannot be read: Permission denied"):
        read_attachment(path)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(BadRequest, match="is not a file"):
        read_attachment(tmp_path / "pipe.txt")


@given(st.text(alphabet="`\nab ", max_size=60))
def test_text_cannot_end_its_own_block(text: str) -> None:
    first, fence, *inner, last = fenced("a.txt", text).split("\n")
    assert (first, last) == ("a.txt:", fence)
    assert set(fence) == {"`"}
    assert fence not in "\n".join(inner)
