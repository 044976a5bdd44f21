"""Reads files that are to go with a question: text only, of a bounded size."""

import mimetypes
from collections.abc import Iterable
from pathlib import Path

from router.errors import BadRequest
from router.store.records import Attachment
from router.untrusted import one_line

LARGEST = 1_000_000
MOST_ATTACHMENTS = 8
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"})


def read_attachments(
    paths: Iterable[Path], room: int
) -> tuple[tuple[Attachment, ...], BadRequest | None]:
    """Read at most `room` files; call it on a thread. The error tells of the first one refused."""
    read: list[Attachment] = []
    refused: BadRequest | None = None
    for path in paths:
        try:
            if len(read) >= room:
                raise _too_many()
            read.append(read_attachment(path))
        except BadRequest as error:
            refused = refused or error
    return tuple(read), refused


def read_attachment(path: Path) -> Attachment:
    """Read one file.

    Raises:
        BadRequest: too large, not text, a picture (no installed model takes any), unreadable.
    """
    name = one_line(path.name)
    if path.suffix.lower() in IMAGES:
        raise _refused(
            f"{name} is a picture, and the models that run here read text only.",
            "Describe it in words, or attach a text file.",
        )
    try:
        if not path.is_file():
            raise _refused(f"{name} is not a file.", "Choose single files.")
        size = path.stat().st_size
        if size > LARGEST:
            raise _refused(
                f"{name} has {size:,} bytes; at most {LARGEST:,} can go with a question.",
                "Attach a part of it.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise _refused(f"{name} cannot be read: {error.strerror or error}.", "") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"{name} is not a text file (UTF-8).", "Save it as UTF-8 text.") from error
    if "\x00" in text:
        raise _refused(f"{name} is not a text file.", "Attach plain text.")
    mime = mimetypes.guess_type(path.name)[0] or "text/plain"
    return Attachment(
        name=name,
        mime=mime if mime.startswith("text/") else "text/plain",
        size=len(data),
        data=text.encode(),
    )


def _too_many() -> BadRequest:
    return _refused(
        f"At most {MOST_ATTACHMENTS} files can go with a question.",
        "Send the first ones, then attach the others.",
    )


def _refused(message: str, hint: str) -> BadRequest:
    return BadRequest(
        message, code="attachment_refused", safe="Your question is unchanged.", hint=hint
    )
