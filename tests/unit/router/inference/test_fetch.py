"""Talking to a hub that is slow, busy, wrong or hostile."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yarl

from router.errors import DownloadError
from router.inference import fetch
from router.inference.download import Source
from tests.support.hub import FILE, MODEL, Hub, running_hub


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with running_hub() as hub:
        yield hub


class Pauses(list[float]):
    """A sleep that only notes how long it should have been."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)
        await asyncio.sleep(0)


def source(hub: Hub) -> Source:
    url = f"{hub.url}/{MODEL.repository}/resolve/main/{FILE}"
    return Source(url, FILE, len(hub.data), hashlib.sha256(hub.data).hexdigest())


async def load(hub: Hub, part: Path, pauses: Pauses | None = None) -> list[int]:
    told: list[int] = []

    def progress(done: int) -> None:
        told.append(done)
        hub.heard.set()

    sleep = Pauses() if pauses is None else pauses
    await fetch.load(source(hub), MODEL, part, progress, sleep)
    return told


async def test_the_listing_names_file_size_and_hash(hub: Hub) -> None:
    # It is longer than what one read of a socket gives.
    assert await fetch.ask(hub.url, MODEL, Pauses()) == source(hub)


async def test_the_hash_of_the_listing_may_be_in_capitals(hub: Hub) -> None:
    hub.listing = [{**hub.entry, "lfs": {**hub.entry["lfs"], "oid": source(hub).sha256.upper()}}]
    assert await fetch.ask(hub.url, MODEL, Pauses()) == source(hub)


def changed(hub: Hub, **values: Any) -> dict[str, Any]:
    entry = hub.entry
    large = {key: values.pop(key) for key in ("oid", "size") if key in values}
    return {**entry, "lfs": {**entry["lfs"], **large}, **values}


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "little-talker-q8_0.gguf"},
        {"path": "../little-talker-q4_k_m.gguf"},
        {"path": "folder/little-talker-q4_k_m.gguf"},
        {"path": "..\\little-talker-q4_k_m.gguf"},
        {"path": "c:little-talker-q4_k_m.gguf"},
        {"path": "little-talker-q4_k_m.gguf?x=.gguf"},
        {"path": "little-talker-q4_k_m-00001-of-00002.gguf"},
        {"path": "mmproj-q4_k_m.gguf"},
        {"path": ".little-talker-q4_k_m.gguf"},
        {"path": 7},
        {"oid": "short"},
        {"oid": "z" * 64},
        {"oid": None},
        {"size": 0},
        {"size": "1000"},
        {"lfs": None},
        {"lfs": "text"},
    ],
)
async def test_entries_that_cannot_be_used_are_passed_over(hub: Hub, wrong: dict[str, Any]) -> None:
    hub.listing = [changed(hub, **wrong)]
    with pytest.raises(DownloadError, match="does not list a file for Little Talker"):
        await fetch.ask(hub.url, MODEL, Pauses())
    hub.listing = [changed(hub, **wrong), "no entry", None, hub.entry]
    assert (await fetch.ask(hub.url, MODEL, Pauses())).file_name == FILE


@pytest.mark.parametrize("text", [b"<html>Please sign in</html>", b"[" * 100_000, b"\xff"])
async def test_a_listing_that_is_none(hub: Hub, text: bytes) -> None:
    hub.listing = text
    with pytest.raises(DownloadError, match="could not be understood"):
        await fetch.ask(hub.url, MODEL, Pauses())


async def test_a_listing_that_is_no_list(hub: Hub) -> None:
    hub.listing = {"error": "none"}
    with pytest.raises(DownloadError, match="does not list"):
        await fetch.ask(hub.url, MODEL, Pauses())


async def test_an_endless_listing_is_given_up(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "LISTING_LIMIT", 10_000)
    with pytest.raises(DownloadError, match="could not be understood"):
        await fetch.ask(hub.url, MODEL, Pauses())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "accepted its licence"),
        (403, "accepted its licence"),
        (404, "no longer"),
        (400, "400"),
    ],
)
async def test_refusals_are_told_at_once(hub: Hub, status: int, words: str) -> None:
    hub.statuses = [status]
    pauses = Pauses()
    with pytest.raises(DownloadError, match=words):
        await fetch.ask(hub.url, MODEL, pauses)
    assert pauses == []


