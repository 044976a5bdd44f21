"""router.api.system: health, settings, where the key is, and the page."""

import asyncio
import re
from pathlib import Path

import pytest

from router import __version__
from router.api.system import duration, without_login
from router.networks import NETWORKS
from tests.support.api_client import Api, running_api

STATIC = Path(__file__).parents[4] / "router" / "api" / "static"


async def test_health_needs_no_key(api: Api) -> None:
    body = (await api.send("GET", "/healthcheck", key="")).json
    assert body == {"status": "healthy", "version": __version__, "uptime": "0s"}


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59.6, "1m0s"), (61, "1m1s"), (3661, "1h1m1s")]
)
def test_time_spans(seconds: float, text: str) -> None:
    assert duration(seconds) == text


async def test_settings_without_secrets(tmp_path: Path) -> None:
    async with running_api(tmp_path) as api:
        settings = api.server._settings
        settings.change({"inference.mirror": "https://user:hunter2@mirror.example/x"})
        answer = await api.send("GET", "/config")
        assert answer.json["Version"] == __version__
        assert answer.json["DerivedConfig"]["DataFolder"] == str(tmp_path)
        assert answer.json["Config"]["api"]["host"] == "127.0.0.1"
        assert answer.json["Config"]["inference"]["mirror"] == "https://mirror.example/x"
        assert b"hunter2" not in answer.body
        assert api.key.encode() not in answer.body


async def test_what_old_clients_look_for_in_the_settings(tmp_path: Path) -> None:
    """Before there is a wallet or a connection; the chain is that of the settings."""
    async with running_api(tmp_path) as api:
        asked = (await api.send("GET", "/config")).json
        derived = asked["DerivedConfig"]
        assert (derived["WalletAddress"], derived["ChainID"]) == ("", 8453)
        assert derived["EthNodeURLs"] == list(NETWORKS["base"].nodes)
        contract = asked["Config"]["Marketplace"]["DiamondContractAddress"]
        assert contract == NETWORKS["base"].diamond.lower()
        api.server._settings.change({"chain.base": ["https://node.example/v2/secret-key"]})
        answer = await api.send("GET", "/config")
        assert len(answer.json["DerivedConfig"]["EthNodeURLs"]) == 1
        assert b"secret-key" not in answer.body


async def test_where_the_key_is(tmp_path: Path) -> None:
    async with running_api(tmp_path) as api:
        path = Path((await api.send("GET", "/auth/cookie/path", key="")).json["path"])
        assert path.is_absolute()
        assert path.read_text() == f"admin:{api.key}"


async def test_other_computers_are_not_told_where_the_key_is(api: Api) -> None:
    """Another address than the one that was called stands for another computer."""
    state = api.server.state
    reader, writer = await asyncio.open_connection(
        state.host, state.port, local_addr=("127.0.0.2", 0)
    )
    writer.write(b"GET /auth/cookie/path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"local_only" in answer
    assert b".cookie" not in answer


def test_addresses_without_login() -> None:
    assert without_login("") == ""
    assert without_login("https://u:p@h:1/p?q") == "https://h:1/p?q"


async def test_the_page_loads_nothing_from_elsewhere(api: Api) -> None:
    for name, kind in (("index.html", "html"), ("docs.css", "css"), ("docs.js", "javascript")):
        answer = await api.send("GET", f"/swagger/{name}")
        assert answer.status == 200
        assert kind in answer.headers["Content-Type"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        text = answer.body.decode()
        assert not re.search(r"https?://|url\(|@import|innerHTML|eval\(|\son\w+=\"|style=", text)
    assert sorted(path.name for path in STATIC.iterdir()) == ["docs.css", "docs.js", "index.html"]


async def test_the_page_asks_the_browser_for_the_key(api: Api) -> None:
    answer = await api.send("GET", "/swagger/index.html", key="")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    answer = await api.send("GET", "/v1/models", key="")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("name", ["../server.py", "..%2fserver.py", "%2e%2e/server.py", "none"])
async def test_the_page_gives_no_other_file(api: Api, name: str) -> None:
    raw = await api.raw(
        f"GET /swagger/{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {api.key}\r\n\r\n".encode()
    )
    assert raw.startswith(b"HTTP/1.1 404 ")
