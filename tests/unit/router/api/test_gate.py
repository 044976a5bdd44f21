"""router.api.gate: who and what gets through, and that every request is logged."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from router.api.body import Limits
from tests.support.api_client import QUESTION, Api, a_model, running_api, said

CHAT = "/v1/chat/completions"


async def test_every_address_but_two_needs_a_key(api: Api) -> None:
    for route in api.server.routes:
        path = route.path.replace("{file}", "index.html")
        answer = await api.send(route.method, path, key="")
        if route.open:
            assert path in ("/healthcheck", "/auth/cookie/path")
            assert answer.status == 200
        else:
            assert (answer.status, answer.code) == (401, "missing_key"), path


async def test_every_address_refuses_foreign_pages_and_hosts(api: Api) -> None:
    for route in api.server.routes:
        for headers in (
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Host": "evil.example"},
        ):
            answer = await api.send(route.method, route.path, **headers)
            assert answer.status == 403, (route.path, headers)
            assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_a_preflight_gets_nothing(api: Api) -> None:
    answer = await api.send(
        "OPTIONS",
        CHAT,
        Origin="http://evil.example",
        **{"Access-Control-Request-Method": "POST"},
    )
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_addresses_are_told_apart_only_with_a_key(api: Api) -> None:
    assert (await api.send("GET", "/nothing", key="")).status == 401
    answer = await api.send("GET", "/nothing")
    assert (answer.status, answer.code) == (404, "unknown_url")
    answer = await api.send("PUT", "/v1/models")
    assert (answer.status, answer.code) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("headers", "data", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415, "json_required"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=b", 415, "json_required"),
        ({"Content-Type": "application/json; charset=latin-1"}, b"{}", 415, "json_required"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, b"x", 415, None),
        ({"Content-Type": "application/json"}, b"[" * 100_000, 400, "json_too_deep"),
        ({"Content-Type": "application/json"}, b"{", 400, "json_too_deep"),
        ({"Content-Type": "application/json"}, b'{"a" 1}', 400, "invalid_json"),
        ({"Content-Type": "application/json"}, b" " * (8 * 2**20 + 1), 413, "body_too_large"),
    ],
)
async def test_bodies_that_are_refused(
    api: Api, headers: dict[str, str], data: bytes, status: int, code: str | None
) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    raw = await api.raw(
        f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api.key}\r\n"
        f"{head}Connection: close\r\nContent-Length: {len(data)}\r\n\r\n".encode(),
        data,
    )
    assert raw.startswith(b"HTTP/1.1 %d " % status)
    assert code is None or code.encode() in raw
    assert not api.backend.questions


async def test_a_body_without_a_length_is_bounded_too(tmp_path: Path) -> None:
    async with running_api(tmp_path, limits=Limits(body_bytes=1000)) as api:
        raw = await api.raw(
            f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api.key}\r\n"
            "Content-Type: application/json\r\nConnection: close\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode(),
            b"400\r\n" + b" " * 1024 + b"\r\n0\r\n\r\n",
        )
    assert raw.startswith(b"HTTP/1.1 413 ")


async def test_the_largest_body_is_taken(api: Api) -> None:
    content = "x" * (8 * 2**20 - 200)
    body = json.dumps({"messages": [{"role": "user", "content": content}]}).encode()
    raw = await api.raw(
        f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api.key}\r\n"
        "Content-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode(),
        body,
    )
    assert raw.startswith(b"HTTP/1.1 200 ")
    assert len(api.backend.questions[0].turns[0].content) == len(content)


async def test_a_bug_is_told_without_its_inside(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api.backend.steps = [RuntimeError("secret detail")]
    answer = await api.send("POST", CHAT, QUESTION)
    assert (answer.status, answer.code) == (500, "internal_error")
    assert b"secret" not in answer.body
    assert "secret detail" in caplog.text


async def test_a_bug_in_a_stream_is_its_last_event(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.backend.steps = [*said("One")[:2], RuntimeError("secret detail")]
    answer = await api.send("POST", CHAT, {**QUESTION, "stream": True})
    assert answer.status == 200
    assert answer.events[-1]["error"]["code"] == "internal_error"
    assert b"secret" not in answer.body
    assert "secret detail" in caplog.text


async def test_headers_that_every_answer_has(api: Api) -> None:
    for path in ("/healthcheck", "/nothing", "/v1/models", "/swagger/index.html"):
        headers = (await api.send("GET", path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Server"] == "Morpheus"
        assert len(headers["X-Request-Id"]) == 16


async def test_the_log_tells_of_every_request(api: Api) -> None:
    await api.send("GET", "/healthcheck", key="")
    await api.send("GET", "/v1/models", key="wrong")
    answer = await api.send("POST", CHAT, QUESTION)
    health, wrong, chat = api.server.request_log.records
    assert (health.method, health.path, health.status, health.key) == (
        "GET",
        "/healthcheck",
        200,
        "",
    )
    assert (wrong.status, wrong.error, wrong.key) == (401, "invalid_key", "")
    assert chat.id == answer.headers["X-Request-Id"]
    assert (chat.status, chat.key, chat.model) == (200, "admin", "small-one")
    assert (chat.prompt_tokens, chat.answer_tokens) == (7, 3)
    assert chat.request_body == chat.answer_body == ""


async def test_the_log_keeps_bodies_only_when_told_to(tmp_path: Path) -> None:
    async with running_api(tmp_path, log_bodies=True) as api:
        await api.send("POST", CHAT, QUESTION)
        (record,) = api.server.request_log.records
    assert "Hello" in record.request_body
    assert "Good day." in record.answer_body


async def test_named_keys_are_held_to_their_scopes(tmp_path: Path) -> None:
    async with running_api(tmp_path, models=[a_model("One"), a_model("Two")]) as api:
        _, chat_only = await api.keys.create("editor", ["chat"], ["one"])
        assert (await api.send("POST", CHAT, QUESTION, key=chat_only)).status == 200
        answer = await api.send("POST", CHAT, {**QUESTION, "model": "two"}, key=chat_only)
        assert (answer.status, answer.code) == (403, "model_not_allowed")
        for method, path in (
            ("GET", "/v1/models"),
            ("POST", "/v1/embeddings"),
            ("GET", "/v1/chats"),
            ("GET", "/config"),
            ("GET", "/auth/keys"),
        ):
            answer = await api.send(method, path, key=chat_only)
            assert (answer.status, answer.code) == (403, "insufficient_scope"), path
        answer = await api.send("POST", CHAT, QUESTION, key=chat_only, chat_id="0x" + "a" * 64)
        assert (answer.status, answer.code) == (403, "insufficient_scope")
        _, models_only = await api.keys.create("lister", ["models"], ["two"])
        listed = (await api.send("GET", "/v1/models", key=models_only)).json["data"]
        assert [model["id"] for model in listed] == ["two"]
        assert (await api.send("GET", "/v1/models/one", key=models_only)).status == 403
        assert (await api.send("GET", "/openapi.json", key=models_only)).status == 200


@pytest.mark.parametrize("stream", [True, False])
async def test_revoking_a_key_cuts_what_it_is_getting(api: Api, stream: bool) -> None:
    key, text = await api.keys.create("editor", ["chat"])
    _, other = await api.keys.create("other", ["chat"])
    begun = asyncio.Event()
    start, text_one, end = said("One")
    api.backend.steps = [start, text_one, begun, end] if stream else [begun, *said("Fine")]
    call = {**QUESTION, "stream": stream}

    async def ask(key: str) -> Any:
        return await api.send("POST", CHAT, call, key=key)

    async with asyncio.TaskGroup() as group:
        cut = group.create_task(ask(text))
        while not api.backend.running:
            await asyncio.sleep(0)
        waiting = group.create_task(ask(other))
        await api.keys.revoke(key.id)
        answer = await cut
        begun.set()
        assert (await waiting).status == 200
    if stream:
        assert answer.status == 200
        assert answer.events[-1]["error"]["code"] == "key_revoked"
        assert "[DONE]" not in answer.events
    else:
        assert (answer.status, answer.code) == (401, "key_revoked")
    assert (await api.send("POST", CHAT, QUESTION, key=text)).status == 401
