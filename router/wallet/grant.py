"""A narrow use of the key that outlives the lock: what was paid for must go on and be closed.

That of a session signs messages to its provider, opens what is sealed for us, signs reports of it,
and signs the one transaction that closes it. That of claims signs the one that takes back the
account's own stake, and nothing else; both at a fee with a bound. That of a provider signs messages,
approvals and reports, and no transaction. None signs what moves money to others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from router.errors import BadRequest
from router.wallet.account import Account, SignedTx

SESSION, CLAIMS, PROVIDER = "session:", "claims", "provider"
KINDS = (CLAIMS, PROVIDER)
CLOSE = keccak(text="closeSession(bytes,bytes)")[:4]
TAKE_BACK = keccak(text="withdrawUserStakes(address,uint8)")[:4]
APPROVAL_BYTES = 4 * 32
REPORT_BYTES = (5 * 32, 7 * 32)
# Wei for one transaction: a grant outlives the lock by days, so it must not be able to burn what is
# in the account.
MOST_FEE = 10**17


@dataclass(frozen=True)
class Target:
    """Where the stake is: a network and the contract that keeps it."""

    chain_id: int
    contract: str


class Grant:
    """One use of one account, by name. Ask `Wallet.grant` for it.

    Args:
        account: a copy of its own, which `wipe` overwrites.
        target: where it may close its session, or take stake back; None for nowhere.
        wiped: told the name once it is over.
    """

    def __init__(
        self,
        name: str,
        account: Account,
        target: Target | None = None,
        wiped: Callable[[str], None] = lambda _: None,
    ) -> None:
        if not (name in KINDS or name.startswith(SESSION)):
            raise ValueError(f"there is no grant for {name}")
        self.name = name
        self.address = account.address
        self.public_key = account.public_key
        self.target = target if name != PROVIDER else None
        self._account = account
        self._wiped = wiped

    def __repr__(self) -> str:
        return f"Grant({self.name})"

    def sign_object(self, text: bytes) -> bytes:
        """As `Account.sign_object`: messages to providers and users.

        Raises:
            BadRequest: it is that of claims, which speaks to nobody.
            WalletLocked: it is over.
        """
        self._need_voice()
        return self._account.sign_object(text)

    def sign_payload(self, payload: bytes) -> bytes:
        """As `Account.sign_payload`: reports of its session; that of a provider approvals too.

        Raises:
            BadRequest: it is something else.
            WalletLocked: it is over.
        """
        self._need_voice()
        is_report = len(payload) in REPORT_BYTES
        if self.name.startswith(SESSION):
            is_fine = is_report and self.name == SESSION + _first_word(payload)
        else:
            is_fine = is_report or len(payload) == APPROVAL_BYTES
        if not is_fine:
            raise _refused()
        return self._account.sign_payload(payload)

    def shared_x(self, public_key: bytes) -> bytes:
        """As `Account.shared_x`: what sealed answers are opened with. Raises: as `sign_object`."""
        self._need_voice()
        return self._account.shared_x(public_key)

    def sign_transaction(self, fields: Mapping[str, Any]) -> SignedTx:
        """Sign what closes its session or takes the account's stake back, and nothing else.

        Raises:
            BadRequest: it is something else.
            WalletLocked: it is over.
        """
        target, gas, price = self.target, fields.get("gas"), fields.get("maxFeePerGas")
        if (
            target is None
            or fields.get("chainId") != target.chain_id
            or str(fields.get("to", "")).lower() != target.contract.lower()
            or fields.get("value") != 0
            or not isinstance(gas, int)
            or not isinstance(price, int)
            or gas * price > MOST_FEE
            or not self._is_for(bytes(fields.get("data", b"")))
        ):
            raise _refused()
        return self._account.sign_transaction(fields)

    def _is_for(self, data: bytes) -> bool:
        """Whether a call is the one that this grant is for."""
        if self.name == CLAIMS:
            return _taken_back(data) == self.address.lower()
        return SESSION + _closed(data) == self.name

    def _need_voice(self) -> None:
        if self.name == CLAIMS:
            raise _refused()

    def wipe(self) -> None:
        """Overwrite the key; everything raises WalletLocked from now on."""
        self._account.wipe()
        self._wiped(self.name)


def _closed(data: bytes) -> str:
    """Id of the session that a call closes; empty when it does not."""
    if data[:4] != CLOSE:
        return ""
    try:
        report, _ = decode(["bytes", "bytes"], data[4:])
    except DecodingError:
        return ""
    return _first_word(report) if len(report) >= 32 else ""


def _taken_back(data: bytes) -> str:
    """Address whose stake a call takes back, in small letters; empty when it does not."""
    if data[:4] != TAKE_BACK:
        return ""
    try:
        user, _ = decode(["address", "uint8"], data[4:])
    except DecodingError:
        return ""
    return str(user).lower()


def _first_word(report: bytes) -> str:
    """What a report begins with: the id of its session."""
    return "0x" + bytes(report[:32]).hex()


def _refused() -> BadRequest:
    return BadRequest(
        "While the wallet is locked, only sessions that were paid for are closed and their stake is "
        "taken back, at a fee of at most 0.1 ETH.",
        safe="Nothing was signed.",
        hint="Unlock it first, or wait until the fee is lower.",
    )
