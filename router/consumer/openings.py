"""All openings of one account on one network: what runs, what waits for the user, what is over.

Of one account, one at a time is carried out until it is sent, because they share one permission.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from router.chain.crash_points import reach
from router.consumer.book import Begun
from router.consumer.brought import Brought, open_brought
from router.consumer.mined import DEAD
from router.consumer.opening_steps import Steps, Tools
from router.consumer.records import Opening, OpeningStep, Quote
from router.consumer.turns import Turn
from router.errors import BadRequest, Busy, MorpheusError, NotFound
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
        self._turns: dict[str, Turn] = {}
        self._deciding: dict[int, asyncio.Lock] = {}
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

    async def open(self, quote: Quote, wish: str = "", *, unasked: bool = False) -> Opening:
        """Begin to open a session as shown; everything else happens by itself, see `done`.

        Args:
            wish: a name for it that is new, see `wished`.
            unasked: it is given up by itself where another one would wait for the user.

        Raises:
            BadRequest: the quote is not of this account and network.
            StorageError: it could not be written down; nothing was done.
        """
        address = self._address()
        if (quote.chain_id, quote.user) != (self._tools.market.chain.chain_id, address):
            raise BadRequest(
                "This was shown for another account or another network.",
                code="other_account",
                safe="Nothing was sent.",
                hint="Look at what the session costs with the account and network of now.",
            )
        begun = await self._tools.book.begin(address, quote, wish, unasked=unasked)
        reach("opening_begun")
        self._tell(begun)
        self._walk(begun)
        return begun.opening

    async def open_brought(self, brought: Brought, key: str = "") -> str:
        """Open a session with an approval that is there already. As `open_brought`."""
        async with self._turn(self._address()).taken():
            return await open_brought(self._tools, self._address(), brought, key)

    async def wished(self, wish: str) -> Opening | None:
        """The opening that was given this name, also one of long ago.

        Raises:
            StorageError
        """
        found = await self._tools.book.wished(self._address(), wish)
        return None if found is None else self._begun.setdefault(found.opening.id, found).opening

    async def done(self, opening_id: int) -> Opening:
        """Wait until it is over, or waits for the user.

        Raises:
            NotFound
        """
        while (walk := self._walking(opening_id)) is not None:
            await asyncio.wait([walk])
        return self._found(opening_id).opening

    async def agree(self, opening_id: int) -> Opening:
        """Go on with the quote of now, which is worse than what was shown first.

        Raises:
            Busy: it does not wait for that.
            NotFound, StorageError
        """
        async with self._decision(opening_id):
            begun = self._standing(opening_id, "asked")
            # What the permission took belonged to the quote that is replaced.
            return await self._go_on(begun, quote=begun.opening.worse, worse=None, permission_tx=0)

    async def retry(self, opening_id: int) -> Opening:
        """Go on with what failed or was interrupted, where it stands.

        Raises:
            Busy: it does not wait for that.
            NotFound, StorageError
        """
        async with self._decision(opening_id):
            return await self._go_on(self._standing(opening_id, "failed"))

    async def give_up(self, opening_id: int) -> Opening:
        """End it; what the marketplace may take stays until it is taken back.

        Raises:
            Busy: it was sent, so it may come true.
            NotFound, StorageError
        """
        async with self._decision(opening_id):
            begun = self._found(opening_id)
            if begun.opening.is_over:
                raise _not_waiting()
            if (walk := self._walking(opening_id)) is not None:
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

    def _decision(self, opening_id: int) -> asyncio.Lock:
        """What the user wants of an opening is done one after the other, not twice."""
        return self._deciding.setdefault(opening_id, asyncio.Lock())

    def _standing(self, opening_id: int, step: OpeningStep) -> Begun:
        """An opening that stands still at a step, or where nobody goes on with it.

        Raises:
            Busy: it does not.
            NotFound
        """
        begun = self._found(opening_id)
        found = begun.opening.step if begun.opening.step in STILL else "failed"
        if found != step or self._walking(opening_id) is not None:
            raise _not_waiting()
        return begun

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

    def _walk(self, begun: Begun, how: Walk | None = None) -> None:
        opening_id = begun.opening.id
        turn = self._turn(begun.user)
        carried = self._carry_out(opening_id, how or (lambda steps: steps.run(turn)))
        self._walks[opening_id] = self._tasks.spawn(f"open a session ({opening_id})", carried)

    def _turn(self, user: str) -> Turn:
        return self._turns.setdefault(user, Turn())

    async def _carry_out(self, opening_id: int, how: Walk) -> None:
        try:
            steps = Steps(self._tools, self._begun[opening_id], self._tell)
            await how(steps)
            if _is_left(steps.opening) and await steps.sent() is None:
                await self._set(steps.begun, step="given_up", worse=None)
        except Exception as error:
            self._stand_still(opening_id, error)
            raise

    def _walking(self, opening_id: int) -> asyncio.Task[None] | None:
        """Who goes on with it now; one that was cancelled before its first step too is over."""
        walk = self._walks.get(opening_id)
        return None if walk is None or walk.done() else walk

    def _stand_still(self, opening_id: int, error: Exception) -> None:
        """What nobody foresaw, or could write down: it is told, and can be tried again."""
        begun = self._begun[opening_id]
        told = error if isinstance(error, MorpheusError) else _unforeseen()
        opening = replace(begun.opening, step="failed", failed_at=begun.opening.step, error=told)
        self._tell(replace(begun, opening=opening))

    def _tell(self, begun: Begun) -> None:
        self._begun[begun.opening.id] = begun
        self.changed.emit(begun.opening)

    def _found(self, opening_id: int) -> Begun:
        begun = self._begun.get(opening_id)
        if begun is None or begun.user != self._address():
            raise NotFound("There is no such opening.")
        return begun


def _unforeseen() -> MorpheusError:
    return MorpheusError(
        "Opening this session came to an end that nobody foresaw.",
        safe="What was sent before is in the list of transactions; no more is sent without you.",
        hint="Try again: what was sent is found first.",
    )


def _is_left(opening: Opening) -> bool:
    """Whether it would wait for a user who never asked for it."""
    return opening.unasked and opening.step in ("asked", "failed")


def _not_waiting() -> Busy:
    return Busy("This opening does not wait for that.", safe="Nothing was changed.")
