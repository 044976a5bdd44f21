"""Asks models of the network through open sessions.

A session answers one question at a time; further ones wait, and are refused when that takes too
long. When the provider has lost the account's key, it is told once more and asked again, once.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import time
import weakref
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from router.backends.base import AnsweredBy, Event, Request, Started
from router.backends.openai_shapes import ChunkReader, chat_body
from router.consumer.evidence import Call, EvidenceLog, Stopwatch
from router.consumer.link import Link, Target
from router.consumer.trouble import CHOICES, trouble
from router.errors import (
    BackendError,
    BadRequest,
    Busy,
    MorpheusError,
    ProviderError,
    StorageError,
)
from router.morrpc.calls import Chunk
from router.morrpc.consumer import Peer
from router.morrpc.endings import Kind
from router.morrpc.errors import Refusal, RemoteRefusal, WireError
from router.morrpc.signing import Signer
from router.untrusted import one_line

GIVEN_S = 5.0  # between choosing a session and asking it
WAIT_S = 60.0  # for the question before it in the same session
# A provider whose node lags behind does not know a session that was just opened. Ours look for new
# ones every ten seconds.
UNKNOWN_TRIES, UNKNOWN_PAUSE_S = 7, 2.0
# The provider has no key of the account, or another one: a delegate's, or what a stranger left there.
KEY_LOST = (Refusal.USER_UNKNOWN, Refusal.BAD_SIGNATURE)
MOST_LINKS = 64
MOST_VALUES = 1 << 16  # of one vector

Asking = Callable[["Lease", Peer, Link], AsyncGenerator[Chunk, None]]


@dataclass(frozen=True)
class Lease:
    """The use of an open session.

    Args:
        target: its provider, and where it listens.
        signer: a grant of the wallet for this session.
        amount: MOR in the session, in wei.
        ends_at, seconds_left: by the clock of the chain's blocks, which need not be ours.
        using: entered for the time of an answer, so that the signer stays.
        peer: the provider's key, None when it has to be learned anew.
    """

    session_id: str
    bid_id: str
    model_id: str
    model_name: str
    target: Target
    signer: Signer
    price_per_second: int
    amount: int
    ends_at: int
    seconds_left: int
    is_direct: bool = False
    using: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
    peer: Peer | None = None

    @property
    def provider(self) -> str:
        """Address of the provider."""
        return self.target.provider

    @property
    def name(self) -> str:
        """For people: the model and the provider."""
        short = f"{self.provider[:6]}…{self.provider[-4:]}"
        return f"{one_line(self.model_name) or 'A model'} at {short}"


class SessionSource(Protocol):
    """Who knows the open sessions: router.consumer.sessions."""

    async def lease(
        self, model: str, without: Collection[str] = (), busy: Collection[str] = ()
    ) -> Lease | None:
        """The best open session of a model, or the one that "session:0x…" names.

        Args:
            without: addresses of providers that are not wanted.
            busy: ids of sessions that come last, because they answer another question.
        """
        ...

    async def learned(self, lease: Lease, peer: Peer) -> None:
        """Keep the provider's key; the next lease of the session has it."""
        ...

    async def answered(self, lease: Lease, call: Call) -> None:
        """Count an answer that is whole."""
        ...


