"""router.api.call: one request, its model, its answer, and what is noted about it."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from router.api.auth import Caller
from router.api.body import Limits
from router.api.call import Call
from router.api.errors import ApiError
from router.api.keys import ApiKey
from router.api.request_log import Draft, RequestRecord
from router.errors import NoModel
from router.inference.library import LocalModel
from tests.support.api_client import ScriptedLibrary, a_model
from tests.support.one_handler import serving

Use = Callable[[Call], Awaitable[web.StreamResponse]]
OWNER = Caller("admin")
GUEST = Caller("guest", ApiKey("1", "guest", ("chat",), ("small-one",), 0, "00", ""))


async def record_of(use: Use, *, caller: Caller = OWNER, **asked: Any) -> RequestRecord:
    """Have one request served; what was noted. Raises what the handler raised."""
    drafts: list[Draft] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        drafts.append(Draft("1", request.method, request.path, keep_bodies=True))
        return await use(Call(request, caller, drafts[0], Limits()))

    async with serving(handler) as server, aiohttp.ClientSession() as client:
        async with client.post(server.url, **asked) as answer:
            await answer.read()
        if not server.errors.empty():
            raise server.errors.get_nowait()
    return drafts[0].record(answer.status)


async def model_for(
    name: str | None, *models: LocalModel, caller: Caller = OWNER, **headers: str
) -> str:
    """The id of the model that a request gets, as it was noted."""

    async def use(call: Call) -> web.StreamResponse:
        library: Any = ScriptedLibrary(*models)
        assert call.model(library, name).id == call.draft.model
        return call.answer({})

    record = await record_of(use, caller=caller, headers=headers)
    return record.model


ONE, TWO = a_model("Small One"), a_model("Small Two")


async def test_a_model_by_name_by_header_and_by_default() -> None:
    assert await model_for("Small Two", ONE, TWO) == "small-two"
    assert await model_for(None, ONE, TWO) == "small-one"
    assert await model_for("", ONE, TWO, model_id="small-two") == "small-two"
    assert await model_for("small-one", ONE, TWO, model_id="small-two") == "small-two"
    assert await model_for("whatever", ONE, TWO, model_id="small-two") == "small-two"
    assert await model_for(None, ONE, TWO, model_id="0x" + "0" * 64) == "small-one"


@pytest.mark.parametrize(
    ("name", "header", "param"), [("x", "", "model"), ("small-one", "x", "model_id")]
)
async def test_an_unknown_model_names_where_it_was_asked_for(
    name: str, header: str, param: str
) -> None:
    with pytest.raises(ApiError) as refused:
        await model_for(name, ONE, model_id=header)
    error = refused.value
    assert (error.status, error.code, error.param) == (404, "model_not_found", param)


async def test_a_long_name_is_not_repeated_whole() -> None:
    with pytest.raises(ApiError) as refused:
        await model_for("x" * 1000, ONE)
    assert len(refused.value.message) < 200


async def test_a_key_is_held_to_its_models() -> None:
    assert await model_for(None, ONE, TWO, caller=GUEST) == "small-one"
    with pytest.raises(ApiError) as refused:
        await model_for("small-two", ONE, TWO, caller=GUEST)
    assert (refused.value.status, refused.value.code) == (403, "model_not_allowed")


async def test_without_any_model() -> None:
    with pytest.raises(NoModel):
        await model_for(None)


async def test_bodies_and_answers_are_noted() -> None:
    async def use(call: Call) -> web.StreamResponse:
        assert (await call.fields()).text("a") == "b"
        return call.answer({"c": ["d"]}, {"X-More": "1"})

    record = await record_of(use, json={"a": "b"})
    assert (record.request_body, record.answer_body) == ('{"a": "b"}', '{"c":["d"]}')
    assert record.status == 200


async def test_a_body_that_is_no_json_is_refused() -> None:
    async def use(call: Call) -> web.StreamResponse:
        await call.fields()
        raise AssertionError("it was taken")

    with pytest.raises(ApiError) as refused:
        await record_of(use, data=b"{,}", headers={"Content-Type": "application/json"})
    assert refused.value.code == "invalid_json"


async def test_a_stream_is_remembered_once_it_began() -> None:
    async def use(call: Call) -> web.StreamResponse:
        assert call.stream is None
        stream = await call.begin_stream({})
        assert call.stream is stream
        await stream.close()
        return stream.response

    assert (await record_of(use)).status == 200
