"""Files that go with a question: text of a bounded size, and a reason for everything else."""

from pathlib import Path

import pytest

from morpheus_desktop.attachments import LARGEST, read_attachment, read_attachments
from router.errors import BadRequest


def refusal(path: Path) -> BadRequest:
    with pytest.raises(BadRequest) as caught:
        read_attachment(path)
    assert caught.value.code == "attachment_refused"
    assert caught.value.safe == "Your question is unchanged."
    return caught.value


def test_text_is_read_without_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_bytes(b"\xef\xbb\xbfna\xc3\xafve")
    file = read_attachment(path)
    assert (file.name, file.mime, file.data) == ("notes.md", "text/markdown", "naïve".encode())
    assert file.is_text


def test_code_is_text_whatever_its_name_says(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text("{}")
    assert read_attachment(path).mime == "text/plain"


@pytest.mark.parametrize("name", ["cat.png", "CAT.JPG", "a.webp"])
def test_pictures_are_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\x89PNG")
    assert "is a picture" in str(refusal(path))


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"text\x00text"])
def test_binary_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(data)
    assert "is not a text file" in str(refusal(path))


def test_large_files_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000_000)
    assert "50,000,000,000 bytes" in str(refusal(path))
    path.write_bytes(b"x" * LARGEST)
    assert read_attachment(path).size == LARGEST


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "is not a file" in str(refusal(tmp_path))
    assert "is not a file" in str(refusal(tmp_path / "gone.txt"))


def test_names_are_made_inert(tmp_path: Path) -> None:
    path = tmp_path / "a\u202egpj.txt"
    path.write_text("x")
    assert "\u202e" not in read_attachment(path).name


def test_more_files_than_there_is_room_for(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.txt" for n in range(3)]
    for path in paths:
        path.write_text("x")
    read, refused = read_attachments(paths, room=2)
    assert [file.name for file in read] == ["0.txt", "1.txt"]
    assert "At most 8 files" in str(refused)
    assert read_attachments(paths, room=3)[1] is None
