"""Models of the network for clients: which are open, which one a request means, and asking it.

A request means a session by its header `session_id`, or a model by its name in `/v1/models`, its id
on the chain, or "session:" and the id of a session. Nothing is opened here, and nothing is paid:
when a provider fails before its first word, only other open sessions of the same model are asked.
"""

import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from router.api.auth import check_model
from router.api.call import Call, Parameter
from router.api.errors import ApiError, describe
from router.api.sessions import own_session
from router.backends.routing import SESSION, is_remote
from router.chain.records import Model
from router.consumer.failover import MOST_PROVIDERS, others_help
from router.consumer.records import SessionView
from router.errors import BadRequest, MorpheusError, NoModel, NotFound, ProviderError
from router.funds import Connection, Funds
from router.inference.library import ModelLibrary
from router.morrpc.endings import Kind
from router.units import exact
from router.untrusted import one_line

EXAMPLE_S = 3600
FRESH_S = 60.0  # how long the names of models that nobody opened are kept
ROUNDED = 10**14  # wei; amounts in sentences are rounded up to a ten-thousandth of MOR

REMOTE_HEADERS = (
    Parameter("session_id", "header", "Session to ask: 0x and 64 hex digits. Goes before model."),
    Parameter("model_id", "header", "Model to use when the body names none."),
)

Asking = Callable[[str], AsyncGenerator[Any, None]]


@dataclass(frozen=True)
class RemoteModel:
    """A model of the network with an open session.

    Args:
        id: what clients call it.
        is_named: the request wants this session and no other.
    """

    id: str
    name: str
    view: SessionView
    is_named: bool = False

    @property
    def model_id(self) -> str:
        """On the chain."""
        return self.view.bid.model_id if self.view.bid is not None else ""


