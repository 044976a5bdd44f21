"""Downloads from their start to the model in the library, against a real HTTP server."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from router.config import Settings
from router.errors import Busy
from router.inference import catalog, download
from router.inference.catalog import CatalogModel
from router.inference.download import Download, Downloads
from router.inference.library import ModelLibrary
from router.paths import Paths
from tests.support.hub import FILE, MODEL, Hub, running_hub


class World:
    """A hub, a folder, and the downloads between them."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub = hub
        self.paths = Paths(folder)
        self.paths.prepare()
        self.settings = Settings(self.paths.settings, {"inference.mirror": f"{hub.url}/"})
        (folder / "bundled").mkdir(exist_ok=True)
        self.library = ModelLibrary(self.paths, self.settings, bundled=folder / "bundled")
        self.downloads = self.new_run()
        self.models = self.paths.models

    def new_run(self) -> Downloads:
        """The downloads as a start of the app makes them."""

        async def at_once(_seconds: float) -> None:
            await asyncio.sleep(0)

        return Downloads(self.paths, self.settings, self.library, sleep=at_once)

    async def until(self, wanted: Callable[[tuple[Download, ...]], bool]) -> None:
        """Wait for a state of the downloads."""
        reached = asyncio.Event()
        stop = self.downloads.changed.subscribe(lambda now: wanted(now) and reached.set())
        if not wanted(self.downloads.all):
            await reached.wait()
        stop()

    async def ended(self) -> Download | None:
        """Start the download and wait for its end; what is left of it."""
        self.downloads.start(MODEL)
        await self.until(lambda now: not now or now[0].phase == "failed")
        return next(iter(self.downloads.all), None)

    async def listed(self) -> list[str]:
        """The models the library has after its next look."""
        looked = asyncio.Event()
        stop = self.library.changed.subscribe(lambda _: looked.set())
        if not self.library.models:
            await looked.wait()
        stop()
        return [model.path.name for model in self.library.models]

    @property
    def files(self) -> set[str]:
        """What lies in the folder of models."""
        return {file.name for file in self.models.iterdir()}


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(download, "TELL_EVERY_S", 0.0)
    async with running_hub() as hub:
        world = World(hub, tmp_path)
        yield world
        await world.downloads.close()


async def halfway(world: World) -> None:
    """Start, and return when half of the file is on the disk."""
    world.hub.held = True
    world.downloads.start(MODEL)
    half = len(world.hub.data) // 2
    await world.until(lambda now: bool(now) and now[0].done >= half)


async def test_a_model_comes_to_the_library(world: World) -> None:
    phases: list[str] = []
    world.downloads.changed.subscribe(lambda now: phases.extend(one.phase for one in now))
    assert await world.ended() is None
    assert (world.models / FILE).read_bytes() == world.hub.data
    assert world.files == {FILE}
    assert await world.listed() == [FILE]
    assert list(dict.fromkeys(phases)) == ["queued", "asking", "loading", "checking"]


async def test_progress_counts_bytes_and_speed(world: World) -> None:
    await halfway(world)
    (now,) = world.downloads.all
    assert now.total == len(world.hub.data)
    assert now.bytes_per_s > 0
    world.hub.go_on.set()
    assert await world.listed() == [FILE]


async def test_only_one_at_a_time_and_not_twice(world: World) -> None:
    await halfway(world)
    with pytest.raises(Busy):
        world.downloads.start(MODEL)
    other = CatalogModel("b", "B", 1, "MIT", 1, 1, 1, "", repository="nobody/nothing")
    world.downloads.start(other)
    assert [one.phase for one in world.downloads.all] == ["loading", "queued"]


async def test_pause_keeps_what_came_and_going_on_completes_it(world: World) -> None:
    await halfway(world)
    await world.downloads.pause(MODEL.id)
    (paused,) = world.downloads.all
    assert (paused.phase, paused.bytes_per_s) == ("paused", 0)
    begun = (world.models / f"{MODEL.id}.part").stat().st_size
    assert begun > 0
    world.hub.held = False
    assert await world.ended() is None
    assert (world.models / FILE).read_bytes() == world.hub.data
    assert world.hub.ranges == ["", f"bytes={begun}-"]


