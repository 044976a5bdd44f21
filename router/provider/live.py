"""What a running provider is doing, for whoever looks at it."""

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from router.errors import ConfigError
from router.events import Emitter
from router.provider.ledger import Served, ServedSession
from router.provider.models_config import ModelConfig

KEPT = 50


@dataclass(frozen=True)
class Running:
    """A question that is being answered; `is_sealed` when nobody on the way could read it."""

    number: int
    session_id: str
    model_id: str
    since: float
    is_sealed: bool


@dataclass(frozen=True)
class Problem:
    """Something went wrong that whoever runs the provider should know; in our own words."""

    at: float
    text: str
    session_id: str = ""


@dataclass(frozen=True)
class ProviderState:
    """How the provider is.

    Args:
        address: where it listens; None while it does not.
        models: what is served. `models_problem`: why models-config.json, or a part of
            it, is not in force.
        sessions: with us and open, as the chain had them when it was looked at last.
        served: since the beginning; survives restarts.
        problems: newest last.
        turned_away: connections over the limits since the start.
    """

    address: tuple[str, int] | None = None
    models: tuple[ModelConfig, ...] = ()
    models_problem: ConfigError | None = None
    sessions: tuple[ServedSession, ...] = ()
    running: tuple[Running, ...] = ()
    served: Served = field(default_factory=Served)
    problems: tuple[Problem, ...] = ()
    turned_away: int = 0


class Live:
    """Keeps the state; `changed` tells each new one.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.changed: Emitter[ProviderState] = Emitter()
        self.state = ProviderState()
        self._clock = clock
        self._numbers = itertools.count(1)
        self._problems: deque[Problem] = deque(maxlen=KEPT)

    def update(self, **values: object) -> None:
        """Change fields of the state by name."""
        state: ProviderState = replace(self.state, **values)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.changed.emit(state)

    @contextmanager
    def running(self, session_id: str, model_id: str, *, is_sealed: bool) -> Iterator[None]:
        """A question is being answered for the time of the block."""
        entry = Running(next(self._numbers), session_id, model_id, self._clock(), is_sealed)
        self.update(running=(*self.state.running, entry))
        try:
            yield
        finally:
            self.update(running=tuple(r for r in self.state.running if r is not entry))

    def problem(self, text: str, session_id: str = "") -> None:
        """Note what went wrong; the same again only changes its time."""
        last = self._problems[-1] if self._problems else None
        if last is not None and (last.text, last.session_id) == (text, session_id):
            self._problems.pop()
        self._problems.append(Problem(self._clock(), text, session_id))
        self.update(problems=tuple(self._problems))
