"""Everything a consumer asks a provider, as objects that know what a good answer is."""

import base64
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from router.errors import BadRequest
from router.morrpc.approvals import Approval, Report, check_approval, check_report
from router.morrpc.calls import Call, Conversation, Outgoing, Trust
from router.morrpc.confidential import is_announced, seal_request
from router.morrpc.endings import Ending, Kind
from router.morrpc.envelope import write_request
from router.morrpc.errors import Fault, WireError
from router.morrpc.freshness import Answers
from router.morrpc.limits import MIB, PIECES, UNARY, Limits
from router.morrpc.messages import (
    CallTool,
    GetTools,
    Params,
    Ping,
    Pong,
    Prompt,
    ReportAnswer,
    ReportRequest,
    SessionAnswer,
    SessionRequest,
    UploadChunk,
    UploadEnd,
    UploadReceived,
    UploadStart,
    UploadStarted,
)
from router.morrpc.seen import Seen
from router.morrpc.signing import (
    Signer,
    address_of,
    checked_key,
    key_of,
    sign,
    verify,
    verify_by_address,
)
from router.untrusted import one_line

UPLOAD_CHUNK_BYTES = MIB
MOST_SESSIONS = 1024


@dataclass(frozen=True)
class Peer:
    """A provider after the handshake; to be kept as long as its session.

    Args:
        public_key: 65 bytes; its address is one that signs for the provider.
        seals: it opens sealed requests. What is true once must stay true: see Consumer.ping.
    """

    public_key: bytes
    seals: bool


@dataclass(frozen=True)
class Greeting:
    """A provider is there.

    Args:
        version: its own word, as one inert line.
        address: who signed this, in small letters.
    """

    version: str
    seals: bool
    address: str


@dataclass(frozen=True)
class Opened:
    """A provider agreed; the approval goes to the contract as it is."""

    peer: Peer
    approval: bytes
    approval_signature: bytes


@dataclass(frozen=True)
class SignedReport:
    """A report for the contract; its figures are what the provider claims."""

    report: Report
    payload: bytes
    signature: bytes


