"""Files that go with a question: read from disk, told apart into text and other things."""

import codecs
import mimetypes
import re
from pathlib import Path

from router.errors import BadRequest
from router.store.records import Attachment
from router.untrusted import one_line

LONGEST_FILE = 10_000_000  # bytes
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKED = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_attachment(path: Path) -> Attachment:
    """Read a file from disk; call it on a thread.

    Raises:
        BadRequest: it is too large, not a file, or cannot be read.
    """
    try:
        if not path.is_file():
            raise BadRequest(f"{one_line(path.name)} is not a file.")
        with path.open("rb") as file:
            data = file.read(LONGEST_FILE + 1)
    except OSError as error:
        raise BadRequest(
            f"{one_line(path.name)} cannot be read: {error.strerror or error}."
        ) from error
    return attachment_of(path.name, data)


def attachment_of(name: str, data: bytes) -> Attachment:
    """An attachment with these bytes; text of any usual encoding is kept as UTF-8.

    Raises:
        BadRequest: it is too large.
    """
    shown = one_line(Path(name).name) or "file"
    if len(data) > LONGEST_FILE:
        raise BadRequest(
            f"{shown} is larger than {LONGEST_FILE // 1_000_000} MB, the most that can be attached."
        )
    mime = mimetypes.guess_type(name)[0] or ""
    text = _text(data)
    if text is None:
        other = mime if mime and not mime.startswith("text/") else "application/octet-stream"
        return Attachment(shown, other, len(data), data)
    encoded = text.encode("utf-8")
    return Attachment(
        shown, mime if mime.startswith("text/") else "text/plain", len(encoded), encoded
    )


def fenced(name: str, text: str) -> str:
    """A file as a block that its own content cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    end = "" if text.endswith("\n") else "\n"
    return f"{one_line(name)}:\n{fence}\n{text}{end}{fence}"


def _text(data: bytes) -> str | None:
    """The bytes as text, None when they are something else."""
    encodings = [name for mark, name in _MARKED if data.startswith(mark)] or ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if _NOT_IN_TEXT.search(text) else text
    return None
