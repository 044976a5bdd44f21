"""POST /v1/completions: continues plain texts, whole or as a stream of chunks."""

import time
from typing import Any

from aiohttp import web

from router.api.call import Call, Route
from router.api.sse import EventStream
from router.backends.base import Backend, Delta, Request, Sampling
from router.backends.chat_answer import Answer, closing, headers_of, new_id, usage
from router.backends.chat_request import read_sampling, refuse_unsupported
from router.backends.fields import Fields
from router.errors import BackendError, BadRequest
from router.inference.library import LocalModel, ModelLibrary

MOST_PROMPTS = 16
DEFAULT_TOKENS = 16  # what OpenAI's interface promises when max_tokens is left out


class Completions:
    """Continues texts. Several prompts are answered one after the other."""

    def __init__(self, library: ModelLibrary, backend: Backend) -> None:
        self._library = library
        self._backend = backend

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            Route(
                "POST",
                "/v1/completions",
                self.complete,
                "Continue a text.",
                "Chat",
                scope="chat",
                body="CompletionRequest",
                answer="Completion",
                streams="Completion",
                refusals=(400, 404, 408, 413, 415, 502, 503),
            ),
        )

    async def complete(self, call: Call) -> web.StreamResponse:
        """Serve one request."""
        fields = await call.fields()
        _refuse(fields)
        prompts = _prompts(fields)
        sampling = read_sampling(fields, default_tokens=DEFAULT_TOKENS)
        stream = fields.flag("stream")
        options = fields.table("stream_options")
        include_usage = options is not None and options.flag("include_usage")
        model = call.model(self._library, fields.text("model"))
        if stream:
            return await self._stream(call, model, prompts, sampling, include_usage=include_usage)
        return await self._whole(call, model, prompts, sampling)

    async def _whole(
        self, call: Call, model: LocalModel, prompts: list[str], sampling: Sampling
    ) -> web.Response:
        choices = []
        answers = []
        for index, prompt in enumerate(prompts):
            answer = Answer()
            question = Request(model.id, prompt=prompt, sampling=sampling)
            events = self._backend.complete(question)
            async with closing(events):
                async for event in events:
                    answer.add(event)
            call.draft.note(answer)
            answers.append(answer)
            choices.append(_choice(index, answer.text, answer.reason))
        return call.answer(
            {**_head(model), "choices": choices, "usage": _total(answers)},
            headers_of(answers[0].started),
        )

    async def _stream(
        self,
        call: Call,
        model: LocalModel,
        prompts: list[str],
        sampling: Sampling,
        *,
        include_usage: bool,
    ) -> web.StreamResponse:
        head = _head(model)
        extra: dict[str, Any] = {"usage": None} if include_usage else {}
        stream: EventStream | None = None
        answers = []
        for index, prompt in enumerate(prompts):
            answer = Answer()
            question = Request(model.id, prompt=prompt, sampling=sampling)
            events = self._backend.complete(question)
            async with closing(events):
                async for event in events:
                    answer.add(event)
                    stream = stream or await call.begin_stream(headers_of(answer.started))
                    if isinstance(event, Delta) and event.text:
                        choices = [_choice(index, event.text, None)]
                        await stream.send({**head, "choices": choices, **extra})
            call.draft.note(answer)
            answers.append(answer)
            if stream is None:
                raise BackendError("The model did not answer.")
            await stream.send({**head, "choices": [_choice(index, "", answer.reason)], **extra})
        assert stream is not None
        if include_usage:
            await stream.send({**head, "choices": [], "usage": _total(answers)})
        await stream.close()
        return stream.response


def _refuse(fields: Fields) -> None:
    """Refuse what would change the answer and cannot be done."""
    if isinstance(fields.raw("logprobs"), int):
        raise BadRequest(
            "Probabilities of tokens are not given.",
            param="logprobs",
            code="logprobs_not_supported",
        )
    refuse_unsupported(fields)
    if fields.whole("best_of", 1, 128) not in (None, 1):
        raise BadRequest(
            "Only one answer per prompt is given: leave out best_of.",
            param="best_of",
            code="n_not_supported",
        )
    for name in ("echo", "suffix"):
        if fields.raw(name):
            raise BadRequest(f"{name} is not supported.", param=name, code=f"{name}_not_supported")


def _prompts(fields: Fields) -> list[str]:
    value = fields.raw("prompt")
    if isinstance(value, list) and any(isinstance(item, int | list) for item in value):
        raise BadRequest(
            "Send the prompt as text, not as tokens.", param="prompt", code="tokens_not_supported"
        )
    prompts = fields.texts("prompt", MOST_PROMPTS)
    if not prompts or not all(prompts):
        raise fields.wrong("prompt", "a text that is not empty", code="missing_field")
    return prompts


def _head(model: LocalModel) -> dict[str, Any]:
    return {
        "id": new_id("cmpl"),
        "object": "text_completion",
        "created": int(time.time()),
        "model": model.id,
    }


def _choice(index: int, text: str, reason: str | None) -> dict[str, Any]:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": reason}


def _total(answers: list[Answer]) -> dict[str, int]:
    return usage(
        sum(answer.usage["prompt_tokens"] for answer in answers),
        sum(answer.usage["completion_tokens"] for answer in answers),
    )
