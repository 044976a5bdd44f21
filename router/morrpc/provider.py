"""One connection as the provider sees it: one request comes, and what may be answered."""

import functools
import json
from collections.abc import Callable
from typing import Any, TypeVar

from router.morrpc.approvals import Approval, Report
from router.morrpc.confidential import METHOD, Binding, announce, open_request
from router.morrpc.envelope import UNSIGNED, ErrorBody, Request, write_error, write_result
from router.morrpc.errors import Fault, WireError
from router.morrpc.framing import Frames
from router.morrpc.freshness import Requests
from router.morrpc.gojson import clean
from router.morrpc.limits import INCOMING, Deadlines, Limits
from router.morrpc.members import Signed
from router.morrpc.messages import (
    REQUESTS,
    Frame,
    Params,
    Ping,
    Pong,
    ReportAnswer,
    SessionAnswer,
    SessionRequest,
    UploadChunk,
    UploadReceived,
    UploadStart,
    UploadStarted,
)
from router.morrpc.sealing import seal
from router.morrpc.signing import (
    Signer,
    address_of,
    checked_key,
    digest_of,
    is_signed_by,
    key_of,
    sign,
)

# An error in answer to these ends the process of deployed consumers: closing is all that is safe.
_NEVER_REFUSED = (Ping.method, UploadStart.method, UploadChunk.method)
# The words deployed consumers know.
_WORDS = {
    Fault.UNKNOWN_METHOD: "unknown method: unknown method",
    Fault.BAD_MESSAGE: "request validation failed",
    Fault.BAD_SIGNATURE: "invalid signature",
    Fault.STALE: "request is too old, or a clock is wrong",
    Fault.REPLAYED: "request came before",
}
# Peers send 8 or 16 bytes; all of it is signed and sent back, whoever asks.
LONGEST_NONCE = 64
P = TypeVar("P", bound=Params)


