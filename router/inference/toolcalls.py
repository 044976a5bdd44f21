"""Finds the functions a model wants called in the text it writes.

Two ways of writing are known: `<tool_call>{json}</tool_call>` (Qwen, Hermes) anywhere in the
answer, and an answer that is nothing but `{"name": ..., "parameters": ...}` (Llama 3). Only
functions that were offered count; everything else is text.
"""

import json
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from router.backends.base import ToolCall
from router.inference.text import held_back

OPENING, CLOSING = "<tool_call>", "</tool_call>"

# How an answer begins that is a bare call, or a list of calls, as far as it has come.
_BARE_CALL = re.compile(r'\s*(\[\s*)?(\{\s*(".*)?)?', re.DOTALL)


def call_id() -> str:
    """A name for one call that nothing else has."""
    return f"call_{uuid.uuid4().hex[:24]}"


class ToolCallReader:
    """Separates an answer into text to show at once and calls, known at its end.

    Args:
        names: the functions that were offered; none means that all text is shown.
        new_id: makes the id of a call.
    """

    def __init__(self, names: Collection[str], new_id: Callable[[], str] = call_id) -> None:
        self.calls: tuple[ToolCall, ...] = ()
        self._names = names
        self._new_id = new_id
        self._held = ""
        self._shown = False

    def feed(self, text: str) -> str:
        """Take more of the answer; returns what of it is certainly text."""
        if not self._names:
            return text
        self._held += text
        if not self._shown and _BARE_CALL.fullmatch(self._held):
            return ""
        shown = self._read_tagged()
        if self.calls:
            return shown  # more calls may follow, with white space between them
        at = self._held.find(OPENING)
        if at < 0:
            at = len(self._held) - held_back(self._held, (OPENING,))
        return shown + self._show(at)

    def finish(self) -> str:
        """The answer is over; returns the rest of its text. `calls` is complete afterwards."""
        shown = self._read_tagged()
        # The end of the answer closes a call as well as its tag does.
        unclosed = self._held.lstrip().removeprefix(OPENING)
        if calls := self._calls(unclosed):
            self.calls += calls
            self._held = ""
        elif self.calls:
            self._held = self._held.strip()
        return shown + self._show(len(self._held))

    def _read_tagged(self) -> str:
        """Take every call that is complete out of what is held; returns the text before them."""
        shown = ""
        while (start := self._held.find(OPENING)) >= 0:
            end = self._held.find(CLOSING, start)
            if end < 0:
                break
            calls = self._calls(self._held[start + len(OPENING) : end])
            end += len(CLOSING)
            text = self._show(start if calls else end)
            shown += text if text.strip() or not calls else ""
            if calls:
                self.calls += calls
                self._held = self._held[len(OPENING) :].partition(CLOSING)[2].lstrip()
        return shown

    def _show(self, count: int) -> str:
        text, self._held = self._held[:count], self._held[count:]
        self._shown = self._shown or bool(text.strip())
        return text

    def _calls(self, text: str) -> tuple[ToolCall, ...]:
        """The calls that a piece of JSON asks for; none when it is not one of ours."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return ()
        items = value if isinstance(value, list) else [value]
        calls = tuple(self._call(item) for item in items)
        return tuple(call for call in calls if call) if all(calls) else ()

    def _call(self, item: Any) -> ToolCall | None:
        if not isinstance(item, Mapping) or item.get("name") not in self._names:
            return None
        arguments = item.get("arguments", item.get("parameters", {}))
        if isinstance(arguments, Mapping):
            arguments = json.dumps(arguments, ensure_ascii=False)
        return ToolCall(self._new_id(), item["name"], arguments) if _is_object(arguments) else None


def _is_object(arguments: Any) -> bool:
    try:
        return isinstance(arguments, str) and isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        return False