class RemoteBackend:
    """Open sessions as a Backend, and what only the HTTP interface needs.

    Args:
        link: makes the connection side of a session for a signer.
    """

    def __init__(
        self,
        sessions: SessionSource,
        evidence: EvidenceLog,
        link: Callable[[Signer], Link],
        *,
        wait_s: float = WAIT_S,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sessions = sessions
        self._evidence = evidence
        self._make_link = link
        self._wait_s = wait_s
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._links: OrderedDict[str, tuple[Signer, Link]] = OrderedDict()
        self._given: dict[str, float] = {}  # who was told of a session will ask it, until then
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def lease(self, model: str, without: Collection[str] = ()) -> Lease:
        """The session for a model: one that answers nobody now, if there is any.

        Raises:
            ProviderError: "no_session": none is open.
        """
        while True:
            busy = self._in_use()
            lease = await self._sessions.lease(model, without, busy)
            if lease is None:
                raise ProviderError(
                    "No session is open for this model.",
                    code="no_session",
                    safe="Your question is kept. Nothing was sent, and nothing was paid.",
                    hint="Open a session in the market, or ask the local model.",
                    choices=("open", "local"),
                )
            if lease.session_id in busy or lease.session_id not in self._in_use():
                self._given[lease.session_id] = self._clock() + GIVEN_S
                return lease
            # Somebody else chose the same meanwhile.

    def _in_use(self) -> set[str]:
        """Ids of sessions that answer a question, or are about to."""
        now = self._clock()
        self._given = {key: until for key, until in self._given.items() if now < until}
        return {key for key, lock in self._locks.items() if lock.locked()} | set(self._given)

    async def complete(self, request: Request) -> AsyncGenerator[Event, None]:
        """Stream one answer; see Backend.

        Raises:
            ProviderError, Busy, BadRequest
        """
        async with contextlib.aclosing(
            self.answer(await self.lease(request.model), request)
        ) as events:
            async for event in events:
                yield event

    async def answer(self, lease: Lease, request: Request) -> AsyncGenerator[Event, None]:
        """Stream the answer of one session. Before its first word it has not Started.

        Raises:
            As complete.
        """
        message = _text_of(chat_body(replace(request, model="")))
        yield AnsweredBy(
            "remote",
            one_line(lease.model_name),
            lease.provider,
            lease.session_id,
            lease.price_per_second,
            lease.is_direct,
        )
        reader, watch = ChunkReader(), self._watch(lease)
        async with self._noting(lease, watch) as noting:
            async with contextlib.aclosing(self._prompt(lease, message, Kind.CHAT)) as chunks:
                async for chunk in chunks:
                    if (delta := reader.read(chunk.value)) is None:
                        continue
                    if not noting.began:
                        noting.began = True
                        yield Started(0, 0)
                    watch.token()
                    yield delta
        if not noting.began:
            yield Started(0, 0)
        for event in reader.end(watch.first_token_s, watch.total_s):
            yield event

    async def complete_raw(
        self, model: str, body: Mapping[str, Any], kind: Kind = Kind.CHAT
    ) -> AsyncGenerator[Any, None]:
        """The objects of an answer as they came, for a body as it came.

        Raises:
            As complete.
        """
        lease = await self.lease(model)
        typed = body if kind is Kind.CHAT else {**body, "type": kind.value}
        async with self._raw(lease, self._prompt(lease, _text_of(typed), kind), kind) as values:
            async for value in values:
                yield value

    async def transcribe(
        self, model: str, audio: bytes, content_type: str, params: Mapping[str, Any]
    ) -> AsyncGenerator[Any, None]:
        """The objects or texts that a recording says; it is sent in pieces.

        Raises:
            As complete.
        """
        lease = await self.lease(model)
        text = _text_of({**params, "type": Kind.TRANSCRIPTION.value})

        def ask(lease: Lease, peer: Peer, link: Link) -> AsyncGenerator[Chunk, None]:
            return link.transcribe(lease.target, peer, lease.session_id, audio, content_type, text)

        asked = self._asked(lease, ask)
        async with self._raw(lease, asked, Kind.TRANSCRIPTION) as values:
            async for value in values:
                yield value

    async def speak(self, model: str, body: Mapping[str, Any]) -> AsyncGenerator[bytes, None]:
        """The sound of a text, piece by piece.

        Raises:
            As complete.
        """
        pieces = self.complete_raw(model, body, Kind.SPEECH)
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                try:
                    yield base64.b64decode(piece, validate=True)
                except (binascii.Error, ValueError, TypeError) as error:
                    raise _unknown() from error

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """Vectors for texts; see Backend."""
        body = {"input": texts, "encoding_format": "float"}
        async with contextlib.aclosing(self.complete_raw(model, body, Kind.EMBEDDINGS)) as values:
            async for value in values:
                return vectors_of(value, len(texts)), tokens_of(value)
        raise _unknown()

    def _prompt(self, lease: Lease, message: str, kind: Kind) -> AsyncGenerator[Chunk, None]:
        def ask(lease: Lease, peer: Peer, link: Link) -> AsyncGenerator[Chunk, None]:
            return link.prompt(lease.target, peer, lease.session_id, message, kind)

        return self._asked(lease, ask)

    @contextlib.asynccontextmanager
    async def _raw(
        self, lease: Lease, chunks: AsyncGenerator[Chunk, None], kind: Kind
    ) -> AsyncGenerator[AsyncGenerator[Any, None], None]:
        values = self._values(lease, chunks, kind)
        async with contextlib.aclosing(values):
            yield values

    async def _values(
        self, lease: Lease, chunks: AsyncGenerator[Chunk, None], kind: Kind
    ) -> AsyncGenerator[Any, None]:
        reader, watch = ChunkReader(), self._watch(lease)
        async with self._noting(lease, watch) as noting, contextlib.aclosing(chunks):
            async for chunk in chunks:
                noting.began = True
                if kind is not Kind.CHAT or _says(reader, chunk.value):
                    watch.token()
                yield chunk.value

    async def _asked(self, lease: Lease, ask: Asking) -> AsyncGenerator[Chunk, None]:
        """The pieces of an answer, when it is this question's turn.

        What may be asked again is asked again, as long as nothing came.
        """
        async with self._turn(lease):
            link = self._link(lease)
            peer = lease.peer or await self._meet(lease, link)
            may_meet, tries = lease.peer is not None, UNKNOWN_TRIES
            while True:
                came = False
                try:
                    async with contextlib.aclosing(ask(lease, peer, link)) as chunks:
                        async for chunk in chunks:
                            came = True
                            yield chunk
                    return
                except RemoteRefusal as error:
                    tries -= 1
                    if came or not tries:
                        raise
                    if error.refusal in KEY_LOST and may_meet:
                        may_meet = False
                        peer = await self._meet(lease, link)
                    elif error.refusal is Refusal.SESSION_UNKNOWN:
                        await self._sleep(UNKNOWN_PAUSE_S)
                    else:
                        raise

    async def _meet(self, lease: Lease, link: Link) -> Peer:
        """Tell the provider the account's key, and learn its own."""
        sealed = lease.peer is not None and lease.peer.seals
        opened = await link.request_session(lease.target, lease.bid_id, lease.amount, sealed=sealed)
        peer = opened.peer
        await self._sessions.learned(lease, peer)
        return peer

    @contextlib.asynccontextmanager
    async def _turn(self, lease: Lease) -> AsyncGenerator[None, None]:
        lock = self._locks.setdefault(lease.session_id, asyncio.Lock())
        try:
            async with asyncio.timeout(self._wait_s):
                await lock.acquire()
        except TimeoutError as error:
            raise Busy(
                "This session is answering another question.",
                safe="Your question is kept.",
                hint="Wait until that answer is complete, or stop it, then try again.",
            ) from error
        self._given.pop(lease.session_id, None)
        try:
            with lease.using():
                yield
        finally:
            lock.release()

    def _link(self, lease: Lease) -> Link:
        """The connection side of a session; it remembers which answers came before."""
        known = self._links.get(lease.session_id)
        if known is None or known[0] is not lease.signer:
            known = lease.signer, self._make_link(lease.signer)
            self._links[lease.session_id] = known
        self._links.move_to_end(lease.session_id)
        if len(self._links) > MOST_LINKS:
            self._links.popitem(last=False)
        return known[1]

    def _watch(self, lease: Lease) -> Stopwatch:
        return Stopwatch(lease.provider, lease.model_id, clock=self._clock, now=self._now)

    @contextlib.asynccontextmanager
    async def _noting(self, lease: Lease, watch: Stopwatch) -> AsyncGenerator["_Noting", None]:
        """Count what happens to a call, and say it in words for people.

        Who stops it says nothing of the provider, nor does its model's own refusal.
        """
        noting = _Noting()
        try:
            yield noting
        except (WireError, RemoteRefusal, BackendError) as error:
            told = trouble(error, began=noting.began)
            await self._evidence.note(watch.over(told.message))
            raise told from error
        except (Busy, BadRequest):
            raise
        except MorpheusError as error:
            raise trouble(error, began=noting.began) from error
        call = watch.over()
        await self._evidence.note(call)
        with contextlib.suppress(StorageError):  # the answer is there: that is what counts
            await self._sessions.answered(lease, call)


@dataclass
class _Noting:
    """Whether anything of the answer came."""

    began: bool = False


def _says(reader: ChunkReader, value: Any) -> bool:
    """Whether there is text in an object; one of an unknown form is passed on and counts."""
    try:
        return reader.read(value) is not None
    except BackendError:
        return True


def _text_of(body: Mapping[str, Any]) -> str:
    """The body of a request as it goes out."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def vectors_of(value: Any, count: int) -> list[list[float]]:
    """The vectors in an answer, in the order of the texts.

    Raises:
        ProviderError: they are not as many as the texts, or no numbers.
    """
    rows = value.get("data") if isinstance(value, dict) else None
    if not isinstance(rows, list) or len(rows) != count:
        raise _unknown()
    found: dict[int, list[float]] = {}
    for position, row in enumerate(rows):
        vector = row.get("embedding") if isinstance(row, dict) else None
        if not isinstance(vector, list) or not 0 < len(vector) <= MOST_VALUES:
            raise _unknown()
        if not all(type(number) in (int, float) for number in vector):
            raise _unknown()
        index = row.get("index", position)
        found[index if type(index) is int else position] = [float(number) for number in vector]
    if sorted(found) != list(range(count)):
        raise _unknown()
    return [found[index] for index in range(count)]


def tokens_of(value: Any) -> int:
    """The tokens that vectors took, as the provider says; 0 when it says nothing possible."""
    usage = value.get("usage") if isinstance(value, dict) else None
    tokens = usage.get("prompt_tokens", 0) if isinstance(usage, dict) else 0
    return tokens if type(tokens) is int and 0 <= tokens < 2**31 else 0


def _unknown() -> ProviderError:
    return ProviderError(
        "The provider's answer has a form that is not known.",
        code="provider_bad_message",
        safe="Your session and its stake are as they were.",
        hint="Try again, or choose another provider.",
        choices=CHOICES,
    )
