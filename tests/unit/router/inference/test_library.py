"""Which model files are listed, under which name, with which settings."""

from pathlib import Path
from typing import Any

import pytest

from router.config import Settings
from router.errors import ModelError, NoModel, NotFound
from router.inference import library as module
from router.inference.hardware import cores
from router.inference.library import LoadOptions, LocalModel, ModelLibrary
from router.inference.registry import ModelOptions
from router.paths import Paths
from tests.support import gguf_file
from tests.support.gguf_file import CHAT
from tests.support.model import model_path


class Place:
    """The folders a library looks into."""

    def __init__(self, folder: Path) -> None:
        self.paths = Paths(folder / "data")
        self.paths.prepare()
        self.bundled = folder / "bundled"
        self.bundled.mkdir()
        self.other = folder / "other"
        self.other.mkdir()
        self.own = self.paths.models
        self.settings = Settings(self.paths.settings)

    def library(self) -> ModelLibrary:
        """The library as a start of the app makes it."""
        return ModelLibrary(self.paths, self.settings, bundled=self.bundled)

    async def scanned(self) -> ModelLibrary:
        """The library after its first look."""
        library = self.library()
        await library.scan()
        return library


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def names(library: ModelLibrary) -> list[str]:
    return [model.path.name for model in library.models]


async def only(place: Place, **values: Any) -> LocalModel:
    gguf_file.write(place.own / "a.gguf", {**CHAT, **values})
    (model,) = (await place.scanned()).models
    return model


async def test_nothing_there(place: Place) -> None:
    library = await place.scanned()
    assert library.models == ()
    assert library.default is None
    with pytest.raises(NoModel):
        library.find("")
    with pytest.raises(NotFound):
        library.find("a")


async def test_a_model_is_described_by_its_file(place: Place) -> None:
    gguf_file.write(place.own / "Little_Talker-v1.gguf")
    (model,) = (await place.scanned()).models
    assert (model.id, model.name) == ("little-talker-v1", "Little Talker v1")
    assert (model.architecture, model.quantization) == ("llama", "Q8_0")
    assert (model.parameters, model.context_tokens) == (576, 4096)
    assert model.size_bytes == model.path.stat().st_size
    assert model.licence == "apache-2.0"
    assert model.capabilities == {"chat", "embeddings"}
    assert (model.owned, model.bundled, model.problem) == (True, False, "")


async def test_the_bundled_model_has_its_known_name(place: Place) -> None:
    place.bundled.rmdir()
    place.bundled = model_path().parent
    model = (await place.scanned()).find("")
    assert (model.id, model.name) == ("smollm2-135m-instruct", "SmolLM2 135M")
    assert (model.licence, model.bundled, model.owned) == ("Apache-2.0", True, False)


@pytest.mark.parametrize(
    ("values", "capabilities"),
    [
        ({"tokenizer.chat_template": "{{ tools }}"}, {"chat", "embeddings", "tools"}),
        ({"tokenizer.chat_template": "<think>"}, {"chat", "embeddings", "reasoning"}),
        ({"tokenizer.chat_template": ""}, {"embeddings"}),
        ({"general.architecture": "nomic-bert"}, {"embeddings"}),
    ],
)
async def test_what_a_model_can_do(
    place: Place, values: dict[str, Any], capabilities: set[str]
) -> None:
    assert (await only(place, **values)).capabilities == capabilities


@pytest.mark.parametrize(
    "values",
    [{"general.type": "mmproj"}, {"general.type": "adapter"}, {"general.architecture": "clip"}],
)
async def test_additions_are_no_models(place: Place, values: dict[str, Any]) -> None:
    assert "addition to another model" in (await only(place, **values)).problem


async def test_a_file_without_weights_is_no_model(place: Place) -> None:
    gguf_file.write(place.own / "a.gguf", tensors=())
    (model,) = (await place.scanned()).models
    assert model.problem == "The file has no weights in it."


async def test_broken_files_are_listed_last_with_their_reason(place: Place) -> None:
    gguf_file.write(place.own / "a.gguf", cut=1)
    gguf_file.write(place.own / "b.gguf")
    gguf_file.write(place.bundled / "z.gguf")
    library = await place.scanned()
    assert names(library) == ["z.gguf", "b.gguf", "a.gguf"]
    assert "ends early" in library.models[-1].problem
    assert library.need("a", 1024) is None


async def test_names_are_inert(place: Place) -> None:
    gguf_file.write(place.own / "evil\u202egnp.gguf")
    (model,) = (await place.scanned()).models
    assert "\u202e" not in model.name
    assert model.id == "evil-gnp"


