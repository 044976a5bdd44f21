"""router.provider.models_config: what is served, read again when the file changes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from router.errors import ConfigError
from router.provider.models_config import ModelConfig, ModelsFile, read_models

ID = "0x" + "ab" * 32
ENTRY = {
    "modelId": ID,
    "modelName": "llama",
    "apiType": "openai",
    "apiUrl": "https://models.example/v1/chat/completions/",
    "apiKey": "sk-secret",
    "concurrentSlots": 3,
    "capacityPolicy": "idle_timeout",
    "parameters": {"a": "b"},
}


def write(path: Path, *entries: Any) -> Path:
    path.write_text(json.dumps({"$schema": "./schema.json", "models": list(entries)}), "utf-8")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "models-config.json"


def test_an_entry_is_read(path: Path) -> None:
    models = read_models(write(path, ENTRY))
    assert models.get(ID.upper().replace("0X", "0x")) == ModelConfig(
        ID,
        "llama",
        "openai",
        "https://models.example/v1/chat/completions",
        "sk-secret",
        3,
        "idle_timeout",
    )
    assert models.get("0x" + "00" * 32) is None


@pytest.mark.parametrize("written", [ID.upper(), ID[2:], ID[2:].upper(), "0x" + "aB" * 32])
def test_ids_are_one_whatever_their_case(path: Path, written: str) -> None:
    models = read_models(write(path, {**ENTRY, "modelId": written}))
    assert list(models.by_id) == [ID]


def test_a_local_model_needs_no_address(path: Path) -> None:
    models = read_models(write(path, {"modelId": ID, "apiType": "local"}))
    assert models.get(ID) == ModelConfig(ID, "", "local")


def test_what_only_the_original_speaks_is_left_out(path: Path) -> None:
    foreign = {**ENTRY, "modelId": "0x" + "cd" * 32, "apiType": "prodia-v2"}
    models = read_models(write(path, foreign, ENTRY))
    assert list(models.by_id) == [ID]
    assert "models[0]" in models.notes[0]
    assert "prodia-v2" in models.notes[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [({"apiType": "gpt"}, "apiType must be"), ({"capacityPolicy": "idle"}, "simple, idle_timeout")],
)
def test_what_is_not_known_leaves_its_model_out(
    path: Path, change: dict[str, Any], words: str
) -> None:
    models = read_models(write(path, {**ENTRY, "modelId": "0x" + "cd" * 32, **change}, ENTRY))
    assert list(models.by_id) == [ID]
    assert models.problem is not None
    assert "models[0]" in models.problem.message
    assert words in models.problem.message
    assert "other models" in models.problem.safe
    assert read_models(write(path, ENTRY)).problem is None


def test_of_many_left_out_only_some_are_named(path: Path) -> None:
    problem = read_models(write(path, *[{**ENTRY, "apiType": "gpt"}] * 5)).problem
    assert problem is not None
    assert problem.message.count("left out") == 3
    assert "2 more" in problem.message


def test_keys_are_not_shown(path: Path) -> None:
    assert "sk-secret" not in repr(read_models(write(path, ENTRY)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"modelId": "0x12"}, "modelId"),
        ({"modelId": None}, "modelId"),
        ({"modelName": ""}, "modelName"),
        ({"apiUrl": "models.example"}, "apiUrl"),
        ({"apiUrl": None}, "apiUrl"),
        ({"apiKey": 5}, "apiKey"),
        ({"apiKey": "sk-secret\r\nX: y"}, "apiKey"),
        ({"concurrentSlots": -1}, "concurrentSlots"),
        ({"concurrentSlots": True}, "concurrentSlots"),
        ({"apiType": 7}, "apiType"),
        ({"capacityPolicy": 7}, "capacityPolicy"),
        ({"parameters": []}, "parameters"),
    ],
)
def test_a_wrong_member_is_named(path: Path, change: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=rf"{words} of models\[0\]") as caught:
        read_models(write(path, {**ENTRY, **change}))
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1, column 2"),
        ("[]", "no list named models"),
        (json.dumps({ID: ENTRY}), "no list named models"),
        ('{"models": {}}', "must be a list"),
        ('{"models": [7]}', "must be an object"),
        ("[" * 100_000, "not valid JSON"),
        (json.dumps({"models": [ENTRY, ENTRY]}), "earlier entry"),
        (" " * 1_000_001, "larger than"),
    ],
)
def test_a_wrong_file_is_explained(path: Path, text: str, words: str) -> None:
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=words):
        read_models(path)


async def test_the_file_is_read_again_when_it_changes(path: Path) -> None:
    file = ModelsFile(path)
    assert await file.refresh()
    assert file.problem is not None
    write(path, ENTRY)
    assert await file.refresh()
    assert file.problem is None
    assert not await file.refresh()
    write(path, {**ENTRY, "modelName": "other"})
    assert await file.refresh()
    assert file.current.by_id[ID].name == "other"


async def test_a_wrong_file_leaves_the_last_good_one(path: Path) -> None:
    file = ModelsFile(write(path, ENTRY))
    await file.refresh()
    good = file.current
    path.write_text("{", "utf-8")
    assert await file.refresh()
    assert file.current == good
    assert file.problem is not None
    path.unlink()
    assert await file.refresh()
    assert file.current == good


async def test_a_file_that_was_only_touched_is_no_change(path: Path) -> None:
    file = ModelsFile(write(path, ENTRY))
    await file.refresh()
    os.utime(path, ns=(1, 1))
    assert not await file.refresh()
