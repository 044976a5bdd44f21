"""The models page without its widgets: rows, loading, files, downloads from a real server."""

import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from morpheus_desktop.viewmodels import models
from morpheus_desktop.viewmodels.models import Removal
from router.errors import ModelError
from router.inference import catalog
from router.inference.download import Download
from router.inference.memory import Memory
from tests.support import gguf_file
from tests.support.hub import FILE, MODEL, Hub, running_hub
from tests.support.model_desk import ModelDesk, model_desk
from tests.support.waiting import until

GIGA = 10**9


@pytest.fixture
async def desk(tmp_path: Path, qapp) -> AsyncIterator[ModelDesk]:
    async with model_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer on which nothing fits."""
    monkeypatch.setattr(models, "memory", lambda: Memory(2 * GIGA, 1_000_000))


# What there is


async def test_files_come_before_offers_and_broken_ones_last(desk):
    gguf_file.write(desk.bundled / "zebra.gguf")
    desk.write_own("apple")
    desk.write_own("aardvark", cut=10)
    await desk.start()
    assert [row.id for row in desk.vm.installed] == ["zebra", "apple", "aardvark"]
    assert [row.status for row in desk.vm.installed] == ["fits", "fits", "broken"]
    assert desk.row("aardvark").model.problem.startswith("The file ends early")
    assert [row.id for row in desk.vm.offers] == [m.id for m in catalog.models() if m.repository]


async def test_a_model_that_is_here_is_not_offered(desk):
    desk.write_own("qwen2.5-0.5b-instruct-q4_k_m")
    await desk.start()
    assert desk.row("qwen2.5-0.5b-instruct").model is not None
    assert "qwen2.5-0.5b-instruct" not in [row.id for row in desk.vm.offers]


async def test_until_the_files_were_read_it_looks_for_them(desk):
    heard = []
    desk.vm.changed.connect(lambda: heard.append(desk.vm.part.phase))
    assert desk.vm.part.phase == "waiting"
    await desk.start()
    assert heard[0] == "starting"
    assert heard[-1] == "ready"


async def test_what_does_not_fit_says_what_it_needs(desk, little_memory):
    desk.write_own("talker")
    await desk.start()
    desk.vm.watch_memory(on=True)
    desk.vm.watch_memory(on=False)
    row = desk.row("talker")
    assert row.status == "too_big"
    assert row.needs == desk.vm.need("talker", desk.vm.options("talker").context_tokens).total
    assert {row.status for row in desk.vm.offers} == {"too_big"}


async def test_the_loaded_model_makes_room_for_the_next(desk, little_memory):
    desk.write_own("talker")
    await desk.start()
    await desk.host.load("talker")
    desk.vm.watch_memory(on=True)
    desk.vm.watch_memory(on=False)
    used = desk.host.state.memory_bytes
    assert used > 1_000_000
    assert desk.vm.available.free >= 1_000_000 + used // 2


# Loading


async def test_a_model_is_loaded_and_unloaded(desk):
    desk.write_own("talker")
    await desk.start()
    desk.vm.load("talker")
    await until(lambda: desk.row("talker").status == "loaded")
    desk.vm.unload()
    await until(lambda: desk.row("talker").status == "fits")
    assert desk.host.state.pid is None


async def test_a_loading_tells_its_progress_and_can_be_stopped(desk):
    desk.write_own("slow")
    await desk.start()
    desk.vm.load("slow")
    await until(lambda: desk.row("slow").progress == 0.5)
    assert desk.row("slow").status == "loading"
    assert desk.row("slow").can_stop
    desk.vm.unload()
    await until(lambda: desk.row("slow").status == "fits")
    assert desk.refused == []


async def test_a_loading_that_a_chat_began_cannot_be_stopped_here(desk):
    desk.write_own("slow")
    await desk.start()
    chat = models.UiTasks(desk.refused.append)
    chat.start("chat", desk.host.load("slow"))
    await until(lambda: desk.row("slow").status == "loading")
    assert not desk.row("slow").can_stop
    await chat.close()


async def test_why_a_model_did_not_load_is_told_once_by_the_host(desk):
    desk.write_own("damaged")
    await desk.start()
    desk.vm.load("damaged")
    await until(lambda: desk.vm.host_state.phase == "failed")
    assert desk.vm.host_state.error.message == "Damaged."
    assert desk.refused == []


async def test_a_failed_model_is_loaded_with_half_its_context(desk):
    desk.write_own("damaged")
    await desk.start()
    assert desk.vm.smaller_context == 0
    desk.vm.load("damaged")
    await until(lambda: desk.vm.smaller_context == 2048)
    desk.vm.load_smaller()
    await until(lambda: desk.vm.smaller_context == 1024)
    assert desk.vm.options("damaged").context_tokens == 2048
    desk.vm.load_smaller()
    await until(lambda: desk.vm.options("damaged").context_tokens == 1024)
    assert desk.vm.smaller_context == 0


# How it is loaded


async def test_settings_of_a_model_are_kept_one_by_one(desk):
    desk.write_own("talker")
    await desk.start()
    before = desk.vm.options("talker")
    desk.vm.change_options("talker", context_tokens=1024)
    await until(lambda: desk.vm.options("talker").context_tokens == 1024)
    desk.vm.change_options("talker", threads=7)
    await until(lambda: desk.vm.options("talker").threads == 7)
    assert desk.library.own_options("talker").gpu_layers is None
    assert desk.vm.options("talker").context_tokens == 1024
    desk.vm.reset_options("talker")
    await until(lambda: desk.vm.options("talker") == before)


async def test_idle_time_and_the_model_of_new_chats_are_settings(desk):
    desk.write_own("one")
    desk.write_own("two")
    await desk.start()
    assert desk.vm.default_id == "one"
    desk.vm.set_default("two")
    desk.vm.set_idle(0)
    assert desk.vm.default_id == "two"
    assert desk.settings.current.inference.idle_unload_s == 0


# Files


async def test_a_file_is_linked_where_it_is(desk):
    await desk.start()
    added = []
    desk.vm.added.connect(added.append)
    path = desk.write("Little Talker")
    desk.vm.add(path)
    await until(lambda: added)
    assert added == ["Little Talker"]
    assert desk.vm.selected == "little-talker"
    assert desk.row("little-talker").model.path == path
    assert list(desk.paths.models.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<!doctype html><html>", "web page"),
        (gguf_file.gguf(cut=10), "ends early"),
        (gguf_file.gguf(version=9), "version 9"),
    ],
)
async def test_a_broken_file_is_refused_with_its_reason(desk, content, reason):
    await desk.start()
    path = desk.folder / "broken.gguf"
    path.write_bytes(content)
    desk.vm.add(path)
    await until(lambda: desk.refused)
    assert isinstance(desk.refused[0], ModelError)
    assert reason in desk.refused[0].message
    assert desk.vm.installed == ()


async def test_a_folder_is_linked_with_all_that_is_in_it(desk):
    await desk.start()
    added = []
    desk.vm.added.connect(added.append)
    desk.write("one")
    desk.write("two", cut=5)
    desk.vm.add(desk.folder / "files")
    await until(lambda: added)
    assert added == ["2 models from files"]
    assert [row.status for row in desk.vm.installed] == ["fits", "broken"]


async def test_what_removing_would_do(desk):
    gguf_file.write(desk.bundled / "ours.gguf")
    desk.write_own("downloaded")
    await desk.start()
    await desk.library.link_folder(desk.write("in folder").parent)
    linked = gguf_file.write(desk.folder / "elsewhere" / "linked.gguf")
    await desk.library.add_file(linked)
    assert desk.vm.removal("ours") is None
    assert desk.vm.removal("nothing") is None
    assert desk.vm.removal("downloaded").kind == "delete"
    assert desk.vm.removal("linked").kind == "unlist"
    removal = desk.vm.removal("in-folder")
    assert (removal.kind, removal.folder, removal.count) == ("unlink", desk.folder / "files", 1)


@pytest.mark.parametrize("kind", ["delete", "unlist", "unlink"])
async def test_removing_takes_a_model_out_of_the_list_for_good(desk, kind):
    path = desk.write_own("talker") if kind == "delete" else desk.write("talker")
    await desk.start()
    if kind == "unlist":
        await desk.library.add_file(path)
    elif kind == "unlink":
        await desk.library.link_folder(path.parent)
    removal = desk.vm.removal("talker")
    assert isinstance(removal, Removal)
    assert removal.kind == kind
    desk.vm.remove(removal)
    await until(lambda: not desk.vm.installed)
    await desk.library.scan()
    assert desk.vm.installed == ()
    assert path.exists() is (kind != "delete")


async def test_a_loaded_model_is_unloaded_before_it_is_removed(desk):
    desk.write_own("talker")
    await desk.start()
    await desk.host.load("talker")
    desk.vm.remove(desk.vm.removal("talker"))
    await until(lambda: not desk.vm.installed)
    assert desk.host.state.pid is None


async def test_the_hash_is_that_of_the_file_and_new_when_the_file_is(desk):
    path = desk.write_own("talker")
    await desk.start()
    told = []
    desk.vm.hashed.connect(lambda *what: told.append(what))
    for round_ in range(2):
        gguf_file.write(path, {**gguf_file.CHAT, "filler": "x" * round_})
        desk.vm.hash("talker")
        await until(lambda round_=round_: len(told) > round_)
        assert told[-1] == ("talker", hashlib.sha256(path.read_bytes()).hexdigest())
    assert told[0] != told[1]


# Downloads


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with running_hub() as hub:
        yield hub


@pytest.fixture
async def shop(tmp_path: Path, qapp, hub: Hub, monkeypatch) -> AsyncIterator[ModelDesk]:
    """A desk whose catalogue has one model, which the hub gives out."""
    monkeypatch.setattr(catalog, "models", lambda: (MODEL,))
    async with model_desk(tmp_path, mirror=hub.url) as desk:
        await desk.start()
        yield desk


def download_of(shop: ModelDesk) -> Download | None:
    row = shop.vm.row(MODEL.id)
    return row.download if row is not None else None


def phase(shop: ModelDesk) -> str:
    download = download_of(shop)
    return download.phase if download is not None else ""


async def test_a_download_becomes_a_model(shop, hub):
    online = []
    shop.vm.online_changed.connect(online.append)
    shop.vm.download(MODEL)
    await until(lambda: shop.vm.installed)
    assert (shop.paths.models / FILE).read_bytes() == hub.data
    assert online == ["Downloading Little Talker from 127.0.0.1", ""]
    assert shop.vm.offers == () or shop.vm.offers[0].download is None


async def test_a_download_is_paused_and_goes_on_where_it_was(shop, hub):
    hub.held = True
    shop.vm.download(MODEL)
    await hub.halfway.wait()
    await until(lambda: download_of(shop).done > 0)
    shop.vm.pause(MODEL.id)
    await until(lambda: phase(shop) == "paused")
    hub.held = False
    shop.vm.download(MODEL)
    await until(lambda: shop.vm.installed)
    assert hub.ranges[0] == ""
    assert hub.ranges[1].startswith("bytes=")
    assert (shop.paths.models / FILE).read_bytes() == hub.data


async def test_a_cancelled_download_leaves_nothing_even_when_the_server_is_silent(shop, hub):
    hub.held = True  # and never goes on
    shop.vm.download(MODEL)
    await hub.halfway.wait()
    shop.vm.cancel(MODEL.id)
    await until(lambda: download_of(shop) is None)
    assert list(shop.paths.models.iterdir()) == []


async def test_pressing_twice_downloads_once(shop, hub):
    shop.vm.download(MODEL)
    shop.vm.download(MODEL)
    await until(lambda: shop.vm.installed)
    assert len(hub.ranges) == 1


async def test_a_file_that_is_not_the_listed_one_is_not_used(shop, hub, caplog):
    hub.listing = [{"path": FILE, "lfs": {"oid": "0" * 64, "size": len(hub.data)}}]
    shop.vm.download(MODEL)
    await until(lambda: phase(shop) == "failed")
    assert "SHA-256 differs" in download_of(shop).error.message
    assert shop.vm.installed == ()


async def test_no_room_on_the_disk_is_said_before_anything_is_loaded(
    shop, hub, monkeypatch, caplog
):
    usage = shutil.disk_usage(shop.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    shop.vm.download(MODEL)
    await until(lambda: phase(shop) == "failed")
    assert "are free" in download_of(shop).error.message
    assert hub.ranges == []


async def test_without_a_connection_it_says_so_and_can_be_tried_again(tmp_path, qapp, hub, caplog):
    async with model_desk(tmp_path) as desk:
        await desk.start()
        offer = desk.vm.offers[0].offer
        desk.vm.download(offer)
        await until(lambda: desk.row(offer.id).download and desk.row(offer.id).download.error)
        error = desk.row(offer.id).download.error
        assert "connection" in error.message.lower()
        assert error.hint
        phases: list[str] = []  # it fails again too soon for somebody who only looks now and then
        desk.downloads.changed.subscribe(
            lambda all_of_them: phases.extend(one.phase for one in all_of_them)
        )
        desk.vm.download(offer)
        await until(lambda: any(phase != "failed" for phase in phases))


async def test_the_source_is_the_mirror_or_the_hub(desk):
    assert desk.vm.source == "127.0.0.1"
    desk.settings.change({"inference.mirror": ""})
    assert desk.vm.source == "huggingface.co"


async def test_after_close_nothing_is_heard(desk):
    await desk.vm.close()
    desk.vm.changed.connect(lambda: pytest.fail("heard"))
    await desk.library.scan()
    desk.settings.change({"inference.threads": 2})