async def test_two_files_of_one_name_have_two_ids(place: Place) -> None:
    gguf_file.write(place.own / "a.gguf")
    gguf_file.write(place.own / "deep" / "a.gguf")
    assert [model.id for model in (await place.scanned()).models] == ["a", "a-2"]


async def test_names_ids_and_file_names_find_a_model(place: Place) -> None:
    gguf_file.write(place.own / "Little-Talker.gguf")
    library = await place.scanned()
    for name in ("little-talker", "Little Talker", "LITTLE TALKER", "little-talker.GGUF"):
        assert library.find(name).id == "little-talker"
    with pytest.raises(NotFound, match="There is no model named 'big'"):
        library.find("big")


async def test_the_default_is_the_chosen_the_bundled_or_any_that_works(place: Place) -> None:
    gguf_file.write(place.own / "broken.gguf", cut=1)
    gguf_file.write(place.own / "vectors.gguf", {**CHAT, "tokenizer.chat_template": ""})
    assert (await place.scanned()).default is None
    gguf_file.write(place.own / "own.gguf")
    assert (await place.scanned()).find("").id == "own"
    gguf_file.write(place.bundled / "with-app.gguf")
    assert (await place.scanned()).find("").id == "with-app"
    place.settings.change({"inference.default_model": "own"})
    assert (await place.scanned()).find("").id == "own"
    place.settings.change({"inference.default_model": "broken"})
    assert (await place.scanned()).find("").id == "with-app"


class TestFiles:
    async def test_a_file_is_linked_where_it_is(self, place: Place) -> None:
        path = gguf_file.write(place.other / "a.gguf")
        library = await place.scanned()
        model = await library.add_file(path)
        assert (model.path, model.owned) == (path, False)
        assert names(await place.scanned()) == ["a.gguf"]

    async def test_a_file_that_is_no_model_changes_nothing(self, place: Place) -> None:
        path = place.other / "a.gguf"
        path.write_text("no model")
        library = await place.scanned()
        for wrong in (path, place.other, place.other / "missing"):
            with pytest.raises(ModelError):
                await library.add_file(wrong)
        assert library.models == ()
        assert not (place.paths.data / "models.json").exists()

    async def test_a_linked_file_is_never_deleted(self, place: Place) -> None:
        path = gguf_file.write(place.other / "a.gguf")
        library = await place.scanned()
        await library.add_file(path)
        await library.remove("a")
        assert library.models == ()
        assert path.exists()
        assert names(await place.scanned()) == []

    async def test_a_linked_file_that_is_gone_says_so(self, place: Place) -> None:
        path = gguf_file.write(place.other / "a.gguf")
        library = await place.scanned()
        await library.add_file(path)
        path.unlink()
        (model,) = await library.scan()
        assert model.problem

    async def test_an_own_file_is_deleted(self, place: Place) -> None:
        path = gguf_file.write(place.own / "a.gguf")
        library = await place.scanned()
        await library.remove("a")
        assert library.models == ()
        assert not path.exists()

    async def test_the_bundled_one_stays(self, place: Place) -> None:
        path = gguf_file.write(place.bundled / "a.gguf")
        library = await place.scanned()
        with pytest.raises(ModelError, match="stays"):
            await library.remove("a")
        assert path.exists()

    async def test_a_damaged_list_is_told(self, place: Place) -> None:
        (place.paths.data / "models.json").write_text("{")
        assert "could not be read" in (await place.scanned()).problem


