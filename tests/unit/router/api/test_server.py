"""router.api.server: listens where it should, stops at once, starts again."""

import asyncio
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from router.api import server
from router.api.server import ApiState
from router.config import Settings
from router.errors import ConfigError
from router.paths import Paths
from tests.support.api_client import QUESTION, Api, running_api, said

ENDS_WITHIN_S, NEVER_S = 30.0, 600.0


def taken_port() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


async def test_state_tells_where_it_listens(api: Api) -> None:
    state = api.server.state
    assert state == ApiState(f"http://127.0.0.1:{state.port}", "127.0.0.1", state.port)
    assert state.port > 0
    assert (await api.send("GET", "/healthcheck")).status == 200


async def test_starting_and_stopping_twice_is_fine(api: Api) -> None:
    heard: list[ApiState] = []
    api.server.changed.subscribe(heard.append)
    port = api.server.state.port
    await api.server.start()
    assert api.server.state.port == port
    await api.server.stop()
    await api.server.stop()
    assert api.server.state == ApiState()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    await api.server.start()
    assert (await api.send("GET", "/v1/models")).status == 200
    assert [bool(state.url) for state in heard] == [False, True]


async def test_a_taken_port_is_followed_by_the_next(tmp_path: Path) -> None:
    with taken_port() as other:
        wanted = other.getsockname()[1]
        async with running_api(tmp_path, port=wanted) as api:
            assert wanted < api.server.state.port < wanted + 20
            assert api.server.state.moved_from == wanted
            assert (await api.send("GET", "/v1/models")).status == 200


async def test_only_this_computer_can_connect(api: Api) -> None:
    listener = api.server._runner.sites.pop()._server.sockets[0]  # type: ignore[union-attr]
    assert listener.getsockname()[0] == "127.0.0.1"
    assert api.server.state.warnings == ()


async def test_letting_others_in_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_api(tmp_path, host="0.0.0.0", allow_lan=True) as api:
        (warning,) = api.server.state.warnings
        assert "Other computers can reach" in warning
        assert caplog.messages == [warning]


def test_letting_others_in_needs_a_setting_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Settings(tmp_path / "s.toml", {"api.host": "0.0.0.0"})


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-name", "999.1.1.1"])
async def test_an_address_that_is_not_ours_is_refused(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigError):
        async with running_api(tmp_path, host=host, allow_lan=True):
            pass


async def test_the_key_is_made_and_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with running_api(tmp_path) as api:
        first = api.key
    cookie = Paths(tmp_path).cookie
    if os.name == "posix":
        assert stat.S_IMODE(cookie.stat().st_mode) == 0o600
        cookie.chmod(0o640)
    async with running_api(tmp_path) as api:
        assert api.key == first
        if os.name == "posix":
            assert any("could read" in warning for warning in api.server.state.warnings)


async def test_damaged_named_keys_do_not_keep_it_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Paths(tmp_path).api_keys.write_text("{")
    async with running_api(tmp_path) as api:
        assert "api-keys.json" in api.server.state.warnings[0]
        assert caplog.messages == list(api.server.state.warnings)
        assert (await api.send("GET", "/v1/models")).status == 200


async def test_stopping_ends_streams_with_an_error_event(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STOP_LIMIT_S", NEVER_S)
    api.backend.steps = [*said("One")[:2], asyncio.Event()]
    async with api.open("POST", "/v1/chat/completions", {**QUESTION, "stream": True}) as answer:
        await answer.content.readuntil(b"One")
        async with asyncio.timeout(ENDS_WITHIN_S):
            await api.server.stop()
        rest = await answer.read()
    assert b"server_stopping" in rest
    assert b"[DONE]" not in rest
    assert api.backend.running == 0


async def test_an_idle_connection_does_not_hold_up_the_stop(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "STOP_LIMIT_S", NEVER_S)
    state = api.server.state
    _, writer = await asyncio.open_connection(state.host, state.port)
    async with asyncio.timeout(ENDS_WITHIN_S):
        await api.server.stop()
    writer.close()
    await writer.wait_closed()


async def test_settings_are_read_at_each_start(api: Api) -> None:
    settings: Any = api.server._settings
    await api.server.stop()
    with taken_port() as other:
        free = other.getsockname()[1]
    settings.change({"api.port": free})
    await api.server.start()
    assert api.server.state.port >= free
