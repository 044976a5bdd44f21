"""router.provider.uploads: recordings in pieces, under our names, within what was announced."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.backends.raw import Recording
from router.provider.refused import Refused
from router.provider.uploads import IDLE_S, MOST_AT_ONCE, MOST_OF_A_SESSION, Uploads

NAME = "00112233445566778899aabbccddeeff"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
async def uploads(folder: Path, clock: Clock) -> AsyncIterator[Uploads]:
    made = Uploads(folder, 1000, clock)
    yield made
    await made.clear()
    assert not folder.exists()


async def whole(uploads: Uploads, session: str = "0x1") -> tuple[Recording, bytes]:
    async with uploads.finished(session, NAME) as recording:
        return recording, recording.path.read_bytes()


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


async def test_a_recording_comes_in_pieces_and_goes_after_use(
    uploads: Uploads, folder: Path
) -> None:
    await uploads.start("0x1", NAME, 2, 7, "audio/wav")
    await uploads.add("0x1", NAME, 0, b"RIFF")
    await uploads.add("0x1", NAME, 1, b"abc")
    recording, content = await whole(uploads)
    assert content == b"RIFFabc"
    assert recording.content_type == "audio/wav"
    assert NAME not in str(recording.path)
    assert files(folder) == []
    with pytest.raises(Refused, match="not found"):
        await whole(uploads)


@pytest.mark.parametrize("name", ["../../escape", "/etc/passwd", "a\0b", "..", "C:\\x", "\u202e"])
async def test_names_never_become_paths(uploads: Uploads, folder: Path, name: str) -> None:
    await uploads.start("0x1", name, 1, 4, "audio/wav")
    await uploads.add("0x1", name, 0, b"RIFF")
    (file,) = files(folder)
    assert file.parent == folder
    assert file.name.isalnum()


async def test_another_session_cannot_use_it(uploads: Uploads) -> None:
    await uploads.start("0x1", NAME, 1, 4, "audio/wav")
    with pytest.raises(Refused, match="not found"):
        await uploads.add("0x2", NAME, 0, b"RIFF")
    await uploads.add("0x1", NAME, 0, b"RIFF")
    with pytest.raises(Refused, match="not found"):
        await whole(uploads, "0x2")


async def test_pieces_come_in_order(uploads: Uploads) -> None:
    await uploads.start("0x1", NAME, 2, 4, "audio/wav")
    for index in (1, 7):
        with pytest.raises(Refused, match=f"expected chunk index 0, got {index}"):
            await uploads.add("0x1", NAME, index, b"RI")
    results = await asyncio.gather(
        *(uploads.add("0x1", NAME, 0, b"RI") for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(result, Refused) for result in results) == 2
    with pytest.raises(Refused, match="received 1 of 2"):
        await whole(uploads)


@pytest.mark.parametrize("sent", [[b"RIFFF"], [b"RI", b"FF", b""]])
async def test_more_than_was_announced_ends_it(
    uploads: Uploads, folder: Path, sent: list[bytes]
) -> None:
    await uploads.start("0x1", NAME, 2, 4, "audio/wav")
    for index, data in enumerate(sent[:-1]):
        await uploads.add("0x1", NAME, index, data)
    with pytest.raises(Refused, match="more was sent"):
        await uploads.add("0x1", NAME, len(sent) - 1, sent[-1])
    assert files(folder) == []


async def test_less_than_was_announced_is_not_used(uploads: Uploads) -> None:
    await uploads.start("0x1", NAME, 1, 4, "audio/wav")
    await uploads.add("0x1", NAME, 0, b"RI")
    with pytest.raises(Refused, match="incomplete"):
        await whole(uploads)


@pytest.mark.parametrize(("chunks", "size"), [(1, 1001), (5, 4), (10**18, 4), (1, 2**63)])
async def test_what_is_too_large_is_refused_at_once(
    uploads: Uploads, chunks: int, size: int
) -> None:
    with pytest.raises(Refused, match="at most 1000 bytes"):
        await uploads.start("0x1", NAME, chunks, size, "audio/wav")


async def test_there_are_only_so_many(uploads: Uploads) -> None:
    for number in range(MOST_OF_A_SESSION):
        await uploads.start("0x1", str(number), 1, 4, "audio/wav")
    with pytest.raises(Refused, match="no capacity"):
        await uploads.start("0x1", "one more", 1, 4, "audio/wav")
    with pytest.raises(Refused, match="already exists"):
        await uploads.start("0x1", "0", 1, 4, "audio/wav")
    for number in range(MOST_AT_ONCE - MOST_OF_A_SESSION):
        await uploads.start(f"0xa{number}", NAME, 1, 4, "audio/wav")
    with pytest.raises(Refused, match="no capacity"):
        await uploads.start("0x3", NAME, 1, 4, "audio/wav")


async def test_what_nobody_goes_on_with_is_deleted(
    uploads: Uploads, folder: Path, clock: Clock
) -> None:
    await uploads.start("0x1", NAME, 2, 4, "audio/wav")
    await uploads.add("0x1", NAME, 0, b"RI")
    clock.now += IDLE_S - 1
    await uploads.sweep()
    assert len(files(folder)) == 1
    clock.now += 2
    await uploads.sweep()
    assert files(folder) == []


async def test_what_another_run_left_is_deleted(uploads: Uploads, folder: Path) -> None:
    folder.mkdir()
    (folder / "old").write_bytes(b"RIFF")
    await uploads.clear()
    assert not folder.exists()
