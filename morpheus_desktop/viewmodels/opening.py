"""Opening a session: how long, staked or paid, what it costs and gives back, and the steps of it.

Made when money is loaded (see router.money): it brings web3 along.
"""

import asyncio
import math
import re
import time
from collections.abc import Awaitable, Callable
from typing import Literal

from PySide6.QtCore import QObject, Signal

from morpheus_desktop.ui_tasks import UiTasks
from morpheus_desktop.viewmodels.market_rows import UNKNOWN, Reach
from router.consumer.records import Ending, Opening, Quote
from router.errors import BadRequest, MorpheusError, WalletLocked

SHORTEST_S = 300
LONGEST_S = 7 * 86_400
PRESETS = (900, 1800, 3600, 7200, 14_400, 28_800, 86_400)
# The slider counts in steps between the shortest and the longest, as a ruler of powers.
SLIDER_STEPS = 400
# Numbers follow a moving slider, but a node is not asked for every pixel of it.
ASK_AFTER_S = 0.12
# While somebody looks, the numbers are read again and the provider is asked again, that often.
FRESH_S, ASK_EVERY_S = 30.0, 15.0

Outcome = Literal["", "opened", "locked"]
_TYPED = re.compile(
    r"\s*(?:(\d{1,3})\s*d[a-z]*)?\s*(?:(\d{1,3})\s*h[a-z]*)?\s*(?:(\d{1,4})\s*(?:m[a-z]*)?)?\s*",
    re.ASCII | re.IGNORECASE,
)


