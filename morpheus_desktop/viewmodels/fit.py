"""Keeps a chat from loading, unasked, a model that this computer has no memory for."""

from morpheus_desktop import format as fmt
from router.errors import ModelError
from router.inference.host import HostState
from router.inference.library import LocalModel, ModelLibrary
from router.inference.memory import Memory, memory, verdict
from router.untrusted import one_line


class TooBig(ModelError):
    """The model would have to be loaded and does not seem to fit."""


def check_fit(library: ModelLibrary, state: HostState, model: LocalModel | None) -> None:
    """Let a model pass that is loaded, or fits where the loaded one makes room for it.

    Who wants it all the same says so in Local models, where it is asked about.

    Raises:
        TooBig: it does not.
    """
    if model is None or _is_loaded(state, model):
        return
    needs = library.need(model.id, library.options(model.id).context_tokens)
    now = memory()
    room = Memory(now.total, now.free + (state.memory_bytes or 0))
    if needs is not None and verdict(needs, room) == "too_big":
        raise TooBig(
            f"{one_line(model.name)} is too big: it needs {fmt.memory(needs.total)}, and "
            f"{fmt.memory(room.free)} are free.",
            safe="Nothing was loaded or sent.",
            hint="Choose another model, or load it in Local models.",
        )


def _is_loaded(state: HostState, model: LocalModel) -> bool:
    there = state.phase in ("loading", "ready", "busy")
    return there and state.model is not None and state.model.id == model.id
