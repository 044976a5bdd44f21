"""All openings of one account on one network: what runs, what waits for the user, what is over.

One is carried out at a time, because they share one permission.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from router.chain.crash_points import reach
from router.consumer.book import Begun
from router.consumer.mined import DEAD
from router.consumer.opening_steps import Steps, Tools
from router.consumer.records import Opening, OpeningStep, Quote
from router.errors import Busy, NotFound
from router.events import Emitter
from router.tasks import Tasks

Walk = Callable[[Steps], Awaitable[None]]

# In these nothing happens until the user says what.
STILL: frozenset[OpeningStep] = frozenset({"asked", "failed", "done", "given_up"})
GIVEN_UP = "You gave up opening this session."


class Openings:
    """The openings. `load` them first; `close` at the end.

    `changed` tells of each step once it is written down.

    Args:
        address: the account; empty without a wallet.
    """

    def __init__(self, tools: Tools, address: Callable[[], str]) -> None:
        self.changed: Emitter[Opening] = Emitter()
        self._tools = tools
        self._address = address
        self._begun: dict[int, Begun] = {}
        self._walks: dict[int, asyncio.Task[None]] = {}
        self._one_at_a_time = asyncio.Lock()
        self._tasks = Tasks()

    @property
    def all(self) -> tuple[Opening, ...]:
        """Those of the account, newest first; of those that are over only the last."""
        address = self._address()
        found = [begun.opening for begun in self._begun.values() if begun.user == address]
        return tuple(sorted(found, key=lambda opening: -opening.id))

    async def load(self) -> None:
        """Read what an earlier run began: what was sent is followed, all else waits for the user.

        Nothing is signed here. A signature of a provider that was not used is dropped.

        Raises:
            StorageError
        """
        for begun in await self._tools.book.begun(self._address()):
            if begun.opening.id not in self._begun:
                self._begun[begun.opening.id] = begun
                if begun.opening.step not in STILL or _is_left(begun.opening):
                    self._walk(begun, Steps.resume)

    async def close(self) -> None:
        """Stop; what was sent is followed at the next start."""
        await self._tasks.close()

    # What the user wants

    async def open(self, quote: Quote, *, unasked: bool = False) -> Opening:
        """Begin to open a session as shown; everything else happens by itself, see `done`.

        Args:
            unasked: it is given up by itself where another one would wait for the user.

        Raises:
            StorageError: it could not be written down; nothing was done.
        """
        begun = await self._tools.book.begin(self._address(), quote, unasked=unasked)
        reach("opening_begun")
        self._tell(begun)
        self._walk(begun)
        return begun.opening

    async def done(self, opening_id: int) -> Opening:
        """Wait until it is over, or waits for the user.

        Raises:
            NotFound
        """
        while (walk := self._walks.get(opening_id)) is not None:
            await asyncio.wait([walk])
        return self._found(opening_id).opening

    async def agree(self, opening_id: int) -> Opening:
        """Go on with the quote of now, which is worse than what was shown first.

        Raises:
            Busy: it does not wait for that.
            NotFound, StorageError
        """
        begun = self._found(opening_id)
        if begun.opening.worse is None or begun.opening.step != "asked":
            raise _not_waiting()
        # What the permission took belonged to the quote that is replaced.
        return await self._go_on(begun, quote=begun.opening.worse, worse=None, permission_tx=0)

    async def retry(self, opening_id: int) -> Opening:
        """Go on with what failed or was interrupted, where it stands.

        Raises:
            Busy: it does not wait for that.
            NotFound, StorageError
        """
        begun = self._found(opening_id)
        if begun.opening.step != "failed":
            raise _not_waiting()
        return await self._go_on(begun)

    async def give_up(self, opening_id: int) -> Opening:
        """End it; what the marketplace may take stays until it is taken back.

        Raises:
            Busy: it was sent, so it may come true.
            NotFound, StorageError
        """
        begun = self._found(opening_id)
        if begun.opening.is_over:
            raise _not_waiting()
        if (walk := self._walks.get(opening_id)) is not None:
            walk.cancel()
            await asyncio.wait([walk])
            begun = self._found(opening_id)
        sent = await Steps(self._tools, begun, self._tell).sent()
        if sent is not None and not await self._is_held_back(sent.id):
            self._walk(begun)
            raise Busy(
                "The session is being opened: its transaction was sent.",
                safe="Your MOR is in the session once it is confirmed.",
                hint="Wait for it and close the session, or cancel the transaction.",
            )
        return (await self._set(begun, step="given_up", worse=None)).opening

    def leave(self, opening_id: int) -> None:
        """Give one up for which nobody waits any more; what was sent is followed to its end."""
        self._tasks.spawn(f"leave an opening ({opening_id})", self._left(opening_id))

    async def _left(self, opening_id: int) -> None:
        with suppress(Busy, NotFound):
            await self.give_up(opening_id)

    async def _is_held_back(self, tx_id: int) -> bool:
        """Whether no node ever got a transaction, so that it never comes true now."""
        journal = self._tools.transactions.journal
        if await journal.give_up(tx_id, GIVEN_UP):
            self._tools.transactions.changed.emit(await journal.get(tx_id))
            return True
        return (await journal.get(tx_id)).state in DEAD

    # Carrying out

    async def _go_on(self, begun: Begun, **values: object) -> Opening:
        begun = await self._set(begun, step="provider", error=None, failed_at=None, **values)
        self._walk(begun)
        return begun.opening

    async def _set(self, begun: Begun, **values: object) -> Begun:
        opening = replace(begun.opening, **values)  # type: ignore[arg-type]
        begun = await self._tools.book.keep(replace(begun, opening=opening))
        self._tell(begun)
        return begun

    def _walk(self, begun: Begun, how: Walk = Steps.run) -> None:
        opening_id = begun.opening.id
        task = self._tasks.spawn(f"open a session ({opening_id})", self._carry_out(begun, how))
        self._walks[opening_id] = task

    async def _carry_out(self, begun: Begun, how: Walk) -> None:
        try:
            async with self._one_at_a_time:
                steps = Steps(self._tools, begun, self._tell)
                await how(steps)
                if _is_left(steps.opening) and await steps.sent() is None:
                    await self._set(steps.begun, step="given_up", worse=None)
        finally:
            self._walks.pop(begun.opening.id, None)

    def _tell(self, begun: Begun) -> None:
        self._begun[begun.opening.id] = begun
        self.changed.emit(begun.opening)

    def _found(self, opening_id: int) -> Begun:
        begun = self._begun.get(opening_id)
        if begun is None or begun.user != self._address():
            raise NotFound("There is no such opening.")
        return begun


def _is_left(opening: Opening) -> bool:
    """Whether it would wait for a user who never asked for it."""
    return opening.unasked and opening.step in ("asked", "failed")


def _not_waiting() -> Busy:
    return Busy("This opening does not wait for that.", safe="Nothing was changed.")