class Answering:
    """Reads one request and writes what answers it; each `bytes` returned is to be one write.

    First `feed` until there is a request, then `check_session_request`, or `check` for any other
    but Ping, then answer. Whatever comes after the request is ignored.

    Args:
        requests: what all connections of the provider have seen.
        now_ms: Unix milliseconds.
        now_s: when the connection was made, on a clock that never jumps.
    """

    def __init__(
        self,
        signer: Signer,
        requests: Requests,
        now_ms: Callable[[], int],
        now_s: float,
        *,
        limits: Limits = INCOMING,
    ) -> None:
        self._signer = signer
        self._requests = requests
        self._now_ms = now_ms
        self._limits = limits
        self._frames = Frames(limits)
        self._deadlines = Deadlines(limits, now_s)
        self._request: Request | None = None
        self._binding: Binding | None = None
        self._params: Params | None = None
        self._reader = b""
        self._last_ms = 0

    def feed(self, data: bytes, now_s: float) -> Params | None:
        """Take the next bytes; returns the request when it is whole.

        Raises:
            WireError: it is none. Send `refuse(error)`, which is empty when nothing can be said,
                and close.
        """
        self._deadlines.check(now_s)
        for frame in self._frames.feed(data):
            return self._accept(frame)
        return None

    def left_s(self, now_s: float) -> float:
        """Seconds until `feed` raises; only until the request is there."""
        return self._deadlines.left_s(now_s)

    @property
    def was_sealed(self) -> bool:
        """Whether the request came encrypted."""
        return self._binding is not None

    @functools.cached_property
    def digest(self) -> bytes:
        """Of what was signed of the request: 32 bytes. Of a megabyte it takes a while."""
        return digest_of(self._asked(Params))

    def check_session_request(self) -> bytes:
        """The consumer's key (65 bytes), which is to be kept for the session's user.

        Raises:
            WireError: the key is not of the user, did not sign, or the request is old.
        """
        request = self._asked(SessionRequest)
        key = checked_key(request.key)
        if address_of(key) != request.user:
            raise WireError(Fault.BAD_SIGNATURE, "the key is not of the user")
        self.check(key)
        return key

    def check(self, public_key: bytes) -> None:
        """Check the request by the key kept for the session's user; answers are for that key.

        That the session is of this provider, open and not over is for the caller to know.

        Raises:
            WireError: another key signed it, or it is old or came before.
        """
        request: Any = self._asked(Params)
        if not is_signed_by(self.digest, request.signature, public_key):
            raise WireError(Fault.BAD_SIGNATURE)
        session_id = "" if isinstance(request, SessionRequest) else request.session_id
        self._requests.check(self.digest, request.timestamp_ms, self._now_ms(), session_id)
        self._reader = public_key

    def pong(self, version: str) -> bytes:
        """The answer to Ping: says that sealed requests are understood."""
        return self._result(Pong(nonce=self._asked(Ping).nonce, version=announce(version)))

    def approve(self, chain_id: int) -> bytes:
        """The answer to SessionRequest: yes."""
        request, now_ms = self._asked(SessionRequest), self._now_ms()
        approval = Approval(request.bid_id, chain_id, request.user, now_ms).encode()
        answer = SessionAnswer(
            key=key_of(self._signer),
            approval=approval,
            approval_signature=self._signer.sign_payload(approval),
            user=request.user,
            timestamp_ms=now_ms,
        )
        return self._result(answer)

    def report(self, report: Report) -> bytes:
        """The answer to ReportRequest."""
        payload = report.encode()
        signature = self._signer.sign_payload(payload)
        now_ms = self._now_ms()
        return self._result(
            ReportAnswer(report=payload, report_signature=signature, timestamp_ms=now_ms)
        )

    def upload_started(self) -> bytes:
        """The answer to UploadStart."""
        stream_id, now_ms = self._asked(UploadStart).stream_id, self._now_ms()
        return self._result(
            UploadStarted(stream_id=stream_id, status="started", timestamp_ms=now_ms)
        )

    def upload_received(self) -> bytes:
        """The answer to UploadChunk."""
        chunk, now_ms = self._asked(UploadChunk), self._now_ms()
        return self._result(
            UploadReceived(
                stream_id=chunk.stream_id,
                index=chunk.index,
                status="received",
                timestamp_ms=now_ms,
            )
        )

    def chunk(self, payload: bytes) -> bytes:
        """A piece of the answer: JSON text, which only the asker can read."""
        piece = Frame(message=self._sealed(payload), timestamp_ms=self._stamp())
        return self._result(piece)

    def done(self) -> bytes:
        """The piece after the last one of a chat."""
        return self.chunk(b'"[DONE]"')

    def model_error(self, body: Any) -> bytes:
        """The model's own error, as a JSON value, which only the asker can read."""
        message = self._sealed(json.dumps({"providerModelError": body}).encode())
        error = sign(ErrorBody(message, self._stamp()), self._signer)
        return write_error(self._id, error)

    def refuse(self, why: WireError | str) -> bytes:
        """A refusal that anybody can read; empty where nothing may be answered but closing.

        Args:
            why: an error, or the words deployed consumers know: "session expired", "no capacity",
                "user not found", …
        """
        request = self._request
        if request is None or request.method in _NEVER_REFUSED:
            return b""
        text = why if isinstance(why, str) else _WORDS.get(why.fault, "failed to unmarshal request")
        if not isinstance(why, str) and why.fault is Fault.UNKNOWN_METHOD and not self.was_sealed:
            text = f"{text}: {clean(request.method[:64])}"
        return write_error(request.id, ErrorBody(text, self._now_ms(), UNSIGNED))

    @property
    def _id(self) -> str:
        assert self._request is not None
        return self._request.id

    def _accept(self, frame: dict[str, Any]) -> Params:
        self._request = Request.read(frame)
        if self._request.method == METHOD:
            self._request, self._binding = open_request(self._request, self._signer, self._limits)
        params_type = REQUESTS.get(self._request.method)
        if params_type is None:
            raise WireError(Fault.UNKNOWN_METHOD)
        self._params = params_type.read(self._request.params)
        if isinstance(self._params, Ping) and len(self._params.nonce) > LONGEST_NONCE:
            raise WireError(Fault.BAD_MESSAGE, "the nonce is too long")
        return self._params

    def _asked(self, params_type: type[P]) -> P:
        assert isinstance(self._params, params_type)
        return self._params

    def _result(self, result: Signed) -> bytes:
        return write_result(self._id, sign(result, self._signer))

    def _sealed(self, plain: bytes) -> str:
        return seal(self._binding.wrap(plain) if self._binding else plain, self._reader).hex()

    def _stamp(self) -> int:
        """The time, which never goes back within an answer: consumers refuse that."""
        self._last_ms = max(self._last_ms, self._now_ms())
        return self._last_ms
