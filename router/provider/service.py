"""Answers one request: looks at who asks and for which session, asks the model, passes it on."""

import asyncio
import logging
import time
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from router.backends.raw import ModelSaid, RawBackend, Recording
from router.errors import BackendError, MorpheusError
from router.morrpc.approvals import Report
from router.morrpc.errors import Fault, WireError
from router.morrpc.messages import (
    CallTool,
    GetTools,
    Params,
    Ping,
    Prompt,
    ReportRequest,
    SessionRequest,
    UploadChunk,
    UploadEnd,
    UploadStart,
)
from router.morrpc.provider import Answering
from router.morrpc.signing import address_of, checked_key
from router.provider.answers import Exchange, read_payload
from router.provider.capacity import Capacity
from router.provider.checks import Checks
from router.provider.ledger import Ledger, ServedSession
from router.provider.live import Live
from router.provider.models_config import ModelConfig, ModelsFile
from router.provider.refused import Refused
from router.provider.uploads import Uploads

log = logging.getLogger(__name__)

# One question of a session at a time; so many more may wait, for so long.
MOST_WAITING = 4
WAIT_S = 80.0
# From so many bytes on, sealing takes longer than the loop may be kept.
LARGE = 64 * 1024
# The contract reads the figures of a report as signed numbers of 32 bits.
HIGHEST_FIGURE = 2**31 - 1

FAILED = "the provider cannot answer now"

AsksOfSession = Prompt | ReportRequest | UploadStart | UploadChunk | UploadEnd


@dataclass
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


@dataclass(frozen=True)
class Parts:
    """What the service works with."""

    ledger: Ledger
    capacity: Capacity
    checks: Checks
    models: ModelsFile
    uploads: Uploads
    live: Live
    backend_of: Callable[[ModelConfig], RawBackend]