class OpenSessionViewModel(QObject):
    """One session that is not opened yet.

    Signals:
        changed: show everything anew.
        finished: it is on its way (`opening`), or the wallet has to be unlocked first.

    Attributes:
        quote: what is agreed to by `confirm`; None while it is being read.
        other: the quote for the other way of paying.
        problem: why it cannot be opened as wished.
        reach: whether the provider answers.
        wrong_length: why what is typed is no length; empty when it is one.
        standby: MOR (wei) that may go into a session with the next provider when one fails,
            without asking; None while what is typed is no amount.

    Args:
        ask: the quote for so many seconds, paid directly or not.
        start: begins to open what was quoted.
        ping: asks the provider; seconds until it answered.
        longest: the longest session the network takes, in seconds.
    """

    changed = Signal()
    finished = Signal()

    def __init__(
        self,
        ask: Callable[[int, bool], Awaitable[Quote]],
        start: Callable[[Quote], Awaitable[Opening]],
        ping: Callable[[], Awaitable[float]],
        *,
        seconds: int = 3600,
        is_direct: bool = False,
        standby: int = 0,
        longest: int = LONGEST_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.quote: Quote | None = None
        self.other: Quote | None = None
        self.problem: MorpheusError | None = None
        self.reach: Reach = UNKNOWN
        self.opening: Opening | None = None
        self.outcome: Outcome = ""
        self.longest = longest
        self.seconds = min(max(seconds, SHORTEST_S), longest)
        self.is_direct = is_direct
        self.wrong_length = ""
        self.standby: int | None = standby
        self.signing = False
        self._reading = False
        self._ask = ask
        self._start = start
        self._ping = ping
        self._clock = clock
        self._tasks = UiTasks(self._went_wrong)

    async def close(self) -> None:
        """End what runs."""
        await self._tasks.close()

    @property
    def reading(self) -> bool:
        """Whether the numbers are not those of what is chosen yet."""
        return self._reading

    @property
    def blocked(self) -> str:
        """Why it cannot be confirmed now, in a sentence; empty when it can."""
        quote = self.quote
        if self.wrong_length:
            return self.wrong_length
        if self.problem is not None:
            return self.problem.message
        if quote is None or self.reading:
            return "The numbers are being read."
        if self.reach.state == "down":
            return "The provider does not answer."
        if self.lacks_mor:
            return "There is not enough MOR in the wallet."
        if self.lacks_coin:
            return "There is not enough ETH for the network fees."
        if self.standby is None:
            return "The amount for the next provider is not one."
        return ""

    @property
    def lacks_mor(self) -> int:
        """MOR that is missing, in wei."""
        quote = self.quote
        return max(quote.amount - quote.balance, 0) if quote is not None else 0

    @property
    def lacks_coin(self) -> int:
        """ETH that is missing for opening, in wei."""
        quote = self.quote
        return max(quote.network_fee - quote.coin, 0) if quote is not None else 0

    def ending(self, way: str) -> Ending | None:
        """What one way of ending gives back."""
        endings = self.quote.endings if self.quote is not None else ()
        return next((ending for ending in endings if ending.way == way), None)

    # What somebody wants

    def begin(self) -> None:
        """Read the numbers of what is chosen now, and keep them new."""
        self.problem, self._reading = None, True
        self._tasks.start("ask", self._read())
        if not self._tasks.running("keep asking"):
            self._tasks.start("keep asking", self._keep_asking())
        self.changed.emit()

    def ask_again(self) -> None:
        """Try again what did not work: the numbers, the provider."""
        self._tasks.cancel("keep asking")
        self.begin()

    def set_seconds(self, seconds: int) -> None:
        """Choose how long, within what the network takes."""
        wanted = min(max(seconds, SHORTEST_S), self.longest)
        was_wrong, self.wrong_length = self.wrong_length, ""
        if wanted != self.seconds:
            self.seconds, self.other = wanted, None
            self.begin()
        elif was_wrong:
            self.changed.emit()

    def type_length(self, text: str) -> None:
        """Choose a length that is being typed; while it is none, nothing can be confirmed."""
        try:
            seconds = parse_length(text, self.longest)
        except BadRequest as error:
            self.wrong_length = error.message
            self.changed.emit()
        else:
            self.set_seconds(seconds)

    def set_direct(self, on: bool) -> None:
        """Pay the provider out of the stake, or let the network pay."""
        if on != self.is_direct:
            self.is_direct = on
            self.quote, self.other = self.other, self.quote
            self.begin()

    def set_standby(self, limit: int | None) -> None:
        """Choose what may be put in without asking; it counts once this session is confirmed."""
        self.standby = limit
        self.changed.emit()

    def confirm(self) -> None:
        """Open it as it is shown."""
        if not self.blocked and not self.signing:
            self.signing = True
            self.changed.emit()
            self._tasks.start("open", self.open())

    async def open(self) -> None:
        """Open what was agreed to; also after the wallet was unlocked."""
        assert self.quote is not None, "nothing was agreed to"
        self.outcome = ""
        try:
            self.opening = await self._start(self.quote)
            self.outcome = "opened"
        except WalletLocked:
            self.outcome = "locked"
        except MorpheusError as error:
            self.problem = error
        finally:
            self.signing = False
            self.changed.emit()
        if self.outcome:
            self.finished.emit()

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(ASK_AFTER_S if self.quote is not None else 0)
            direct = self.is_direct
            self.quote = await self._ask(self.seconds, direct)
            self._reading = False
            self.changed.emit()
            self.other = await self._ask(self.seconds, not direct)
            self.changed.emit()
            await asyncio.sleep(FRESH_S)

    async def _keep_asking(self) -> None:
        while True:
            try:
                took = await self._ping()
            except MorpheusError as error:
                self.reach = Reach("down", why=error.message, at=self._clock())
            else:
                self.reach = Reach("up", max(round(took * 1000), 1), at=self._clock())
            self.changed.emit()
            await asyncio.sleep(ASK_EVERY_S)

    def _went_wrong(self, error: Exception) -> None:
        if not isinstance(error, MorpheusError):
            raise error
        self.problem, self._reading = error, False
        self.changed.emit()


def seconds_at(step: int, longest: int = LONGEST_S) -> int:
    """How long a place of the slider means; whole minutes."""
    grown: float = SHORTEST_S * (longest / SHORTEST_S) ** (step / SLIDER_STEPS)
    return min(max(round(grown / 60) * 60, SHORTEST_S), longest)


def step_of(seconds: int, longest: int = LONGEST_S) -> int:
    """The place of the slider for a length."""
    return round(SLIDER_STEPS * math.log(seconds / SHORTEST_S) / math.log(longest / SHORTEST_S))


def parse_length(text: str, longest: int = LONGEST_S) -> int:
    """Seconds from what people type: `90`, `45 min`, `1 h 30 m`, `2 d`. A bare number is minutes.

    Raises:
        BadRequest: it is no length, or shorter or longer than a session can be.
    """
    found = _TYPED.fullmatch(text.replace("\u00a0", " "))
    if found is None or not any(found.groups()):
        raise BadRequest("This is not a length.", hint="Write it like 45 min or 1 h 30 min.")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    seconds = days * 86_400 + hours * 3600 + minutes * 60
    if not SHORTEST_S <= seconds <= longest:
        raise BadRequest(f"A session lasts from 5 minutes to {length_words(longest)}.")
    return seconds


def length_words(seconds: int) -> str:
    """A length in words: `45 min`, `1 h`, `1 h 30 min`, `2 d`."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    parts = [(days, "d"), (hours, "h"), (rest // 60, "min")]
    return " ".join(f"{number}\u00a0{unit}" for number, unit in parts if number)
