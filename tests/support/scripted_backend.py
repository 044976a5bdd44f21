"""A backend that really streams, but says what a test told it to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from router.backends.base import Delta, Event, Finished, Request, Started
from router.errors import MorpheusError

CONTEXT_TOKENS = 4_096


@dataclass(frozen=True)
class Script:
    """One answer: its pieces, then a failure, a silence, or the end.

    Args:
        pause_s: between pieces.
        hold: set it to let the answer begin.
        silent: never end, until it is stopped.
        unfinished: end the stream without saying that the answer is complete.
        first: what is said before Started.
    """

    pieces: tuple[str | Delta, ...] = ()
    pause_s: float = 0.0
    error: Exception | None = None
    hold: asyncio.Event | None = None
    silent: bool = False
    unfinished: bool = False
    dropped_turns: int = 0
    first: tuple[Event, ...] = ()


class ScriptedBackend:
    """Gives the queued answers in order; echoes the question when none is left.

    `requests` is all that was asked, `stopped` counts answers that were not listened to the end,
    `most_at_once` how many ran at the same time.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.stopped = 0
        self.most_at_once = 0
        self._running = 0
        self._scripts: deque[Script] = deque()

    def says(
        self,
        *pieces: str | Delta,
        pause_s: float = 0.0,
        error: MorpheusError | Exception | None = None,
        hold: asyncio.Event | None = None,
        silent: bool = False,
        unfinished: bool = False,
        dropped_turns: int = 0,
        first: tuple[Event, ...] = (),
    ) -> None:
        """Queue one answer."""
        self._scripts.append(
            Script(pieces, pause_s, error, hold, silent, unfinished, dropped_turns, first)
        )

    async def complete(self, request: Request) -> AsyncIterator[Event]:
        """Stream the next queued answer."""
        self.requests.append(request)
        script = self._scripts.popleft() if self._scripts else Script((_echo(request),))
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        finished = False
        try:
            async for event in _play(script, request):
                yield event
            finished = True
        finally:
            self._running -= 1
            self.stopped += not finished

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """The length of each text is its vector."""
        return [[float(len(text))] for text in texts], sum(len(text.split()) for text in texts)


async def _play(script: Script, request: Request) -> AsyncIterator[Event]:
    clock = asyncio.get_running_loop().time
    begun = clock()
    if script.hold is not None:
        await script.hold.wait()
    for event in script.first:
        yield event
    prompt_tokens = sum(len(turn.content.split()) for turn in request.turns)
    yield Started(prompt_tokens, CONTEXT_TOKENS, script.dropped_turns)
    tokens, first_s = 0, 0.0
    for piece in script.pieces:
        await asyncio.sleep(script.pause_s)
        delta = piece if isinstance(piece, Delta) else Delta(piece)
        tokens += delta.tokens
        first_s = first_s or clock() - begun
        yield delta
    if script.error is not None:
        raise script.error
    if script.silent:
        await asyncio.Event().wait()
    if not script.unfinished:
        yield Finished("stop", prompt_tokens, tokens, first_s, clock() - begun)


def _echo(request: Request) -> str:
    return request.turns[-1].content if request.turns else ""