class Remote:
    """The models of the network.

    Args:
        library: the models of this computer; their names come first.
        funds: gives the money side of the node, or raises when it is not there.
    """

    def __init__(
        self,
        library: ModelLibrary,
        funds: Callable[[], Funds],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._funds = funds
        self._clock = clock
        self._known: tuple[Connection, float, list[Model]] | None = None

    def open(self) -> list[RemoteModel]:
        """Models with an open session, each once, with the session that lasts longest."""
        connection = self._connection()
        if connection is None:
            return []
        longest: dict[str, SessionView] = {}
        for view in connection.sessions.views:
            if view.phase == "open" and view.bid and not connection.leases.is_blocked(view):
                known = longest.get(view.bid.model_id)
                if known is None or view.session.ends_at > known.session.ends_at:
                    longest[view.bid.model_id] = view
        names = [one_line(view.model_name) for view in longest.values()]
        return [
            # A name that somebody else has too would not say which is meant.
            RemoteModel(
                key if not name or names.count(name) > 1 or self._is_local(name) else name,
                name or key,
                view,
            )
            for (key, view), name in zip(longest.items(), names, strict=True)
        ]

    async def chosen(self, call: Call, name: str | None) -> RemoteModel | None:
        """The model that a request means; None for one of this computer, or an unknown one.

        It is noted in the draft.

        Args:
            name: of the body.

        Raises:
            ApiError: 404 no such session, 402 it is over, or none is open for the model; 403 the
                key is not for it.
            BadRequest: the header is no id.
            ChainUnavailable, NotReady: what is needed to know is not there.
        """
        found = await self._by_session(call)
        wanted = call.model_header or name
        if found is None and wanted and not self._is_local(wanted):
            found = await self._by_name(call, wanted)
        if found is None:
            return None
        if not call.caller.may_use(found.model_id):
            check_model(call.caller, found.id)
        call.draft.model = found.id
        return found

    def ask(
        self, chosen: RemoteModel, body: Mapping[str, Any], kind: Kind = Kind.CHAT
    ) -> AsyncGenerator[Any, None]:
        """The objects of an answer, as they came.

        Raises:
            ApiError: the session ended.
            As RemoteBackend.complete_raw.
        """
        hidden = {name: value for name, value in body.items() if name != "model"}
        remote = self._funds().connection.remote
        return self._tried(chosen, lambda model: remote.complete_raw(model, hidden, kind))

    def speak(self, chosen: RemoteModel, body: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
        """The sound of a text, piece by piece. Raises: as `ask`."""
        hidden = {name: value for name, value in body.items() if name != "model"}
        remote = self._funds().connection.remote
        return self._tried(chosen, lambda model: remote.speak(model, hidden))

    def transcribe(
        self, chosen: RemoteModel, audio: bytes, content_type: str, params: Mapping[str, Any]
    ) -> AsyncGenerator[Any, None]:
        """What a recording says. Raises: as `ask`."""
        remote = self._funds().connection.remote
        return self._tried(
            chosen, lambda model: remote.transcribe(model, audio, content_type, params)
        )

    # Asking

    async def _tried(self, chosen: RemoteModel, ask: Asking) -> AsyncGenerator[Any, None]:
        """Ask the session; while nothing came, other open sessions of its model."""
        remote = self._funds().connection.remote
        view, session_id, tried = chosen.view, chosen.view.id, {chosen.view.provider.lower()}
        while True:
            began = False
            try:
                async with contextlib.aclosing(ask(f"{SESSION}{session_id}")) as values:
                    async for value in values:
                        began = True
                        yield value
                return
            except ProviderError as error:
                if began or chosen.is_named or not others_help(error):
                    raise await self._told(error, view) from error
                if len(tried) >= MOST_PROVIDERS:
                    raise
                try:
                    lease = await remote.lease(chosen.model_id, tried)
                except MorpheusError:
                    raise await self._told(error, view) from error
                session_id = lease.session_id
                tried.add(lease.provider.lower())

    async def _told(self, error: ProviderError, view: SessionView) -> Exception:
        """The error, or that the session is over, which the chain's clock tells."""
        try:
            now = (await self._funds().connection.chain.head()).timestamp
        except MorpheusError:
            return error
        return _expired(view) if now >= view.session.ends_at else error

    # Choosing

    async def _by_session(self, call: Call) -> RemoteModel | None:
        session_id = _session_header(call)
        if not session_id:
            return None
        view = await own_session(self._funds().connection.sessions, session_id, "session_id")
        return await self._of_session(view)

    async def _of_session(self, view: SessionView) -> RemoteModel:
        if view.phase == "closed" or not view.seconds_left:
            raise _expired(view)
        if view.phase != "open" or view.bid is None:
            raise ApiError(409, "session_closing", "This session is being closed.")
        known = {model.model_id: model.id for model in self.open()}
        name = one_line(view.model_name)
        return RemoteModel(known.get(view.bid.model_id, view.bid.model_id), name, view, True)

    async def _by_name(self, call: Call, wanted: str) -> RemoteModel | None:
        connection = self._connection()
        if connection is None:
            return None
        wanted_id = _chain_id(wanted)
        if wanted_id.startswith(SESSION):
            session_id = wanted_id.removeprefix(SESSION)
            return await self._of_session(
                await own_session(connection.sessions, session_id, "model")
            )
        found = self._among_open(wanted, wanted_id)
        if found is not None:
            return await _idle(connection, found)
        model = await self._offered(connection, wanted, wanted_id)
        if model is None:
            return None
        # Opened a moment ago, perhaps by another program: the chain knows.
        await connection.sessions.refresh()
        found = self._among_open(wanted, model.id)
        if found is not None:
            return await _idle(connection, found)
        raise await _not_open(connection, model)

    def _among_open(self, name: str, model_id: str) -> RemoteModel | None:
        for model in self.open():
            if name == model.id or model_id == model.model_id:
                return model
        return None

    async def _offered(self, connection: Connection, name: str, model_id: str) -> Model | None:
        """A model of the market that nobody opened here."""
        try:
            models = await self._offered_now(connection)
        except MorpheusError:
            return None
        named = (m for m in models if m.id == model_id or one_line(m.name) == name)
        return next(named, None)

    async def _offered_now(self, connection: Connection) -> list[Model]:
        now = self._clock()
        if self._known is None or self._known[0] is not connection or now > self._known[1]:
            ids, block = await connection.market.all_ids("getActiveModelIds")
            models = await connection.market.models(ids, block)
            self._known = connection, now + FRESH_S, models
        return self._known[2]

    def _is_local(self, name: str) -> bool:
        if is_remote(_chain_id(name)):
            return False
        try:
            self._library.find(name)
        except (NotFound, NoModel):
            return False
        return True

    def _connection(self) -> Connection | None:
        try:
            return self._funds().connection
        except MorpheusError:
            return None


async def _idle(connection: Connection, model: RemoteModel) -> RemoteModel:
    """The same with a session that answers nobody now, if there is one."""
    try:
        lease = await connection.remote.lease(model.model_id)
        view = connection.sessions.view(lease.session_id)
    except MorpheusError:
        return model  # asking it says what is wrong
    return replace(model, view=view)


def _chain_id(name: str) -> str:
    """An id of the chain as it is written here; other names as they are."""
    plain = name.lower()
    if len(plain) == 64 and is_remote(f"0x{plain}"):
        return f"0x{plain}"
    return plain if is_remote(plain) else name


def _session_header(call: Call) -> str:
    """The `session_id` header of the original router; all zeros mean none, as leaving it out."""
    text = call.request.headers.get("session_id", "").lower()
    if not text.removeprefix("0x").strip("0"):
        return ""
    session_id = _chain_id(text)
    if not is_remote(session_id) or session_id.startswith(SESSION):
        raise BadRequest(
            "A session id is 0x and 64 hexadecimal digits.",
            param="session_id",
            code="invalid_value",
        )
    return session_id


def _expired(view: SessionView) -> ApiError:
    model = view.bid.model_id if view.bid is not None else "ID"
    return ApiError(
        402,
        "session_expired",
        "This session is over. Its stake comes back; what was answered is yours. Open another one "
        f"with POST /blockchain/models/{model}/session.",
    )


async def _not_open(connection: Connection, model: Model) -> ApiError:
    """Says what it takes to open a session, as far as that can be told."""
    how = f"POST /blockchain/models/{model.id}/session"
    offer = f"Open one with {how}."
    with contextlib.suppress(MorpheusError):
        for rated in await connection.sessions.rated(model.id):
            if not rated.excluded:
                quote = await connection.sessions.quote(rated.bid.id, EXAMPLE_S)
                amount = exact(-(-quote.amount // ROUNDED) * ROUNDED)
                offer = f"Open a session ({amount} MOR, 1 hour; it is a stake) with {how}."
                break
    error = ProviderError(
        f"No session is open for the model {one_line(model.name) or model.id}. {offer}",
        code="no_session",
    )
    told = describe(error)
    assert told is not None
    told.param = "model"
    return told
