"""Why a contract refused, in one plain sentence and a next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from router.chain.artifacts import diamond_abi
from router.chain.codec import Interface, NotOffered, decoded
from router.errors import TxFailed
from router.units import exact
from router.untrusted import one_line

ERROR_STRING = bytes.fromhex("08c379a0")
PANIC = bytes.fromhex("4e487b71")
_DIAMOND = Interface(diamond_abi())
# Deployments of 2024 spell four errors with three s; the meaning is the same.
_LEGACY = {
    keccak(text=f"Sesssion{rest}()")[:4]: f"Session{rest}"
    for rest in (
        "ApproveExpired",
        "ApprovedForAnotherChainId",
        "ReceiptForAnotherChainId",
        "ReceiptExpired",
    )
}
_PAYING_CALLS = frozenset({"closeSession", "claimForProvider"})


@dataclass(frozen=True)
class Reason:
    """Why; `code` is stable and for programs: the name of the error in the contract."""

    code: str
    sentence: str
    hint: str

    def as_error(self, *, safe: str, tx_hash: str | None = None) -> TxFailed:
        """As an exception; `safe` says what happened to the money."""
        return TxFailed(self.sentence, tx_hash=tx_hash, code=self.code, safe=safe, hint=self.hint)


def explain(data: bytes, call: str = "") -> Reason:
    """The reason in what a contract answered.

    Args:
        call: name of the function that was called; some texts mean another account by it.
    """
    selector = data[:4]
    if not data:
        return Reason(
            "no_reason",
            "The contract refused without a reason.",
            "What was sent does not fit this network's contract; look for an update of the app.",
        )
    if selector == ERROR_STRING:
        return _from_text(_decoded("string", data), call)
    if selector == PANIC:
        return _from_panic(_decoded("uint256", data))
    return _from_error(selector, data)


def _decoded(kind: str, data: bytes) -> object:
    try:
        return decoded([kind], data[4:])[0]
    except DecodingError:
        return None


def _from_text(text: object, call: str) -> Reason:
    words = one_line(str(text), 200) if text is not None else ""
    if words in _TEXTS:
        code, yours, theirs, hint = _TEXTS[words]
        if call in _PAYING_CALLS:
            return Reason(f"funding_{code}", theirs, _FUNDING_HINT)
        return Reason(code, yours, hint)
    said = words or "nothing readable"
    return Reason("contract_text", f"The contract said: {said}.", "Change what it names and retry.")


_FUNDING_HINT = "Nothing of yours is wrong. The app tries again without spending fees."
# Text of the token: code, when it is about the sender, when it is about the paying account, hint.
_TEXTS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "ERC20: insufficient allowance": (
            "insufficient_allowance",
            "The marketplace may not take so much of your MOR.",
            "The network's paying account has not allowed enough for the provider's payment.",
            "Give permission for exactly this amount first.",
        ),
        "ERC20: transfer amount exceeds balance": (
            "insufficient_balance",
            "There is not enough MOR in the wallet.",
            "The network's paying account has too little MOR for the provider's payment.",
            "Receive MOR, or choose a smaller amount.",
        ),
    }
)


def _from_panic(number: object) -> Reason:
    meaning = {
        0x01: "a check of the contract failed",
        0x11: "a number became too large or negative in the contract",
        0x12: "the contract divided by zero",
        0x32: "the contract looked for an entry that is not there",
    }.get(number if isinstance(number, int) else -1, "the contract met a state it cannot handle")
    code = f"panic_{number:#04x}" if isinstance(number, int) else "panic"
    return Reason(code, f"This cannot be done now: {meaning}.", "Try again after midnight UTC.")


def _from_error(selector: bytes, data: bytes) -> Reason:
    failure = _DIAMOND.errors.get(selector)
    if failure is None:
        name = _LEGACY.get(selector, "")
        values: tuple[object, ...] = ()
    else:
        name = failure.name
        try:
            values = failure.decode(data)
        except NotOffered:
            values = ()
    if name not in _ERRORS:
        return Reason(
            name or f"0x{selector.hex()}",
            f"The contract refused with {name or 'an error this app does not know'}.",
            f"Look for an update of the app; the error is 0x{selector.hex()}.",
        )
    sentence, hint = _ERRORS[name]
    if name in ("ProviderStakeTooLow", "ModelStakeTooLow") and len(values) == 2:
        amount, least = values
        if isinstance(amount, int) and isinstance(least, int):
            sentence = f"{sentence} It would be {exact(amount)} MOR; {exact(least)} is the least."
    return Reason(name, sentence, hint)


_AGAIN = "Try again."
_NOTHING_TO_DO = "There is nothing left to do."
_OTHER_OFFER = "Choose another offer."
_OTHER_WALLET = "Use the wallet it belongs to, or have its owner give the right."
_ERRORS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "InsufficientRightsForOperation": (
            "This account may not do that for the other account.",
            _OTHER_WALLET,
        ),
        "OwnableUnauthorizedAccount": (
            "Only the owner of the contract may do that.",
            _OTHER_WALLET,
        ),
        "ProviderHasActiveBids": (
            "The provider still has offers.",
            "Withdraw every offer first.",
        ),
        "ProviderHasAlreadyDeregistered": (
            "This provider is deregistered already.",
            _NOTHING_TO_DO,
        ),
        "ProviderNoStake": ("This provider has no stake.", _NOTHING_TO_DO),
        "ProviderNotDeregistered": (
            "This provider is still registered.",
            "Deregister it first.",
        ),
        "ProviderNotFound": ("This account is not registered as a provider.", "Register first."),
        "ProviderNothingToWithdraw": ("There is nothing to withdraw.", _NOTHING_TO_DO),
        "ProviderStakeTooLow": ("The provider's stake is too low.", "Add stake."),
        "ModelHasActiveBids": (
            "There are still offers for this model.",
            "It can be removed when nobody offers it any more.",
        ),
        "ModelHasAlreadyDeregistered": ("This model was removed already.", _NOTHING_TO_DO),
        "ModelNotFound": ("There is no such model.", _OTHER_OFFER),
        "ModelStakeTooLow": ("The model's stake is too low.", "Add stake."),
        "MarketplaceActiveBidNotFound": ("This offer does not exist any more.", _OTHER_OFFER),
        "MarketplaceBidMinPricePerSecondIsInvalid": (
            "The lowest price is above the highest.",
            "Choose another one.",
        ),
        "MarketplaceBidMinPricePerSecondIsZero": (
            "The lowest price cannot be zero.",
            "Choose another one.",
        ),
        "MarketplaceBidPricePerSecondInvalid": (
            "The price is outside of what the network allows.",
            "Choose a price between the shown limits.",
        ),
        "MarketplaceFeeAmountIsZero": ("There are no fees to take out.", _NOTHING_TO_DO),
        "MarketplaceModelNotFound": ("This model is not on offer any more.", _OTHER_OFFER),
        "MarketplaceProviderNotFound": (
            "This provider is not registered any more.",
            _OTHER_OFFER,
        ),
        "SessionAlreadyClosed": ("This session was closed already.", _NOTHING_TO_DO),
        "SessionApproveExpired": ("The provider's signature is too old.", _AGAIN),
        "SessionApprovedForAnotherChainId": (
            "The provider signed for another network.",
            "Choose another provider.",
        ),
        "SessionApprovedForAnotherUser": ("The provider signed for another user.", _AGAIN),
        "SessionBidNotFound": ("The provider withdrew this offer.", _OTHER_OFFER),
        "SessionDuplicateApproval": ("The provider's signature was used already.", _AGAIN),
        "SessionMaxDurationTooShort": (
            "The longest session cannot be under five minutes.",
            "Choose a longer one.",
        ),
        "SessionNotEndedOrNotExist": (
            "This session has not ended, or does not exist.",
            "Look at the list of sessions.",
        ),
        "SessionPoolIndexOutOfBounds": ("There is no such pool.", "Look for an update of the app."),
        "SessionProviderNothingToClaimInThisPeriod": (
            "The provider has earned all it may in this period.",
            "More stake raises the limit.",
        ),
        "SessionProviderSignatureMismatch": (
            "The signature is not of the provider of this offer.",
            "Choose another provider.",
        ),
        "SessionReceiptExpired": ("The provider's report is too old.", _AGAIN),
        "SessionReceiptForAnotherChainId": (
            "The report is for another network.",
            "Close the session without it.",
        ),
        "SessionStakeTooLow": ("The amount is too low for this session.", "Choose more."),
        "SessionTooShort": (
            "The amount buys less than the five minutes a session must last.",
            "Choose a longer session.",
        ),
        "SessionUserAmountToWithdrawIsZero": (
            "Nothing can be claimed yet.",
            "What is on hold can be claimed from midnight UTC on.",
        ),
    }
)
