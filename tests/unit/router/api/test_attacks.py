"""What a hostile page or program on this computer can send: none of it gets a 2xx.

Every request goes over a plain socket, because a polite client would not send it.
"""

from pathlib import Path

import pytest

from router.api.body import Limits
from tests.support.api_client import Api, running_api

BODY = b'{"messages":[{"role":"user","content":"x"}]}'
NAMES = [
    "/healthcheck",
    "/auth/cookie/path",
    "/v1/models",
    "/v1/chats",
    "/config",
    "/openapi.json",
    "/swagger/index.html",
]


def get(path: str, *lines: str, host: str = "127.0.0.1:{port}") -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()


def post(body: bytes, *lines: str, host: str = "127.0.0.1:{port}") -> bytes:
    head = [
        "POST /v1/chat/completions HTTP/1.1",
        f"Host: {host}",
        f"Content-Length: {len(body)}",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


KEY = "Authorization: Bearer {key}"
JSON = "Content-Type: application/json"
TEXT = "Content-Type: text/plain"
BROWSER = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PROGRAM = "User-Agent: Go-http-client/1.1"

ATTACKS = {
    **{f"a page, {path}": get(path, KEY, "Origin: https://evil.example") for path in NAMES},
    **{f"a local page, {path}": get(path, KEY, "Origin: null") for path in NAMES},
    **{f"an image tag, {path}": get(path, KEY, "Sec-Fetch-Site: cross-site") for path in NAMES},
    **{f"rebound, {path}": get(path, KEY, host="evil.example:{port}") for path in NAMES},
    **{f"rebound, no port, {path}": get(path, KEY, host="evil.example") for path in NAMES},
    **{f"no host, {path}": f"GET {path} HTTP/1.0\r\n\r\n".encode() for path in NAMES},
    **{f"no key, {path}": get(path) for path in NAMES[2:]},
    "a name that looks like ours": get(NAMES[2], KEY, host="127.0.0.1.evil.example:{port}"),
    "an address in another spelling": get(NAMES[2], KEY, host="0x7f000001:{port}"),
    "an address with a user": get(NAMES[2], KEY, host="127.0.0.1:{port}@evil.example"),
    "another port": get(NAMES[2], KEY, host="127.0.0.1:1"),
    "two hosts": get(NAMES[2], KEY, "Host: evil.example"),
    "two origins": get(
        NAMES[2], KEY, "Origin: http://127.0.0.1:{port}", "Origin: http://e.example"
    ),
    "a whole url": b"GET http://evil.example/v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    "a preflight": b"OPTIONS /v1/models HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    b"Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n\r\n",
    "a wrong key": get(NAMES[2], "Authorization: Bearer wrong"),
    "two keys": get(NAMES[2], "Authorization: Bearer wrong", KEY),
    "the key in the address": get("/v1/models?api_key={key}"),
    "a form": post(BODY, KEY, TEXT),
    "a form of a browser": post(BODY, KEY, TEXT, BROWSER),
    "a form of a page": post(BODY, KEY, TEXT, PROGRAM, "Origin: null"),
    "a form of our own page": post(BODY, KEY, TEXT, PROGRAM, "Sec-Fetch-Site: same-origin"),
    "a text that says nothing, of a browser": post(BODY, KEY, BROWSER),
    "another form": post(BODY, KEY, "Content-Type: application/x-www-form-urlencoded", PROGRAM),
    "a form of parts": post(BODY, KEY, "Content-Type: multipart/form-data; boundary=x"),
    "no content type": post(BODY, KEY),
    "deep nesting": post(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, KEY, JSON),
    "a huge body": post(b" " * (8 * 2**20 + 1), KEY, JSON),
    "a bomb": post(b"\x1f\x8b\x08\x00", KEY, JSON, "Content-Encoding: gzip"),
    "a huge header": get(NAMES[2], KEY, "X: " + "x" * 100_000),
    "many headers": get(NAMES[2], KEY, *["X: y"] * 200),
    "smuggling": post(BODY, KEY, JSON, "Transfer-Encoding: chunked"),
    "a split line": b"GET /v1/models\r\n HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n",
    "not HTTP": b"\x00" * 100 + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_no_attack_gets_a_2xx(tmp_path: Path, name: str) -> None:
    async with running_api(tmp_path, limits=Limits(idle_s=0.2, linger_s=0.1)) as api:
        data = ATTACKS[name].replace(b"{port}", b"%d" % api.server.state.port)
        raw = await api.raw(data.replace(b"{key}", api.key.encode()))
        assert raw.startswith(b"HTTP/1."), name
        statuses = [line for line in raw.split(b"\r\n") if line.startswith(b"HTTP/1.")]
        assert not [line for line in statuses if line.split()[1].startswith((b"1", b"2", b"3"))]
        assert b"access-control-allow" not in raw.lower()
        assert not api.backend.questions


async def test_the_same_requests_without_the_attack_are_served(api: Api) -> None:
    for data in (
        *(get(path, KEY, "Connection: close") for path in NAMES),
        post(BODY, KEY, JSON, "Connection: close"),
        post(BODY, KEY, TEXT, PROGRAM, "Connection: close"),
        post(BODY, KEY, PROGRAM, "Connection: close"),
    ):
        data = data.replace(b"{port}", b"%d" % api.server.state.port)
        raw = await api.raw(data.replace(b"{key}", api.key.encode()))
        assert raw.startswith(b"HTTP/1.1 200 "), data
