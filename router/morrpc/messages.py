"""Every request and every result: members by name, kind and order; who answers what.

Answers to session.prompt and session.prompt.stream.end are runs of Frame, one for each chunk.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import ClassVar

from router.morrpc.errors import Fault, WireError
from router.morrpc.members import (
    ADDRESS,
    BIG,
    FLAG,
    HASH,
    HEX,
    TEXT,
    UINT,
    Signed,
    member,
    optional,
    signature,
)


class Params(Signed):
    """What a request carries."""

    method: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class Ping(Params):
    """Are you there, and which version?"""

    method = "network.ping"
    blank_is_signed = True
    nonce: bytes = member("nonce", HEX)
    signature: bytes = signature()


@dataclass(frozen=True, kw_only=True)
class Pong(Signed):
    """The answer to Ping."""

    blank_is_signed = True
    nonce: bytes = member("nonce", HEX)
    version: str = optional("version", TEXT, "", omitted=True)
    signature: bytes = signature()


@dataclass(frozen=True, kw_only=True)
class SessionRequest(Params):
    """Please approve a session. `spend` is in wei of MOR."""

    method = "session.request"
    signature: bytes = signature()
    user: str = member("user", ADDRESS)
    key: bytes = member("key", HEX)
    spend: int = optional("spend", BIG, 0)
    timestamp_ms: int = member("timestamp", UINT)
    bid_id: str = member("bidid", HASH)


@dataclass(frozen=True, kw_only=True)
class SessionAnswer(Signed):
    """The provider's key, and its approval for the contract."""

    key: bytes = member("message", HEX)
    approval: bytes = member("approval", HEX)
    approval_signature: bytes = member("approvalSig", HEX)
    user: str = member("user", ADDRESS)
    timestamp_ms: int = member("timestamp", UINT)
    signature: bytes = signature()


@dataclass(frozen=True, kw_only=True)
class Prompt(Params):
    """A question; `message` is the JSON text of an OpenAI request."""

    method = "session.prompt"
    signature: bytes = signature()
    session_id: str = member("sessionid", HASH)
    message: str = member("message", TEXT)
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class Frame(Signed):
    """A piece of an answer; `message` is hex of what was encrypted, signed in the case it came in."""

    message: str = member("message", TEXT)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class ReportRequest(Params):
    """Please sign how the session went."""

    method = "session.report"
    signature: bytes = signature()
    session_id: str = member("message", HASH)
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class ReportAnswer(Signed):
    """The report, encoded and signed for the contract."""

    report: bytes = member("message", HEX)
    report_signature: bytes = member("signedReport", HEX)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class GetTools(Params):
    """Which tools has the agent? The answer is one Frame."""

    method = "agent.get_tools"
    session_id: str = member("sessionid", HASH)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class CallTool(Params):
    """Use a tool; `message` is the JSON text of its input. The answer is one Frame."""

    method = "agent.call_tool"
    session_id: str = member("sessionid", HASH)
    tool_name: str = member("toolname", TEXT)
    message: str = member("message", TEXT)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class UploadStart(Params):
    """A file will come in pieces."""

    method = "session.prompt.stream.start"
    blank_is_signed = True
    session_id: str = member("sessionid", HASH)
    stream_id: str = member("streamid", TEXT)
    total_chunks: int = member("totalchunks", UINT)
    file_size: int = member("filesize", UINT)
    content_type: str = member("contenttype", TEXT)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class UploadStarted(Signed):
    """Go on."""

    blank_is_signed = True
    stream_id: str = member("streamid", TEXT)
    status: str = member("status", TEXT)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class UploadChunk(Params):
    """One piece, in base64 and signed as that text. Peers send `is_last` as false, always."""

    method = "session.prompt.stream.chunk"
    session_id: str = member("sessionid", HASH)
    stream_id: str = member("streamid", TEXT)
    index: int = optional("chunkindex", UINT, 0)
    chunk: str = member("chunkdata", TEXT)
    is_last: bool = optional("islastchunk", FLAG, False)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)

    def data(self) -> bytes:
        """The bytes of the piece.

        Raises:
            WireError: it is not base64.
        """
        try:
            return base64.b64decode(self.chunk, validate=True)
        except (binascii.Error, ValueError) as error:
            raise WireError(Fault.BAD_MESSAGE, "chunkdata is not base64") from error


@dataclass(frozen=True, kw_only=True)
class UploadReceived(Signed):
    """One piece came."""

    stream_id: str = member("streamid", TEXT)
    index: int = optional("chunkindex", UINT, 0)
    status: str = member("status", TEXT)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)


@dataclass(frozen=True, kw_only=True)
class UploadEnd(Params):
    """All pieces are there; `params` is the JSON text of what to do with the file."""

    method = "session.prompt.stream.end"
    session_id: str = member("sessionid", HASH)
    stream_id: str = member("streamid", TEXT)
    params: str = member("audiorequestparam", TEXT)
    signature: bytes = signature()
    timestamp_ms: int = member("timestamp", UINT)


# What can be asked, and what it is answered with.
ANSWERS: dict[type[Params], type[Signed]] = {
    Ping: Pong,
    SessionRequest: SessionAnswer,
    Prompt: Frame,
    ReportRequest: ReportAnswer,
    GetTools: Frame,
    CallTool: Frame,
    UploadStart: UploadStarted,
    UploadChunk: UploadReceived,
    UploadEnd: Frame,
}
REQUESTS: dict[str, type[Params]] = {params.method: params for params in ANSWERS}
