"""router.api.keys: shown once, kept as a hash, gone at once."""

import os
import stat
from pathlib import Path

import pytest

from router.api.keys import SCOPES, ApiKey, ApiKeys
from router.errors import BadRequest, NotFound, StorageError


@pytest.fixture
async def keys(tmp_path: Path) -> ApiKeys:
    keys = ApiKeys(tmp_path / "api-keys.json")
    await keys.load()
    return keys


async def test_a_key_is_found_by_its_text(keys: ApiKeys) -> None:
    made, text = await keys.create("editor", ["chat", "models"], ["smollm2"])
    other, other_text = await keys.create("other", ["chat"])
    assert text.startswith("mk-")
    assert keys.match(text) == made
    assert keys.match(other_text) == other
    assert made.scopes == ("models", "chat")
    assert made.models == ("smollm2",)


async def test_a_key_survives_a_restart(keys: ApiKeys, tmp_path: Path) -> None:
    made, text = await keys.create("editor", ["chat"])
    again = ApiKeys(tmp_path / "api-keys.json")
    await again.load()
    assert again.all == (made,)
    assert again.match(text) == made


async def test_a_key_made_before_anybody_read_the_file_adds_to_it(
    keys: ApiKeys, tmp_path: Path
) -> None:
    made, text = await keys.create("editor", ["chat"])
    again = ApiKeys(tmp_path / "api-keys.json")
    await again.create("second", ["chat"])
    assert again.match(text) == made
    await ApiKeys(tmp_path / "api-keys.json").revoke(made.id)
    await keys.load()
    assert [key.name for key in keys.all] == ["second"]


async def test_the_file_holds_no_secret_and_is_private(keys: ApiKeys, tmp_path: Path) -> None:
    _, text = await keys.create("editor", ["chat"])
    path = tmp_path / "api-keys.json"
    assert text.rpartition("-")[2] not in path.read_text()
    assert text.rpartition("-")[2] not in repr(keys.all)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["api-keys.json"]


async def test_wrong_texts_match_nothing(keys: ApiKeys) -> None:
    made, text = await keys.create("editor", ["chat"])
    for wrong in (
        "",
        "mk-",
        f"mk-{made.id}-",
        text[:-1],
        text + "x",
        text.removeprefix("mk-"),
        "x" + text,
        text.upper(),
        f"mk-{made.id}-\udce4",
        "mk-00000000-" + text.rpartition("-")[2],
    ):
        assert keys.match(wrong) is None, wrong


async def test_a_revoked_key_is_gone_at_once(keys: ApiKeys, tmp_path: Path) -> None:
    heard: list[ApiKey] = []
    keys.revoked.subscribe(heard.append)
    made, text = await keys.create("editor", ["chat"])
    await keys.revoke(made.id)
    assert heard == [made]
    assert keys.match(text) is None
    again = ApiKeys(tmp_path / "api-keys.json")
    await again.load()
    assert again.all == ()
    with pytest.raises(NotFound):
        await keys.revoke(made.id)


@pytest.mark.parametrize(
    ("name", "scopes", "param"),
    [
        ("", ["chat"], "name"),
        ("  ", ["chat"], "name"),
        ("x" * 61, ["chat"], "name"),
        ("taken", ["chat"], "name"),
        ("a", [], "scopes"),
        ("a", ["chat", "everything"], "scopes"),
    ],
)
async def test_wrong_wishes_are_refused(
    keys: ApiKeys, name: str, scopes: list[str], param: str
) -> None:
    await keys.create("taken", SCOPES)
    with pytest.raises(BadRequest) as caught:
        await keys.create(name, scopes)
    assert caught.value.param == param
    assert len(keys.all) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"keys": [{}]}',
        '{"keys": 5}',
        '{"keys": [{"id": 1, "name": "", "salt": "", "hash": "", "scopes": [], "models": []}]}',
    ],
)
async def test_a_damaged_file_is_left_alone_and_gives_no_keys(tmp_path: Path, content: str) -> None:
    path = tmp_path / "api-keys.json"
    path.write_text(content)
    keys = ApiKeys(path)
    with pytest.raises(StorageError):
        await keys.load()
    assert keys.all == ()
    assert path.read_text() == content


async def test_damage_cannot_be_overwritten_by_the_next_key(tmp_path: Path) -> None:
    path = tmp_path / "api-keys.json"
    path.write_text("{ by hand")
    keys = ApiKeys(path)
    with pytest.raises(StorageError):
        await keys.load()
    with pytest.raises(StorageError):
        await keys.create("a", ["chat"])
    assert path.read_text() == "{ by hand"


async def test_a_key_that_cannot_be_saved_does_not_exist(tmp_path: Path) -> None:
    keys = ApiKeys(tmp_path / "missing" / "api-keys.json")
    await keys.load()
    with pytest.raises(StorageError):
        await keys.create("a", ["chat"])
    assert keys.all == ()
