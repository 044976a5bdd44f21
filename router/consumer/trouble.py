"""What went wrong with a provider, in words for people and a code for programs.

Nothing here is believed because a provider said it: refusals come unsigned, so they are shown as
such, and what they say of money or of sessions is never acted on. That a refusal came counts as a
failure before the first word, whoever said it: another provider may be asked then, with as much
stake as the user allows for that.
"""

from router.errors import BackendError, MorpheusError, ProviderError
from router.morrpc.errors import Fault, ModelRefusal, Refusal, RemoteRefusal, WireError

CHOICES = ("retry", "other_provider", "local")

# What a refusal is called; others are "provider_refused".
_REFUSALS = {Refusal.NO_CAPACITY: "provider_busy"}
_UNVERIFIED = "This answer could not be verified and was dropped"
_SENTENCES = {
    Fault.NOT_A_FRAME: "The provider sent something that is no answer.",
    Fault.TOO_LARGE: "The provider sent more than an answer may hold, so it was cut short.",
    Fault.TOO_DEEP: "The provider sent something built to exhaust the app, so it was dropped.",
    Fault.TOO_SLOW: "The provider did not answer in time.",
    Fault.CUT_OFF: "The provider closed the connection before the answer was complete.",
    Fault.BAD_MESSAGE: "The provider sent something that is no answer.",
    Fault.UNKNOWN_METHOD: "The provider asked instead of answering.",
    Fault.BAD_SIGNATURE: f"{_UNVERIFIED}: it was not signed by the provider.",
    Fault.WRONG_ANSWER: f"{_UNVERIFIED}: it belongs to another question.",
    Fault.REPLAYED: f"{_UNVERIFIED}: a part of it came a second time.",
    Fault.STALE: f"{_UNVERIFIED}: it is too old, or a clock is wrong.",
    Fault.UNREADABLE: f"{_UNVERIFIED}: it is damaged, or was encrypted for somebody else.",
    Fault.WRONG_APPROVAL: "The provider approved something else than what was asked.",
    Fault.DOWNGRADED: "The provider used to accept encrypted questions and now does not.",
}
_BEGAN = "The text up to there is kept, marked as cut off."
_NOT_BEGUN = "Your question is kept."
_STAKE = "Your session and its stake are as they were."


def trouble(error: MorpheusError, *, began: bool = False, safe: str | None = None) -> ProviderError:
    """The error for people of whatever a call to a provider raised.

    Args:
        began: there is text of the answer already.
        safe: what is safe, when nothing was asked in a chat.
    """
    if isinstance(error, ProviderError):
        return error
    if safe is None:
        safe = f"{_BEGAN if began else _NOT_BEGUN} {_STAKE}"
    if isinstance(error, WireError):
        hint = error.hint if error.fault in (Fault.STALE, Fault.DOWNGRADED) else ""
        return _made(_SENTENCES[error.fault], f"provider_{error.fault}", safe, hint)
    if isinstance(error, RemoteRefusal):
        said = f"“{error.text}”" if error.text else "no reason"
        return _made(
            f"The provider refused and gave {'as the reason ' if error.text else ''}{said}. "
            "This was not signed: anybody on the way can have said it.",
            _REFUSALS.get(error.refusal, "provider_refused"),
            safe,
        )
    if isinstance(error, BackendError):
        return _made(error.message, f"provider_{Fault.BAD_MESSAGE}", safe)
    if isinstance(error, ModelRefusal):
        return _made(error.message, "model_refused", safe, error.hint, error.body)
    return _made(error.message, error.code, safe, error.hint)


def _made(message: str, code: str, safe: str, hint: str = "", said: object = None) -> ProviderError:
    return ProviderError(
        message,
        code=code,
        safe=safe,
        hint=hint or "Try again, choose another provider, or ask the local model.",
        choices=CHOICES,
        said=said,
    )
