"""POST /v1/chat/completions: one answer, whole or as a stream of chunks."""

from collections.abc import AsyncIterator
from dataclasses import replace

from aiohttp import web

from router.api.auth import check_scope
from router.api.call import Call, Parameter, Route
from router.api.history import Author, History, chat_id_from
from router.api.remote import REMOTE_HEADERS, Remote
from router.api.remote_chat import RemoteChat
from router.api.sse import EventStream
from router.backends.base import Backend, Event
from router.backends.chat_answer import (
    Answer,
    Chunks,
    closing,
    completion,
    headers_of,
    without_thoughts,
)
from router.backends.chat_request import ChatRequest, read_chat
from router.errors import BackendError, BadRequest
from router.inference.library import LocalModel, ModelLibrary
from router.store.chats import ChatStore


class ChatCompletions:
    """Answers conversations."""

    def __init__(
        self, library: ModelLibrary, backend: Backend, chats: ChatStore, remote: Remote
    ) -> None:
        self._library = library
        self._backend = backend
        self._history = History(chats)
        self._remote = remote
        self._remote_chat = RemoteChat(remote, self._history)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            Route(
                "POST",
                "/v1/chat/completions",
                self.complete,
                "Answer a conversation.",
                "Chat",
                scope="chat",
                body="ChatCompletionRequest",
                answer="ChatCompletion",
                streams="ChatCompletionChunk",
                refusals=(400, 402, 404, 408, 409, 413, 415, 423, 502, 503, 504),
                parameters=(
                    *REMOTE_HEADERS,
                    Parameter(
                        "chat_id",
                        "header",
                        "Chat of the history that keeps this exchange: 0x and 64 hex digits. "
                        "It is made when it does not exist. Needs the scope chats.",
                    ),
                ),
            ),
        )

    async def complete(self, call: Call) -> web.StreamResponse:
        """Serve one request."""
        chat_id = chat_id_from(call.request.headers.get("chat_id", ""), "chat_id")
        if chat_id:
            check_scope(call.caller, "chats")
        fields = await call.fields()
        chosen = await self._remote.chosen(call, fields.text("model"))
        if chosen is not None:
            return await self._remote_chat.complete(call, fields, chosen, chat_id)
        asked = read_chat(fields)
        model = call.model(self._library, asked.question.model)
        if asked.question.tools and "tools" not in model.capabilities:
            raise BadRequest(
                f"The model {model.name} does not call functions. Leave out tools, "
                "or choose another model.",
                param="tools",
                code="tools_not_supported",
            )
        question = replace(asked.question, model=model.id)
        events = self._backend.complete(question)
        if "reasoning" in model.capabilities:
            events = without_thoughts(events)
        if chat_id:
            author = Author(model.id, model.name)
            events = self._history.kept(events, question, author, chat_id, lambda event: (event,))
        if asked.stream:
            return await self._stream(call, model, events, asked)
        return await self._whole(call, model, events)

    async def _whole(
        self, call: Call, model: LocalModel, events: AsyncIterator[Event]
    ) -> web.Response:
        answer = Answer()
        async with closing(events):
            async for event in events:
                answer.add(event)
        call.draft.note(answer)
        return call.answer(completion(model.id, answer), headers_of(answer.started))

    async def _stream(
        self, call: Call, model: LocalModel, events: AsyncIterator[Event], asked: ChatRequest
    ) -> web.StreamResponse:
        answer = Answer()
        chunks = Chunks(model.id, include_usage=asked.include_usage)
        stream: EventStream | None = None
        async with closing(events):
            async for event in events:
                answer.add(event)
                if answer.started is None:
                    continue  # it is still open who answers: no chunk tells of it
                if stream is None:
                    # Only now: what fails before is told by its status.
                    stream = await call.begin_stream(headers_of(answer.started))
                    await stream.send(chunks.role())
                for delta in chunks.deltas(event):
                    await stream.send(delta)
        call.draft.note(answer)
        if stream is None:
            raise BackendError("The model did not answer.")
        await stream.send(chunks.end(answer.reason))
        if asked.include_usage:
            await stream.send(chunks.usage(answer.usage))
        await stream.close()
        return stream.response
