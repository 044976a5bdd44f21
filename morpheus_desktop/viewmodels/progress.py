"""A session on its way: which steps are done, which one goes on, what can be done about it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QObject, Signal

from morpheus_desktop import format as fmt
from morpheus_desktop.ui_tasks import UiTasks
from router.consumer.records import Opening, OpeningStep
from router.events import Emitter

StepState = Literal["waiting", "working", "done", "failed"]
# What a step of the sequence is shown under.
SHOWN: dict[OpeningStep, int] = {"provider": 0, "permission": 1, "sending": 2, "confirming": 2}
OPEN = 3


class OpeningSource(Protocol):
    """What is needed of the node's sessions."""

    opening_changed: Emitter[Opening]

    async def agree(self, opening_id: int) -> Opening:
        """Go on with the worse quote."""
        ...

    async def retry(self, opening_id: int) -> Opening:
        """Try the failed step again."""
        ...


@dataclass(frozen=True)
class Step:
    """One line of the stepper."""

    title: str
    detail: str
    state: StepState


class ProgressViewModel(QObject):
    """Follows one opening.

    Signals:
        changed: another step. failed: an exception to show.
        opened: id of the session that is open now.
    """

    changed = Signal()
    failed = Signal(object)
    opened = Signal(str)

    def __init__(
        self,
        source: OpeningSource,
        opening: Opening,
        network: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.opening = opening
        self.network = network
        self._source = source
        self._clock = clock
        self._tasks = UiTasks(self.failed.emit)
        self._unsubscribe = source.opening_changed.subscribe(self._changed)

    async def close(self) -> None:
        """Stop listening; the opening goes on."""
        self._unsubscribe()
        await self._tasks.close()

    @property
    def busy(self) -> bool:
        """Whether an answer to what was asked is waited for."""
        return self._tasks.running("act")

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return max(self._clock() - self.opening.started_at, 0.0)

    @property
    def at(self) -> int:
        """The number of the step that goes on or failed; OPEN when all are done."""
        opening = self.opening
        if opening.step == "done":
            return OPEN
        if opening.step == "asked":
            return SHOWN["provider"]
        return SHOWN.get(opening.failed_at or opening.step, 0)

    def steps(self, amount: str) -> tuple[Step, ...]:
        """All steps; `amount` is the stake in words, rounded up."""
        opening, provider = self.opening, fmt.short_address(self.opening.quote.provider.address)
        needed = opening.quote.needs_permission or bool(opening.permission_tx)
        details = (
            (f"Asking {provider}", f"{provider} agreed, and its signature is right"),
            ("Your MOR token is asked to allow it", "Allowed")
            if needed
            else ("It is allowed already", "It was allowed already"),
            (self._opening_words(), "Mined"),
            ("Your message is saved and goes out first", "The session is open"),
        )
        titles = (
            "Provider signs an approval",
            f"Allow up to {amount}",
            f"Open the session on {self.network}",
            "Start chatting",
        )
        return tuple(
            Step(title, self._detail(number, details[number]), self._state(number))
            for number, title in enumerate(titles)
        )

    @property
    def staked_words(self) -> str:
        """What is staked at this moment, for the line below the title."""
        if self.opening.step == "done":
            return "staked"
        return "waiting for a block" if self.opening.open_tx else "nothing staked yet"

    def agree(self) -> None:
        """Go on with the worse quote that is shown."""
        self._act(self._source.agree)

    def retry(self) -> None:
        """Try the failed step again; what is done is not done twice."""
        self._act(self._source.retry)

    def _act(self, work: Callable[[int], Awaitable[Opening]]) -> None:
        if not self.busy:
            self._tasks.start("act", self._do(work))
            self.changed.emit()

    async def _do(self, work: Callable[[int], Awaitable[Opening]]) -> None:
        self._changed(await work(self.opening.id))

    def _changed(self, opening: Opening) -> None:
        if opening.id != self.opening.id:
            return
        was, self.opening = self.opening.step, opening
        self.changed.emit()
        if opening.step == "done" and was != "done":
            self.opened.emit(opening.session_id)

    def _state(self, number: int) -> StepState:
        at, step = self.at, self.opening.step
        if number < at or step == "done":
            return "done"
        if number > at or step in ("asked", "given_up"):
            return "waiting"
        return "failed" if step == "failed" else "working"

    def _detail(self, number: int, words: tuple[str, str]) -> str:
        state = self._state(number)
        return {"done": words[1], "working": words[0], "failed": "", "waiting": "Not started"}[
            state
        ]

    def _opening_words(self) -> str:
        confirming = self.opening.step == "confirming"
        return "Sent, waiting for a block" if confirming else "Tried once more, then sent"