async def test_a_pause_while_the_file_is_checked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(path: Path) -> str:
        await asyncio.Event().wait()
        return ""

    with monkeypatch.context() as patch:
        patch.setattr(download, "sha256_of", endless)
        world.downloads.start(MODEL)
        await world.until(lambda now: bool(now) and now[0].phase == "checking")
        await world.downloads.pause(MODEL.id)
    assert await world.ended() is None
    assert world.hub.ranges == [""]  # nothing was loaded a second time
    assert await world.listed() == [FILE]


async def test_cancel_leaves_nothing(world: World) -> None:
    await halfway(world)
    await world.downloads.cancel(MODEL.id)
    assert world.downloads.all == ()
    assert world.files == set()
    await world.downloads.cancel("unknown")


async def test_what_waits_for_its_turn_can_be_paused(world: World) -> None:
    await halfway(world)
    other = CatalogModel("b", "B", 1, "MIT", 1, 1, 1, "", repository="nobody/nothing")
    world.downloads.start(other)
    await world.downloads.pause("b")
    assert [one.phase for one in world.downloads.all] == ["loading", "paused"]


async def test_the_next_run_of_the_app_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "models", lambda: (MODEL,))
    await halfway(world)
    await world.downloads.close()
    world.hub.held = False
    world.downloads = world.new_run()
    await world.downloads.restore()
    (found,) = world.downloads.all
    begun = (world.models / f"{MODEL.id}.part").stat().st_size
    assert (found.phase, found.done, found.total) == ("paused", begun, len(world.hub.data))
    assert await world.ended() is None
    assert world.hub.ranges[-1] == f"bytes={begun}-"


async def test_what_cannot_be_gone_on_with_is_not_listed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "models", lambda: (MODEL,))
    part = world.models / f"{MODEL.id}.part"
    part.write_bytes(b"x")
    for note in ("", "[]", '{"url": 1}', "[" * 100_000):
        part.with_suffix(".part.json").write_text(note)
        await world.downloads.restore()
        assert world.downloads.all == ()


async def test_another_file_since_is_loaded_from_its_beginning(world: World) -> None:
    await halfway(world)
    await world.downloads.pause(MODEL.id)
    world.hub.held = False
    world.hub.data = world.hub.data.replace(b"x" * 10, b"y" * 10, 1)
    assert await world.ended() is None
    assert world.hub.ranges[-1] == ""
    assert (world.models / FILE).read_bytes() == world.hub.data


async def test_a_wrong_hash_is_never_a_model(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = world.hub.entry
    wrong["lfs"]["oid"] = "ab" * 32
    world.hub.listing = [wrong]
    failed = await world.ended()
    assert failed is not None
    assert failed.error is not None
    assert "SHA-256" in failed.error.message
    assert world.files == set()
    world.hub.listing = None
    assert await world.ended() is None
    assert "SHA-256" in caplog.text


async def test_a_file_that_is_no_model(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.hub.data = b"not a model" * 1000
    failed = await world.ended()
    assert failed is not None
    assert failed.error is not None
    assert failed.error.message == "The file is no usable model: This is not a GGUF model file."
    assert FILE not in world.files
    assert "no usable model" in caplog.text


async def test_too_little_space(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    usage = shutil.disk_usage(world.models)._replace(free=download.SPARE_BYTES)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    failed = await world.ended()
    assert failed is not None
    assert failed.error is not None
    assert "0.0 GB and 0.2 GB are free" in failed.error.message
    assert world.hub.ranges == []
    assert "are free" in caplog.text


async def test_a_folder_that_is_gone(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.models.rmdir()
    failed = await world.ended()
    assert failed is not None
    assert failed.error is not None
    assert failed.error.message == "The download could not be written: No such file or directory."
    assert "could not be written" in caplog.text
    world.models.mkdir()
    assert await world.ended() is None


async def test_a_failure_can_be_tried_again(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.hub.moods = ["gone"]
    failed = await world.ended()
    assert failed is not None
    assert failed.phase == "failed"
    assert failed.error is not None
    assert "no longer" in caplog.text
    assert await world.ended() is None


async def test_the_note_names_the_source(world: World) -> None:
    await halfway(world)
    note = json.loads((world.models / f"{MODEL.id}.part.json").read_text())
    assert note["sha256"] == world.hub.entry["lfs"]["oid"]
    assert note["url"].startswith(f"{world.hub.url}/makers/")
