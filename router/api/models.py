"""GET /v1/models: what can be asked, in OpenAI's shape with a few fields more."""

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web

from router.api.call import Call, Parameter, Route
from router.api.chain_shapes import model_type
from router.api.remote import Remote, RemoteModel
from router.inference.library import LocalModel, ModelLibrary


class Models:
    """Tells which models there are. A key for some models sees only those."""

    def __init__(self, library: ModelLibrary, remote: Remote) -> None:
        self._library = library
        self._remote = remote

    @property
    def routes(self) -> tuple[Route, ...]:
        """The addresses of this group."""
        return (
            Route(
                "GET",
                "/v1/models",
                self.list,
                "List the models that can be used.",
                "Models",
                scope="models",
                answer="ModelList",
            ),
            Route(
                "GET",
                "/v1/models/{model}",
                self.one,
                "Describe one model.",
                "Models",
                scope="models",
                answer="Model",
                refusals=(404,),
                parameters=(Parameter("model", "path", "Id or name of the model."),),
            ),
        )

    async def list(self, call: Call) -> web.Response:
        """Serve what is installed without a problem, and what has an open session."""
        usable = [
            model
            for model in self._library.models
            if not model.problem and call.caller.may_use(model.id)
        ]
        times = await asyncio.to_thread(_changed, [model.path for model in usable])
        data = [_model(model, time) for model, time in zip(usable, times, strict=True)]
        data += [_remote(one) for one in self._remote.open() if _may_use(call, one)]
        return call.answer({"object": "list", "data": data})

    async def one(self, call: Call) -> web.Response:
        """Serve one model."""
        name = call.request.match_info["model"]
        for one in self._remote.open():
            if name in (one.id, one.model_id) and _may_use(call, one):
                return call.answer(_remote(one))
        model = call.model(self._library, name)
        times = await asyncio.to_thread(_changed, [model.path])
        return call.answer(_model(model, times[0]))


def _model(model: LocalModel, created: int) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": created,
        "owned_by": "local",
        "name": model.name,
        "context_length": model.context_tokens,
        "size_bytes": model.size_bytes,
        "architecture": model.architecture,
        "parameters": model.parameters,
        "quantization": model.quantization,
        "license": model.licence,
        "capabilities": sorted(model.capabilities),
    }


def _may_use(call: Call, model: RemoteModel) -> bool:
    return call.caller.may_use(model.id) or call.caller.may_use(model.model_id)


def _remote(model: RemoteModel) -> dict[str, Any]:
    """A model of the network in the same shape, with its session."""
    view = model.view
    return {
        "id": model.id,
        "object": "model",
        "created": view.session.opened_at,
        "owned_by": view.provider.lower(),
        "name": model.name,
        "type": model_type(view.model.tags) if view.model is not None else "UNKNOWN",
        "model_id": model.model_id,
        "session_id": view.id,
        "session_ends_at": view.session.ends_at,
    }


def _changed(paths: list[Path]) -> list[int]:
    """When each file was last changed, in seconds since 1970; 0 when it is gone."""
    times = []
    for path in paths:
        try:
            times.append(int(path.stat().st_mtime))
        except OSError:
            times.append(0)
    return times