class Service:
    """Answers requests; one for all connections.

    Args:
        skew_s: by which the clock of a consumer may differ.
        now: seconds since 1970.
    """

    def __init__(
        self,
        parts: Parts,
        chain_id: int,
        version: str,
        *,
        skew_s: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._parts = parts
        self._chain_id = chain_id
        self._version = version
        self._skew_s = skew_s
        self._now = now
        self._turns: dict[str, _Turn] = {}

    async def answer(
        self, answering: Answering, params: Params, visitor: str
    ) -> AsyncGenerator[bytes, None]:
        """What is to be written, one `write` each. Closing it ends the work for it at once.

        Args:
            visitor: who asks, see `router.provider.door`.
        """
        try:
            async with aclosing(self._answer(answering, params, visitor)) as pieces:
                async for piece in pieces:
                    yield piece
        except Refused as refused:
            if refused.problem:
                self._parts.live.problem(refused.problem)
            yield answering.refuse(refused.words)
        except WireError as error:
            yield answering.refuse(error)
        except MorpheusError as error:
            log.warning("a request was not answered: %s", error)
            self._parts.live.problem(error.message)
            yield answering.refuse(FAILED)
        except Exception as error:  # noqa: BLE001 - a mistake of ours that a stranger can repeat
            # Neither the text of the error nor its frames are logged: they can hold the stranger's.
            log.error("a request was not answered: %s", _place_of(error))
            self._parts.live.problem("A request was not answered, because of a mistake in the app.")
            yield answering.refuse(FAILED)

    def _answer(
        self, answering: Answering, params: Params, visitor: str
    ) -> AsyncGenerator[bytes, None]:
        match params:
            case Ping():
                return _one(answering.pong(self._version))
            case SessionRequest():
                return self._approve(answering, params, visitor)
            case Prompt() | UploadEnd():
                return self._prompt(answering, params, visitor)
            case ReportRequest():
                return self._report(answering, params, visitor)
            case UploadStart() | UploadChunk():
                return self._upload(answering, params, visitor)
            case GetTools() | CallTool():
                raise Refused("agents are not offered by this provider")
            case _:
                raise WireError(Fault.UNKNOWN_METHOD)

    # Sessions

    async def _approve(
        self, answering: Answering, asked: SessionRequest, visitor: str
    ) -> AsyncGenerator[bytes, None]:
        checks = self._parts.checks
        key = checked_key(asked.key)
        # First what does not make us remember the request: keys cost nothing.
        own = await self._parts.ledger.open_sessions(self._now(), asked.user)
        bid = await checks.bid(
            asked.bid_id, visitor, is_in_use=any(s.bid_id == asked.bid_id for s in own)
        )
        model = self._model(bid.model_id)
        if not await checks.speaks_for(address_of(key), asked.user, visitor):
            raise Refused("invalid signature: the key is not of the user")
        await self._verify(answering, key)
        served = sum(session.model_id == bid.model_id for session in own)
        has_slot = await self._parts.capacity.reserve(
            model, asked.user, bid.id, visitor, served=served
        )
        if own or has_slot:
            await self._parts.ledger.set_key(asked.user, key)
        if not has_slot:
            raise Refused("no capacity")
        yield answering.approve(self._chain_id)

    async def _report(
        self, answering: Answering, asked: ReportRequest, visitor: str
    ) -> AsyncGenerator[bytes, None]:
        session = await self._parts.checks.session(asked.session_id, visitor)
        await self._check(answering, session, visitor)
        served = await self._parts.ledger.served(session.id)
        report = Report(
            session_id=session.id,
            chain_id=self._chain_id,
            timestamp_ms=int(self._now() * 1000),
            tps_scaled_1000=min(served.tps_scaled_1000, HIGHEST_FIGURE),
            ttft_ms=min(served.ttft_ms, HIGHEST_FIGURE),
            input_tokens=min(served.input_tokens, HIGHEST_FIGURE),
            output_tokens=min(served.output_tokens, HIGHEST_FIGURE),
        )
        yield answering.report(report)

    async def _opened(
        self, answering: Answering, asked: AsksOfSession, visitor: str
    ) -> ServedSession:
        """The open session that a request is about, once it is sure who asks.

        Raises:
            Refused, WireError
        """
        session = await self._parts.checks.open_session(asked.session_id, visitor)
        await self._check(answering, session, visitor)
        return session

    async def _check(self, answering: Answering, session: ServedSession, visitor: str) -> None:
        checks = self._parts.checks
        key = await self._parts.ledger.key_of(session.user)
        if key is None or not await checks.speaks_for(address_of(key), session.user, visitor):
            raise Refused("user not found")
        await self._verify(answering, key)

    async def _verify(self, answering: Answering, key: bytes) -> None:
        """Refuse what was not signed with the key, and what came before, if before a restart too.

        Raises:
            WireError
        """
        await asyncio.to_thread(lambda: answering.digest)  # a megabyte takes too long for the loop
        answering.check(key)
        until_s = self._now() + 2 * self._skew_s
        if not await self._parts.ledger.is_new(answering.digest, until_s):
            raise WireError(Fault.REPLAYED)

    def _model(self, model_id: str) -> ModelConfig:
        model = self._parts.models.current.get(model_id)
        if model is None:
            text = f"A consumer asked for model {model_id}, which models-config.json does not name."
            raise Refused("failed to get adapter: this model is not served now", text)
        return model

    # Questions

    async def _upload(
        self, answering: Answering, asked: UploadStart | UploadChunk, visitor: str
    ) -> AsyncGenerator[bytes, None]:
        session = await self._opened(answering, asked, visitor)
        if isinstance(asked, UploadStart):
            await self._parts.uploads.start(
                session.id,
                asked.stream_id,
                asked.total_chunks,
                asked.file_size,
                asked.content_type,
            )
            yield answering.upload_started()
        else:
            data = await asyncio.to_thread(asked.data)
            await self._parts.uploads.add(session.id, asked.stream_id, asked.index, data)
            yield answering.upload_received()

    async def _prompt(
        self, answering: Answering, asked: Prompt | UploadEnd, visitor: str
    ) -> AsyncGenerator[bytes, None]:
        session = await self._opened(answering, asked, visitor)
        async with self._turn(session.id):
            # The turn may have come when its time was over.
            session = await self._parts.checks.open_session(session.id, visitor)
            if isinstance(asked, Prompt):
                answers = self._exchange(answering, session, asked.message)
                async with aclosing(answers):
                    async for piece in answers:
                        yield piece
                return
            finished = self._parts.uploads.finished(session.id, asked.stream_id)
            async with finished as recording:
                answers = self._exchange(answering, session, asked.params, recording)
                async with aclosing(answers):
                    async for piece in answers:
                        yield piece

    async def _exchange(
        self,
        answering: Answering,
        session: ServedSession,
        text: str,
        recording: Recording | None = None,
    ) -> AsyncGenerator[bytes, None]:
        # Parts by the thousand can be in it: too many to be read and counted on the loop.
        exchange = await asyncio.to_thread(lambda: Exchange(read_payload(text, recording)))
        model = self._model(session.model_id)
        live, ledger = self._parts.live, self._parts.ledger
        await ledger.note_activity(session.id)
        with live.running(session.id, model.model_id, is_sealed=answering.was_sealed):
            try:
                async with aclosing(exchange.pieces(self._parts.backend_of(model))) as pieces:
                    async for piece in pieces:
                        yield await _sealed(answering, piece)
            except ModelSaid as error:
                yield answering.model_error(error.body)
            except BackendError as error:
                live.problem(error.message, session.id)
                yield answering.refuse("failed to prompt: the model did not finish its answer")
            finally:
                await self._count(session, exchange)

    async def _count(self, session: ServedSession, exchange: Exchange) -> None:
        """Add what was answered, also to somebody who left in the middle."""
        if exchange.first_ms is None:
            return
        ledger = self._parts.ledger
        await ledger.add_answer(
            session.id, exchange.tokens, total_s=exchange.total_s, first_ms=exchange.first_ms
        )
        self._parts.live.update(served=await ledger.served())

    @asynccontextmanager
    async def _turn(self, session_id: str) -> AsyncIterator[None]:
        """Wait until the session's other questions were answered.

        Raises:
            Refused: too many wait, or for too long.
        """
        turn = self._turns.setdefault(session_id, _Turn())
        if turn.wanted > MOST_WAITING:
            raise Refused("session is busy with other questions")
        turn.wanted += 1
        try:
            try:
                async with asyncio.timeout(WAIT_S):
                    await turn.lock.acquire()
            except TimeoutError:
                raise Refused("session is busy with another question") from None
            try:
                yield
            finally:
                turn.lock.release()
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                self._turns.pop(session_id, None)


async def _sealed(answering: Answering, piece: bytes) -> bytes:
    """A piece for the consumer alone; large ones are sealed beside the loop."""
    if len(piece) > LARGE:
        return await asyncio.to_thread(answering.chunk, piece)
    return answering.chunk(piece)


def _place_of(error: Exception) -> str:
    """What kind of error it is, and where it was raised."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}"


async def _one(piece: bytes) -> AsyncGenerator[bytes, None]:
    yield piece
