"""One request on its way through the interface, and how an address is declared."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from router.api.auth import Caller, check_model
from router.api.body import Limits, read_json
from router.api.errors import ApiError
from router.api.request_log import Draft
from router.api.sse import EventStream
from router.backends.fields import Fields
from router.errors import NotFound
from router.inference.library import LocalModel, ModelLibrary


class Call:
    """A request, who makes it, and what is noted about it. `stream` is set once one began."""

    def __init__(self, request: web.Request, caller: Caller, draft: Draft, limits: Limits) -> None:
        self.request = request
        self.caller = caller
        self.draft = draft
        self.stream: EventStream | None = None
        self._limits = limits

    async def fields(self) -> Fields:
        """The JSON body.

        Raises:
            ApiError: 400, 408, 413 or 415.
        """
        data, values = await read_json(self.request, self._limits)
        self.draft.asked(data)
        return Fields(values)

    async def begin_stream(self, headers: Mapping[str, str]) -> EventStream:
        """Answer with events from here on; a later failure becomes the last event.

        Raises:
            ConnectionError: the client is gone.
        """
        self.stream = EventStream(self.request, headers, write_limit_s=self._limits.write_s)
        await self.stream.open()
        return self.stream

    def answer(self, value: Any, headers: Mapping[str, str] | None = None) -> web.Response:
        """Answer with one JSON value."""
        text = json.dumps(value, separators=(",", ":"))
        self.draft.answered(text)
        return web.Response(
            body=text.encode(), content_type="application/json", headers=dict(headers or {})
        )

    def model(self, library: ModelLibrary, name: str | None) -> LocalModel:
        """The model a request names; none is the default model. It is noted in the draft.

        The header comes first, as in the original router, whose clients write anything in the body.

        Raises:
            ApiError: 404 unknown, 403 the key is not for it.
            NoModel: none is installed.
        """
        param = "model_id" if self.model_header else "model"
        wanted = self.model_header or name or ""
        try:
            model = library.find(wanted)
        except NotFound as error:
            raise ApiError(
                404,
                "model_not_found",
                f"There is no model named '{wanted[:80]}'. GET /v1/models lists them.",
                param=param,
            ) from error
        check_model(self.caller, model.id)
        self.draft.model = model.id
        return model

    @property
    def model_header(self) -> str:
        """The `model_id` header of the original router; all zeros mean the default model."""
        text = self.request.headers.get("model_id", "")
        return text if text.removeprefix("0x").strip("0") else ""


@dataclass(frozen=True)
class Parameter:
    """A part of the path or a header, for the description of the interface."""

    name: str
    where: str
    about: str


@dataclass(frozen=True)
class Route:
    """One address of the interface with everything that is said about it.

    Args:
        scope: what the key must allow; empty is any valid key.
        open: no key is needed.
        body, answer: names of schemas in `router.api.schemas`.
        media, body_media: content types of the answer and of what is sent.
        streams: schema of the events when the answer may be a stream.
        refusals: statuses besides those that every address has.
    """

    method: str
    path: str
    handler: Callable[[Call], Awaitable[web.StreamResponse]]
    summary: str
    tag: str
    answer: str
    scope: str = ""
    open: bool = False
    body: str = ""
    body_media: str = "application/json"
    media: str = "application/json"
    streams: str = ""
    parameters: tuple[Parameter, ...] = ()
    refusals: tuple[int, ...] = field(default=())
