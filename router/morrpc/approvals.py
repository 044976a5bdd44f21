"""What a provider signs for the contract: approval of a session, and its report.

Both are ABI-encoded words, signed with the prefix of EIP-191 over their Keccak-256, v of 27 or 28.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from eth_utils.crypto import keccak

from router.morrpc.errors import Fault, WireError
from router.morrpc.signing import SIGNATURE_BYTES, address_of, has_low_s, recover

_WORD = 32
_PREFIX = b"\x19Ethereum Signed Message:\n32"
_MOST = (1 << 32) - 1  # of what the report counts


@dataclass(frozen=True)
class Approval:
    """The provider agrees to a session for a bid.

    Args:
        user: the consumer's address.
        timestamp_ms: Unix milliseconds. The contract compares it with seconds, so on the chain
            an approval never expires; `check_approval` holds it to the clock.
    """

    bid_id: str
    chain_id: int
    user: str
    timestamp_ms: int

    def encode(self) -> bytes:
        """Four words."""
        numbers = (self.chain_id, int(self.user, 16), self.timestamp_ms)
        return _id_bytes(self.bid_id) + b"".join(_word(number) for number in numbers)

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Raises WireError unless these are exactly the words of an approval."""
        words = _words(payload, (4,))
        chain_id, user, timestamp_ms = map(_number, words[1:])
        if user >> 160 or timestamp_ms >> 128:
            raise WireError(Fault.WRONG_APPROVAL, "encoding")
        return cls("0x" + words[0].hex(), chain_id, f"0x{user:040x}", timestamp_ms)


@dataclass(frozen=True)
class Report:
    """How a session went, as its signer claims.

    Args:
        tps_scaled_1000: tokens a second, times 1000.
        ttft_ms: milliseconds to the first token.
    """

    session_id: str
    chain_id: int
    timestamp_ms: int
    tps_scaled_1000: int
    ttft_ms: int
    input_tokens: int
    output_tokens: int

    def encode(self) -> bytes:
        """Seven words; figures over 32 bits count as the most there is."""
        figures = (self.tps_scaled_1000, self.ttft_ms, self.input_tokens, self.output_tokens)
        numbers = (self.chain_id, self.timestamp_ms, *(min(figure, _MOST) for figure in figures))
        return _id_bytes(self.session_id) + b"".join(_word(number) for number in numbers)

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Raises WireError unless it is a report: seven words, or the five the contract reads."""
        words = _words(payload, (5, 7))
        chain_id, timestamp_ms, *figures = map(_number, words[1:])
        if timestamp_ms >> 128 or max(figures) > _MOST:
            raise WireError(Fault.WRONG_APPROVAL, "encoding")
        tps, ttft_ms, tokens_in, tokens_out = (*figures, 0, 0)[:4]
        session_id = "0x" + words[0].hex()
        return cls(session_id, chain_id, timestamp_ms, tps, ttft_ms, tokens_in, tokens_out)


def signer_of(payload: bytes, signature: bytes) -> str:
    """The address that signed, in small letters.

    Raises:
        WireError: the contract would refuse the signature.
    """
    if len(signature) != SIGNATURE_BYTES or signature[-1] not in (27, 28):
        raise WireError(Fault.BAD_SIGNATURE)
    if not has_low_s(signature):
        raise WireError(Fault.BAD_SIGNATURE)
    digest = keccak(_PREFIX + keccak(payload))
    return address_of(recover(digest, signature[:-1] + bytes([signature[-1] - 27])))


def check_approval(
    payload: bytes, signature: bytes, wanted: Approval, *, signers: Collection[str], skew_s: float
) -> Approval:
    """The approval, when it is what was asked for.

    Args:
        wanted: with the time that is now.
        signers: addresses the contract accepts for the bid: the provider, its delegates, its owner.

    Raises:
        WireError: another bid, chain, user or signer, or a time too far from now.
    """
    approval = Approval.decode(payload)
    got = (approval.bid_id, approval.chain_id, approval.user)
    if got != (wanted.bid_id.lower(), wanted.chain_id, wanted.user.lower()):
        raise WireError(Fault.WRONG_APPROVAL, "another bid, network or account")
    check_signer(payload, signature, signers)
    check_time(approval.timestamp_ms, wanted.timestamp_ms, skew_s)
    return approval


def check_report(
    payload: bytes, signature: bytes, session_id: str, chain_id: int, *, signers: Collection[str]
) -> Report:
    """The report, when it is of this session and network and of one of the signers.

    Its time is not held to the clock: falling back to a report of one's own puts stake on hold,
    which a provider's wrong clock must not do. Its figures are what the signer claims.

    Raises:
        WireError: it is not.
    """
    report = Report.decode(payload)
    if (report.session_id, report.chain_id) != (session_id.lower(), chain_id):
        raise WireError(Fault.WRONG_APPROVAL, "another session or network")
    check_signer(payload, signature, signers)
    return report


def check_signer(payload: bytes, signature: bytes, signers: Collection[str]) -> None:
    """Raises WireError unless one of the addresses signed the payload."""
    if signer_of(payload, signature) not in {address.lower() for address in signers}:
        raise WireError(Fault.BAD_SIGNATURE)


def check_time(timestamp_ms: int, now_ms: int, skew_s: float) -> None:
    """Raises WireError when the time is further from now than clocks may differ."""
    if abs(timestamp_ms - now_ms) > skew_s * 1000:
        raise WireError(Fault.STALE)


def _id_bytes(name: str) -> bytes:
    return int(name, 16).to_bytes(_WORD, "big")


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "big")


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _words(payload: bytes, counts: tuple[int, ...]) -> list[bytes]:
    if len(payload) not in {count * _WORD for count in counts}:
        raise WireError(Fault.WRONG_APPROVAL, "length")
    return [payload[at : at + _WORD] for at in range(0, len(payload), _WORD)]
