"""router.api.auth: who is let in, and who has to wait."""

import base64
import os
import stat
from pathlib import Path

import pytest

from router.api.auth import Caller, Cookie, Doorkeeper, check_model, check_scope, load_cookie
from router.api.errors import ApiError
from router.api.keys import ApiKey, ApiKeys
from router.errors import ConfigError, StorageError

COOKIE = Cookie("admin", "s3cret" * 5)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def keys(tmp_path: Path) -> ApiKeys:
    return ApiKeys(tmp_path / "api-keys.json")


@pytest.fixture
def door(keys: ApiKeys, clock: Clock) -> Doorkeeper:
    return Doorkeeper(COOKIE, keys, clock=clock)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_cookie_is_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / ".cookie"
    cookie = load_cookie(path)
    assert cookie.user == "admin"
    assert len(cookie.password) == 32
    assert cookie.password.isalnum()
    assert path.read_text() == f"admin:{cookie.password}"
    assert load_cookie(path) == cookie
    assert load_cookie(tmp_path / "second").password != cookie.password


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file modes")
def test_an_open_cookie_is_closed_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / ".cookie"
    assert load_cookie(path).problem == ""
    assert mode(path) == 0o600
    path.chmod(0o644)
    assert "could read" in load_cookie(path).problem
    assert mode(path) == 0o600
    assert load_cookie(path).problem == ""


def test_a_cookie_of_the_original_is_taken(tmp_path: Path) -> None:
    path = tmp_path / ".cookie"
    path.write_text("somebody:pass:word\n")
    cookie = load_cookie(path)
    assert (cookie.user, cookie.password) == ("somebody", "pass:word")


@pytest.mark.parametrize("text", ["", "admin", "admin:", ":x", "a:b\nc:d"])
def test_a_damaged_cookie_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".cookie"
    path.write_text(text)
    with pytest.raises(ConfigError):
        load_cookie(path)
    assert path.read_text() == text


def test_a_cookie_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        load_cookie(tmp_path)


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {COOKIE.password}",
        f"bearer  {COOKIE.password} ",
        f"Bearer admin:{COOKIE.password}",
        basic(f"admin:{COOKIE.password}"),
        basic(f"admin:{COOKIE.password}").replace("Basic", "BASIC"),
    ],
)
def test_the_key_of_the_installation_may_do_everything(door: Doorkeeper, header: str) -> None:
    caller = door.admit(header, "127.0.0.1")
    assert caller == Caller("admin")
    assert caller.may("admin")
    assert caller.may_use("anything")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "missing_key"),
        ("", "malformed_key"),
        ("Bearer", "malformed_key"),
        ("Basic !!!", "malformed_key"),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), "malformed_key"),
        (basic("admin"), "malformed_key"),
        (basic("admin:"), "malformed_key"),
        ("Digest x", "malformed_key"),
        ("Bearer wrong", "invalid_key"),
        ("Bearer w\udcf6rng", "invalid_key"),
        ("Bearer mk-1-2", "invalid_key"),
        (basic("admin:wrong"), "invalid_key"),
        (basic(f"root:{COOKIE.password}"), "invalid_key"),
        (basic(f":{COOKIE.password}"), "invalid_key"),
    ],
)
def test_no_key_and_wrong_keys_are_refused(door: Doorkeeper, header: str | None, code: str) -> None:
    with pytest.raises(ApiError) as caught:
        door.admit(header, "127.0.0.1")
    assert (caught.value.status, caught.value.code) == (401, code)
    assert "Bearer" in caught.value.headers["WWW-Authenticate"]


async def test_named_keys_are_taken_as_bearer_and_as_basic(door: Doorkeeper, keys: ApiKeys) -> None:
    key, text = await keys.create("editor", ["chat"], ["m"])
    for header in (f"Bearer {text}", basic(f"editor:{text}")):
        assert door.admit(header, "a") == Caller("editor", key)
    await keys.revoke(key.id)
    with pytest.raises(ApiError):
        door.admit(f"Bearer {text}", "a")


async def test_scopes_and_models_of_a_named_key(keys: ApiKeys) -> None:
    key, _ = await keys.create("editor", ["chat"], ["m"])
    caller = Caller("editor", key)
    check_scope(caller, "chat")
    check_scope(caller, "")
    check_model(caller, "m")
    with pytest.raises(ApiError) as caught:
        check_scope(caller, "chats")
    assert (caught.value.status, caught.value.code) == (403, "insufficient_scope")
    with pytest.raises(ApiError) as caught:
        check_model(caller, "n")
    assert (caught.value.status, caught.value.code) == (403, "model_not_allowed")
    admin: ApiKey
    admin, _ = await keys.create("boss", ["admin"])
    check_scope(Caller("boss", admin), "chats")


def refused(door: Doorkeeper, address: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        door.admit("Bearer wrong", address)
    return caught.value


def test_wrong_keys_have_to_wait_ever_longer(
    door: Doorkeeper, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        assert refused(door, "a").status == 401
    waits = []
    for _ in range(9):
        error = refused(door, "a")
        assert (error.status, error.code) == (429, "too_many_wrong_keys")
        waits.append(int(error.headers["Retry-After"]))
        clock.now += waits[-1]
        assert refused(door, "a").status == 401
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert caplog.messages == ["5 wrong keys from a"]


def test_waiting_is_for_wrong_keys_of_one_address(
    door: Doorkeeper, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(6):
        error = refused(door, "a")
    assert error.status == 429
    assert door.admit(f"Bearer {COOKIE.password}", "a").name == "admin"
    assert refused(door, "b").status == 401


def test_wrong_keys_are_forgotten(
    door: Doorkeeper, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(6):
        refused(door, "a")
    clock.now += 1 + 301
    for _ in range(5):
        assert refused(door, "a").status == 401


def test_a_missing_key_costs_nothing(door: Doorkeeper) -> None:
    for _ in range(20):
        with pytest.raises(ApiError) as caught:
            door.admit(None, "a")
        assert caught.value.status == 401


def test_the_memory_for_addresses_is_bounded(door: Doorkeeper) -> None:
    for number in range(3000):
        refused(door, str(number))
    assert len(door._wrong) <= 1024