class Consumer:
    """Asks with one account's key.

    Args:
        now_ms: Unix milliseconds.
        limits: of answers in pieces; `unary` those of all other answers.
        seen: what came before; the same for all consumers of an account.

    All methods that ask raise WalletLocked without a key, and BadRequest when what is asked is
    too large to be sent; `now_s` is the time on a clock that never jumps. Ask the next question of
    a session when the one before is done; what is asked of tools counts apart.
    """

    def __init__(
        self,
        signer: Signer,
        now_ms: Callable[[], int],
        *,
        limits: Limits = PIECES,
        unary: Limits = UNARY,
        seen: Seen | None = None,
    ) -> None:
        self._signer = signer
        self._seen = seen or Seen()
        self._now_ms = now_ms
        self._limits = limits
        self._unary = unary
        self._answers: OrderedDict[tuple[str, bool], Answers] = OrderedDict()

    def ping(
        self, signers: Collection[str] | None, now_s: float, *, sealed: bool = False
    ) -> Call[Greeting]:
        """Is the provider there?

        Args:
            signers: addresses that may sign for it: its own, of its delegates and owner. None
                lets anybody sign, and the address in the greeting is to be proven.
            sealed: it is known to open sealed requests; when its pong does not say so any more,
                that is a WireError (DOWNGRADED), and nothing is sent in clear text unasked.
        """
        ping = Ping(nonce=secrets.token_bytes(16))

        def read(result: Any) -> Greeting:
            pong = Pong.read(result)
            who = address_of(verify_by_address(pong, signers))
            if pong.nonce != ping.nonce:
                raise WireError(Fault.WRONG_ANSWER, "another nonce")
            seals = is_announced(pong.version)
            if sealed and not seals:
                raise WireError(Fault.DOWNGRADED)
            return Greeting(one_line(pong.version), seals, who)

        return Call(self._outgoing(ping), read, self._unary, now_s)

    def request_session(
        self, wanted: Approval, spend: int, signers: Collection[str], now_s: float, *, seals: bool
    ) -> Call[Opened]:
        """Ask for the approval of a session.

        Args:
            wanted: with the user and the time that are now: see `wanted_approval`.
            spend: stake or payment in wei of MOR.
            signers: addresses whose approval the contract accepts.
            seals: what the pong said.
        """
        request = SessionRequest(
            user=wanted.user,
            key=key_of(self._signer),
            spend=spend,
            timestamp_ms=wanted.timestamp_ms,
            bid_id=wanted.bid_id,
        )

        def read(result: Any) -> Opened:
            answer = SessionAnswer.read(result)
            verify(answer, checked_key(answer.key))
            if address_of(answer.key) not in {address.lower() for address in signers}:
                raise WireError(Fault.BAD_SIGNATURE)
            check_approval(
                answer.approval,
                answer.approval_signature,
                wanted,
                signers=signers,
                skew_s=self._limits.skew_s,
            )
            return Opened(Peer(answer.key, seals), answer.approval, answer.approval_signature)

        return Call(self._outgoing(request), read, self._unary, now_s)

    def wanted_approval(self, bid_id: str, chain_id: int) -> Approval:
        """The approval to ask for, as of now."""
        return Approval(bid_id, chain_id, self._signer.address.lower(), self._now_ms())

    def report(
        self, peer: Peer, session_id: str, chain_id: int, signers: Collection[str], now_s: float
    ) -> Call[SignedReport]:
        """Ask how the session went; when that fails, the consumer's own report is what remains."""
        request = ReportRequest(session_id=session_id, timestamp_ms=self._now_ms())

        def read(result: Any) -> SignedReport:
            answer = ReportAnswer.read(result)
            verify(answer, peer.public_key)
            payload, signature = answer.report, answer.report_signature
            report = check_report(payload, signature, session_id, chain_id, signers=signers)
            return SignedReport(report, payload, signature)

        return Call(self._outgoing(request), read, self._unary, now_s)

    def prompt(
        self, peer: Peer, session_id: str, message: str, now_s: float, kind: Kind = Kind.CHAT
    ) -> Conversation:
        """Ask the model. `message` is the JSON text of the request, with `type` where one is due."""
        request = Prompt(session_id=session_id, message=message, timestamp_ms=self._now_ms())
        return self._conversation(peer, session_id, request, kind, now_s)

    def get_tools(self, peer: Peer, session_id: str, now_s: float) -> Conversation:
        """Ask for the agent's tools."""
        request = GetTools(session_id=session_id, timestamp_ms=self._now_ms())
        return self._conversation(peer, session_id, request, Kind.TOOLS, now_s)

    def call_tool(
        self, peer: Peer, session_id: str, name: str, message: str, now_s: float
    ) -> Conversation:
        """Use a tool. `message` is the JSON text of its input."""
        request = CallTool(
            session_id=session_id, tool_name=name, message=message, timestamp_ms=self._now_ms()
        )
        return self._conversation(peer, session_id, request, Kind.TOOLS, now_s)

    def start_upload(
        self, peer: Peer, session_id: str, file_size: int, content_type: str, now_s: float
    ) -> tuple[str, Call[UploadStarted]]:
        """Announce a file that is sent in chunks of UPLOAD_CHUNK_BYTES; also gives its id."""
        stream_id = secrets.token_hex(16)
        request = UploadStart(
            session_id=session_id,
            stream_id=stream_id,
            total_chunks=-(-file_size // UPLOAD_CHUNK_BYTES),
            file_size=file_size,
            content_type=content_type,
            timestamp_ms=self._now_ms(),
        )

        def read(result: Any) -> UploadStarted:
            answer = UploadStarted.read(result)
            verify(answer, peer.public_key)
            if (answer.stream_id, answer.status) != (stream_id, "started"):
                raise WireError(Fault.WRONG_ANSWER, "another upload")
            return answer

        return stream_id, Call(self._outgoing(request, peer), read, self._unary, now_s)

    def upload_chunk(
        self, peer: Peer, session_id: str, stream_id: str, index: int, data: bytes, now_s: float
    ) -> Call[UploadReceived]:
        """Send the chunk of this number, from 0."""
        request = UploadChunk(
            session_id=session_id,
            stream_id=stream_id,
            index=index,
            chunk=base64.b64encode(data).decode(),
            timestamp_ms=self._now_ms(),
        )

        def read(result: Any) -> UploadReceived:
            answer = UploadReceived.read(result)
            verify(answer, peer.public_key)
            if (answer.stream_id, answer.index, answer.status) != (stream_id, index, "received"):
                raise WireError(Fault.WRONG_ANSWER, "another upload")
            return answer

        outgoing = self._outgoing(request, peer)
        return Call(outgoing, read, self._unary.with_upload(len(outgoing.data)), now_s)

    def end_upload(
        self, peer: Peer, session_id: str, stream_id: str, params: str, now_s: float
    ) -> Conversation:
        """Ask for the text of the file. `params` is the JSON text of the request."""
        request = UploadEnd(
            session_id=session_id, stream_id=stream_id, params=params, timestamp_ms=self._now_ms()
        )
        return self._conversation(peer, session_id, request, Kind.TRANSCRIPTION, now_s)

    def _conversation(
        self, peer: Peer, session_id: str, request: Params, kind: Kind, now_s: float
    ) -> Conversation:
        answers = self._answers_of(session_id, kind)
        trust = Trust(peer.public_key, self._signer, answers, self._seen)
        outgoing = self._outgoing(request, peer)
        return Conversation(outgoing, trust, Ending(kind), self._limits, now_s)

    def _answers_of(self, session_id: str, kind: Kind) -> Answers:
        # Deployed providers answer tools while they answer a question.
        name = (session_id, kind is Kind.TOOLS)
        answers = self._answers.setdefault(name, Answers())
        self._answers.move_to_end(name)
        if len(self._answers) > MOST_SESSIONS:
            self._answers.popitem(last=False)
        return answers

    def _outgoing(self, request: Params, peer: Peer | None = None) -> Outgoing:
        """Signed, and sealed for a peer that opens it."""
        name = secrets.token_hex(8)
        data, binding = write_request(name, sign(request, self._signer)), None
        if peer is not None and peer.seals:
            data, binding = seal_request(name, data, peer.public_key)
        if len(data) > self._limits.frame_bytes:
            raise BadRequest(
                "This is too large to be sent to a provider.",
                code="too_large",
                safe="Nothing was sent.",
                hint="Send less at once: a shorter question or a smaller file.",
            )
        return Outgoing(name, data, self._now_ms(), binding)
