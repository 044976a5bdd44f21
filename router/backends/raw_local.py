"""Requests in OpenAI's shape to a model on this computer."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from router.backends.base import Backend
from router.backends.chat_answer import Answer, Chunks, closing, completion, without_thoughts
from router.backends.chat_request import ChatRequest, read_chat
from router.backends.embedding import embedding_list, read_embedding
from router.backends.fields import Fields
from router.backends.raw import DONE, Asked, ModelSaid
from router.errors import BackendError, BadRequest, ContextTooLong, MorpheusError


class LocalRaw:
    """One local model as a RawBackend.

    Args:
        model: its id; empty is the default one.
    """

    def __init__(self, backend: Backend, model: str) -> None:
        self._backend = backend
        self._model = model

    async def ask(self, asked: Asked) -> AsyncGenerator[Any, None]:
        """The answer in pieces; see RawBackend."""
        try:
            if asked.kind == "chat":
                async with aclosing(self._chat(read_chat(Fields(asked.body)))) as pieces:
                    async for piece in pieces:
                        yield piece
            elif asked.kind == "embeddings":
                yield await self._embed(Fields(asked.body))
            else:
                raise BadRequest("This model neither hears nor speaks.", code="audio_not_supported")
        except (BadRequest, ContextTooLong) as error:
            raise ModelSaid(_openai_error(error)) from error
        except BackendError:
            raise
        except MorpheusError as error:
            raise BackendError(error.message, safe=error.safe, hint=error.hint) from error

    async def _chat(self, asked: ChatRequest) -> AsyncGenerator[dict[str, Any] | str, None]:
        question = replace(asked.question, model=self._model)
        answer = Answer()
        chunks = Chunks(self._model, include_usage=asked.include_usage)
        events = without_thoughts(self._backend.complete(question))
        async with closing(events):
            if asked.stream:
                yield chunks.role()
            async for event in events:
                answer.add(event)
                if asked.stream:
                    for chunk in chunks.deltas(event):
                        yield chunk
        if not asked.stream:
            yield completion(self._model, answer)
            return
        # The count is exact here, so it is told even to who did not ask.
        counted = {} if asked.include_usage else {"usage": answer.usage}
        yield {**chunks.end(answer.reason), **counted}
        if asked.include_usage:
            yield chunks.usage(answer.usage)
        yield DONE

    async def _embed(self, fields: Fields) -> dict[str, Any]:
        texts, encoding = read_embedding(fields)
        vectors, tokens = await self._backend.embed(self._model, texts)
        return embedding_list(self._model, vectors, tokens, encoding)


def _openai_error(error: MorpheusError) -> dict[str, Any]:
    return {
        "error": {
            "message": error.message,
            "type": "invalid_request_error",
            "param": getattr(error, "param", None),
            "code": error.code,
        }
    }
