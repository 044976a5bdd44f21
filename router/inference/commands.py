"""What the worker does for each command of the host."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from router.errors import BackendError, MorpheusError
from router.inference import messages, native
from router.inference.abort import AbortFlag
from router.inference.engine import Engine

PROGRESS_EVERY_S = 0.05


class Commands:
    """Carries out commands with the model that was loaded last.

    Args:
        flag: raised from another thread to stop what is running.
        say: sends an event for the running command at once.
    """

    def __init__(self, flag: AbortFlag, say: Callable[[Mapping[str, Any]], None]) -> None:
        native.start()
        self._flag = flag
        self._say = say
        self._engine: Engine | None = None

    def run(self, command: Mapping[str, Any]) -> None:
        """Carry out one command; the last event is one of messages.LAST."""
        steps = {
            "load": self._load,
            "complete": self._complete,
            "embed": self._embed,
            "count": self._count,
        }
        try:
            for event in steps[command["op"]](command):
                self._say(event)
        except native.Stopped:
            self._say({"event": "stopped"})
        except MorpheusError as error:
            self._say(messages.from_error(error))

    def _load(self, command: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        engine = self._engine = Engine(
            command["path"],
            context_tokens=command["context_tokens"],
            threads=command["threads"],
            gpu_layers=command["gpu_layers"],
            flag=self._flag,
            on_progress=self._progress(),
        )
        yield {
            "event": "loaded",
            "context_tokens": engine.context_tokens,
            "has_template": engine.has_template,
        }

    def _progress(self) -> Callable[[float], bool]:
        told_at = 0.0

        def tell(part: float) -> bool:
            nonlocal told_at
            if time.monotonic() - told_at >= PROGRESS_EVERY_S:
                told_at = time.monotonic()
                self._say({"event": "progress", "part": round(part, 3)})
            return not self._flag.raised

        return tell

    def _complete(self, command: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        request = messages.to_request(command["request"])
        return map(messages.from_event, self._loaded().complete(request))

    def _embed(self, command: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        for vector, tokens in self._loaded().embed(command["texts"]):
            yield {"event": "vector", "values": vector, "tokens": tokens}
        yield {"event": "embedded"}

    def _count(self, command: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        yield {
            "event": "counted",
            "tokens": self._loaded().count(messages.to_turns(command["turns"])),
        }

    def _loaded(self) -> Engine:
        if self._engine is None:
            raise BackendError("No model is loaded.")
        return self._engine