class TestFolders:
    async def test_a_folder_is_linked_and_unlinked(self, place: Place) -> None:
        gguf_file.write(place.other / "a.gguf")
        gguf_file.write(place.other / "deep" / "B.GGUF")
        (place.other / "notes.txt").write_text("no model")
        library = await place.scanned()
        assert await library.link_folder(place.other) == 2
        assert names(await place.scanned()) == ["a.gguf", "B.GGUF"]
        assert library.linked_folder("a") == place.other
        await library.unlink_folder(place.other)
        assert library.models == ()
        assert (place.other / "a.gguf").exists()

    async def test_linking_twice_lists_once(self, place: Place) -> None:
        gguf_file.write(place.other / "a.gguf")
        library = await place.scanned()
        await library.link_folder(place.other)
        await library.link_folder(place.other)
        await library.add_file(place.other / "a.gguf")
        assert names(library) == ["a.gguf"]
        assert place.settings.current.inference.folders == (str(place.other),)
        assert library.linked_folder("a") is None  # it is linked by itself too

    async def test_a_folder_without_models(self, place: Place) -> None:
        library = await place.scanned()
        for folder in (place.other, place.other / "missing"):
            with pytest.raises(ModelError, match=r"no \.gguf files"):
                await library.link_folder(folder)
        assert place.settings.current.inference.folders == ()

    async def test_it_looks_only_so_deep_and_follows_no_links(self, place: Place) -> None:
        gguf_file.write(place.own / "1" / "2" / "3" / "reached.gguf")
        gguf_file.write(place.own / "1" / "2" / "3" / "4" / "too-deep.gguf")
        (place.own / "round").symlink_to(place.own, target_is_directory=True)
        assert names(await place.scanned()) == ["reached.gguf"]

    async def test_more_files_than_anybody_has(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MOST_FILES", 3)
        for number in range(5):
            gguf_file.write(place.other / f"{number}.gguf")
        wanted = gguf_file.write(place.paths.data / "wanted.gguf")
        library = await place.scanned()
        await library.link_folder(place.other)
        await library.add_file(wanted)
        assert names(library) == ["0.gguf", "1.gguf", "wanted.gguf"]


class TestSplit:
    @pytest.fixture
    def parts(self, place: Place) -> list[Path]:
        return [
            gguf_file.write(place.own / f"big-0000{number}-of-00003.gguf") for number in (1, 2, 3)
        ]

    async def test_parts_are_one_model(self, place: Place, parts: list[Path]) -> None:
        (model,) = (await place.scanned()).models
        assert (model.id, model.path) == ("big", parts[0])
        assert model.size_bytes == sum(part.stat().st_size for part in parts)

    async def test_all_parts_count_for_memory(self, place: Place, parts: list[Path]) -> None:
        library = await place.scanned()
        need = library.need("big", 1024)
        assert need is not None
        assert need.weights == sum(part.stat().st_size for part in parts)

    async def test_a_missing_part_is_said(self, place: Place, parts: list[Path]) -> None:
        parts[1].unlink()
        (model,) = (await place.scanned()).models
        assert model.problem == "A part of this model is missing: big-00002-of-00003.gguf."

    async def test_removing_takes_all_parts(self, place: Place, parts: list[Path]) -> None:
        library = await place.scanned()
        await library.remove("big")
        assert not any(part.exists() for part in parts)


class TestOptions:
    async def test_what_nobody_set_suits_model_and_computer(self, place: Place) -> None:
        gguf_file.write(place.own / "a.gguf")
        library = await place.scanned()
        threads = max(1, cores() - 1)
        assert library.options("a") == LoadOptions(4096, threads, -1)

    async def test_large_contexts_are_not_taken_unasked(self, place: Place) -> None:
        gguf_file.write(place.own / "a.gguf", {**CHAT, "llama.context_length": 131_072})
        library = await place.scanned()
        assert library.options("a").context_tokens == 8192
        await library.set_options("a", ModelOptions(context_tokens=32_768))
        assert library.options("a").context_tokens == 32_768

    async def test_the_models_settings_go_before_the_general_ones(self, place: Place) -> None:
        gguf_file.write(place.own / "a.gguf")
        place.settings.change(
            {"inference.threads": 3, "inference.context_tokens": 1024, "inference.gpu_layers": 5}
        )
        library = await place.scanned()
        assert library.options("a") == LoadOptions(1024, 3, 5)
        await library.set_options("a", ModelOptions(2048, 2, 0))
        assert library.options("a") == LoadOptions(2048, 2, 0)
        assert library.own_options("a") == ModelOptions(2048, 2, 0)
        assert (await place.scanned()).options("a") == LoadOptions(2048, 2, 0)

    async def test_a_context_is_never_longer_than_trained(self, place: Place) -> None:
        gguf_file.write(place.own / "a.gguf")
        place.settings.change({"inference.context_tokens": 100_000})
        assert (await place.scanned()).options("a").context_tokens == 4096


async def test_the_hash_is_kept_while_the_file_is_unchanged(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    gguf_file.write(place.own / "a.gguf")
    library = await place.scanned()
    digest = await library.sha256("a")
    assert len(digest) == 64

    async def refused(path: Path) -> str:
        raise AssertionError("computed twice")

    monkeypatch.setattr(module, "sha256_of", refused)
    assert await library.sha256("a") == digest
    assert await (await place.scanned()).sha256("a") == digest


async def test_the_hash_of_a_file_that_is_gone(place: Place) -> None:
    path = gguf_file.write(place.own / "a.gguf")
    library = await place.scanned()
    path.unlink()
    with pytest.raises(ModelError, match="could not be read"):
        await library.sha256("a")


async def test_each_look_is_told(place: Place) -> None:
    library = place.library()
    looks: list[None] = []
    library.changed.subscribe(looks.append)
    await library.scan()
    gguf_file.write(place.own / "a.gguf")
    await library.scan()
    await library.set_options("a", ModelOptions(threads=1))
    assert len(looks) == 3
