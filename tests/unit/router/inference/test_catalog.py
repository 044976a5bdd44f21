"""The catalogue: complete, free of invented addresses, and found again by file names."""

import dataclasses
import json
from pathlib import Path

import pytest

from router.inference import catalog

# How the files are called today on the hub; which one there is, the hub says at download time.
HUB_FILES = {
    "qwen2.5-0.5b-instruct": "qwen2.5-0.5b-instruct-q4_k_m.gguf",
    "qwen2.5-1.5b-instruct": "qwen2.5-1.5b-instruct-q4_k_m.gguf",
    "qwen2.5-3b-instruct": "qwen2.5-3b-instruct-q4_k_m.gguf",
    "llama-3.2-1b-instruct": "Llama-3.2-1B-Instruct-Q4_K_M.gguf",
    "llama-3.2-3b-instruct": "Llama-3.2-3B-Instruct-Q4_K_M.gguf",
    "gemma-3-1b-it": "gemma-3-1b-it-Q4_K_M.gguf",
    "gemma-3-4b-it": "gemma-3-4b-it-Q4_K_M.gguf",
    "phi-4-mini-instruct": "Phi-4-mini-instruct-Q4_K_M.gguf",
}


def test_the_models_people_expect_are_there() -> None:
    assert {model.id for model in catalog.models() if model.repository} == set(HUB_FILES)
    assert [model.id for model in catalog.models() if model.bundled_file] == [
        "smollm2-135m-instruct"
    ]


def test_every_entry_says_everything() -> None:
    for model in catalog.models():
        assert model.name
        assert model.licence
        assert model.about.endswith(".")
        assert model.context_tokens >= 8192
        assert bool(model.repository) != bool(model.bundled_file)
        assert model.approximate_bytes < model.needs_bytes
        # About four and a half bits a weight, and the embeddings of small models.
        assert 0.5 < model.approximate_bytes / model.parameters < 1.1


def test_only_the_bundled_one_claims_to_be_tried() -> None:
    assert [model.id for model in catalog.models() if model.tried] == ["smollm2-135m-instruct"]


def test_sizes_grow_down_the_list() -> None:
    sizes = [model.approximate_bytes for model in catalog.models()]
    assert sizes[0] == min(sizes)
    assert len({model.id for model in catalog.models()}) == len(sizes)


def test_nothing_holds_a_hash_or_an_address_but_the_hub() -> None:
    text = Path(catalog.__file__).with_name("catalog.json").read_text(encoding="utf-8")
    assert text.count("://") == 1
    assert catalog.hub().startswith("https://")
    assert "sha" not in json.loads(text)


@pytest.mark.parametrize(("model_id", "file"), HUB_FILES.items())
def test_the_file_is_recognised(model_id: str, file: str) -> None:
    model = catalog.find(model_id)
    assert model is not None
    assert model.fits(file)
    assert catalog.by_file(file) == model


def test_other_files_of_the_same_repository_are_not_taken() -> None:
    model = catalog.find("gemma-3-4b-it")
    assert model is not None
    for file in (
        "gemma-3-4b-it-Q8_0.gguf",
        "mmproj-gemma-3-4b-it-q4_k_m.gguf",
        "gemma-3-4b-it-Q4_K_M-00001-of-00002.gguf",
        "gemma-3-4b-it-Q4_K_M.gguf.part",
        "README.md",
    ):
        assert not model.fits(file)


def test_files_that_only_look_alike_are_nobodys() -> None:
    for file in ("my-gemma-3-4b-it-Q4_K_M.gguf", "q4_k_m.gguf", "gemma-3-4b-it.gguf"):
        assert catalog.by_file(file) is None
    assert catalog.find("unknown") is None


def test_the_bundled_file_is_known_whatever_its_case() -> None:
    model = catalog.by_file("SMOLLM2-135m-instruct.q4_1.GGUF")
    assert model is not None
    assert model.id == "smollm2-135m-instruct"
    assert dataclasses.replace(model, tried=False) != model
