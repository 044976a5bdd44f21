"""What can go wrong between two peers; text of the other peer is made inert here.

WireError       the peer broke the protocol: `fault` says how
RemoteRefusal   the peer said no, in clear text that nobody signed
ModelRefusal    the provider's model said no, signed and encrypted
"""

from enum import StrEnum
from typing import Any

from router.errors import MorpheusError
from router.untrusted import one_line

LONGEST_TEXT = 200


class Fault(StrEnum):
    """How a peer broke the protocol."""

    NOT_A_FRAME = "not_a_frame"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TOO_SLOW = "too_slow"
    CUT_OFF = "cut_off"
    BAD_MESSAGE = "bad_message"
    UNKNOWN_METHOD = "unknown_method"
    BAD_SIGNATURE = "bad_signature"
    WRONG_ANSWER = "wrong_answer"
    REPLAYED = "replayed"
    STALE = "stale"
    UNREADABLE = "unreadable"
    WRONG_APPROVAL = "wrong_approval"
    DOWNGRADED = "downgraded"


_ANOTHER = "Try again, or choose another provider."
_SENTENCES = {
    Fault.NOT_A_FRAME: "The other side sent something that is not of this protocol.",
    Fault.TOO_LARGE: "The other side sent more than is accepted.",
    Fault.TOO_DEEP: "The other side sent something that is nested too deeply.",
    Fault.TOO_SLOW: "The other side took too long.",
    Fault.CUT_OFF: "The connection ended in the middle of an answer.",
    Fault.BAD_MESSAGE: "The other side sent a message of the wrong form.",
    Fault.UNKNOWN_METHOD: "The other side asked for something that is not offered here.",
    Fault.BAD_SIGNATURE: "A message was not signed by whom it should be.",
    Fault.WRONG_ANSWER: "What came is not the answer to what was asked.",
    Fault.REPLAYED: "A message came a second time.",
    Fault.STALE: "A message is too old, or a clock is wrong.",
    Fault.UNREADABLE: "A message could not be decrypted.",
    Fault.WRONG_APPROVAL: "The provider approved something else than what was asked.",
    Fault.DOWNGRADED: "The provider used to accept encrypted questions and now does not.",
}
_SAFE = "No money moved because of it."
_HINTS = {
    Fault.STALE: "Check the clock of this computer, then try again.",
    Fault.DOWNGRADED: "Choose another provider: what is sent to this one now can be read on its way.",
}


class WireError(MorpheusError):
    """The peer broke the protocol; the connection is of no further use.

    Args:
        fault: how.
        detail: our own words on where, for the log; never text of the peer.
    """

    code = "wire_error"

    def __init__(self, fault: Fault, detail: str = "") -> None:
        sentence = _SENTENCES[fault]
        super().__init__(
            f"{sentence[:-1]} ({detail})." if detail else sentence,
            safe=_SAFE,
            hint=_HINTS.get(fault, _ANOTHER),
        )
        self.fault = fault


class Refusal(StrEnum):
    """What a peer's refusal means, as far as its text tells."""

    SESSION_EXPIRED = "session_expired"
    SESSION_UNKNOWN = "session_unknown"
    USER_UNKNOWN = "user_unknown"
    NO_CAPACITY = "no_capacity"
    BAD_SIGNATURE = "bad_signature"
    NOT_SUPPORTED = "not_supported"
    MODEL_MISSING = "model_missing"
    OTHER = "other"


# How the texts of deployed providers begin.
_BEGINNINGS = (
    ("session expired", Refusal.SESSION_EXPIRED),
    ("session cannot be loaded", Refusal.SESSION_UNKNOWN),
    ("session not found", Refusal.SESSION_UNKNOWN),
    ("user not found", Refusal.USER_UNKNOWN),
    ("no capacity", Refusal.NO_CAPACITY),
    ("invalid signature", Refusal.BAD_SIGNATURE),
    ("received invalid signature", Refusal.BAD_SIGNATURE),
    ("unknown method", Refusal.NOT_SUPPORTED),
    ("failed to get adapter", Refusal.MODEL_MISSING),
)


class RemoteRefusal(MorpheusError):
    """The peer refused. Nobody signed that, so anybody on the way can have said it.

    Args:
        text: the peer's words; kept as one inert line.
    """

    code = "remote_refusal"

    def __init__(self, text: str) -> None:
        self.text = one_line(text, LONGEST_TEXT)
        self.refusal = refusal_of(self.text)
        super().__init__(
            f"The other side refused: “{self.text}”" if self.text else "The other side refused.",
            safe=_SAFE,
            hint=_ANOTHER,
        )


class ModelRefusal(MorpheusError):
    """The provider's model answered with an error.

    Args:
        body: what the model said: parsed JSON, hostile.
    """

    code = "model_refusal"

    def __init__(self, body: Any) -> None:
        text = one_line(_words(body), LONGEST_TEXT)
        super().__init__(
            f"The provider's model refused: “{text}”" if text else "The provider's model failed.",
            safe=_SAFE,
            hint="Change the question, or try again.",
        )
        self.body = body


def refusal_of(text: str) -> Refusal:
    """What a refusal means; OTHER when its words are not known."""
    plain = text.strip().lower().removeprefix("failed to prompt: ")
    for beginning, refusal in _BEGINNINGS:
        if plain.startswith(beginning):
            return refusal
    return Refusal.OTHER


def _words(body: Any) -> str:
    """The sentence in a model's error, wherever usual servers put it."""
    for name in ("providerModelError", "error", "message"):
        if isinstance(body, dict) and name in body:
            body = body[name]
    return body if isinstance(body, str) else ""