async def test_a_busy_hub_is_asked_again_when_it_wants(hub: Hub) -> None:
    hub.statuses = [429, 503]
    pauses = Pauses()
    assert await fetch.ask(hub.url, MODEL, pauses) == source(hub)
    assert pauses == [7, 7]
    hub.statuses = [429] * 9
    with pytest.raises(DownloadError, match="status 429") as caught:
        await fetch.ask(hub.url, MODEL, pauses)
    assert caught.value.safe == "What has come so far is kept."


async def test_nobody_there() -> None:
    pauses = Pauses()
    with pytest.raises(DownloadError, match="connection to the model hub failed"):
        await fetch.ask("http://127.0.0.1:9", MODEL, pauses)
    assert pauses == [1, 2, 4, 8]


async def test_a_whole_file(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "part"
    told = await load(hub, part)
    assert part.read_bytes() == hub.data
    assert told == sorted(told)
    assert told[-1] == len(hub.data)


async def test_a_begun_file_is_completed(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(hub.data[:1000])
    await load(hub, part)
    assert part.read_bytes() == hub.data
    assert hub.ranges == ["bytes=1000-"]


async def test_a_complete_file_is_not_asked_for(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(hub.data)
    assert await load(hub, part) == []
    assert hub.ranges == []


async def test_a_hub_that_ignores_ranges_begins_anew(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(b"?" * 1000)
    hub.moods = ["ignores ranges"]
    told = await load(hub, part)
    assert part.read_bytes() == hub.data
    assert told[-1] == len(hub.data)


async def test_a_line_that_is_cut_again_and_again(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "part"
    hub.moods = [20_000] * 12  # more often than nothing may come
    pauses = Pauses()
    await load(hub, part, pauses)
    assert part.read_bytes() == hub.data
    assert len(hub.ranges) == 13
    assert pauses == []


async def test_nothing_comes_any_more(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(hub.data[:1000])
    hub.moods = [0] * 9
    pauses = Pauses()
    with pytest.raises(DownloadError, match="connection to the model hub failed"):
        await load(hub, part, pauses)
    assert pauses == [1, 2, 4, 8]
    assert part.read_bytes() == hub.data[:1000]


@pytest.mark.parametrize("mood", ["another part", "no such range", "sign-in page", "too much"])
async def test_another_file_is_not_mixed_in(hub: Hub, tmp_path: Path, mood: str) -> None:
    part = tmp_path / "part"
    part.write_bytes(hub.data[:1000])
    hub.moods = [mood]
    with pytest.raises(DownloadError, match="another file than it lists"):
        await load(hub, part)
    assert hub.data.startswith(part.read_bytes())


async def test_a_file_of_another_length_is_another_file(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(hub.data[:1000])
    wanted = source(hub)
    hub.data += b"\0"
    with pytest.raises(DownloadError, match="another file than it lists"):
        await fetch.load(wanted, MODEL, part, lambda _: None, Pauses())
    assert part.stat().st_size == 1000


@pytest.mark.parametrize(
    ("mood", "words"),
    [("gone", "no longer"), ("forbidden", "accepted its licence"), ("refused", "status 410")],
)
async def test_a_refused_file(hub: Hub, tmp_path: Path, mood: str, words: str) -> None:
    hub.moods = [mood]
    with pytest.raises(DownloadError, match=words):
        await load(hub, tmp_path / "part")


async def test_a_busy_hub_gets_its_pause(hub: Hub, tmp_path: Path) -> None:
    hub.moods = ["busy", "broken"]
    pauses = Pauses()
    await load(hub, tmp_path / "part", pauses)
    assert pauses == [7, 2]


async def test_redirections_are_followed(hub: Hub, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.write_bytes(hub.data[:1000])
    hub.moods = ["elsewhere"]
    await load(hub, part)
    assert part.read_bytes() == hub.data
    assert hub.ranges == ["bytes=1000-"] * 2


async def test_redirections_without_end(hub: Hub, tmp_path: Path) -> None:
    hub.moods = ["elsewhere"] * 100
    with pytest.raises(DownloadError):
        await load(hub, tmp_path / "part")


def test_encryption_is_not_given_up_on_the_way() -> None:
    safe, other, bare = map(
        yarl.URL, ("https://a.example", "https://b.example", "http://c.example")
    )
    fetch._require_protection([safe, other])
    fetch._require_protection([bare])  # a mirror that was set to be like that
    for steps in ([safe, bare], [safe, bare, other]):
        with pytest.raises(DownloadError, match="unprotected"):
            fetch._require_protection(steps)


async def test_a_folder_that_cannot_be_written(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        await load(hub, tmp_path / "missing" / "part")
