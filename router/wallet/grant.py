"""A narrow use of the key that outlives the lock: what was paid for must go on and be closed.

A grant signs messages to the other side of a session, opens what is sealed for us, signs reports of
its session, and signs the one transaction that closes it, at a fee with a bound. It signs nothing
that moves money to others. That of a provider signs approvals and reports of its sessions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from router.errors import BadRequest
from router.wallet.account import Account, SignedTx

SESSION = "session:"
CLOSE = keccak(text="closeSession(bytes,bytes)")[:4]
KINDS = (SESSION, "provider")
APPROVAL_BYTES = 4 * 32
REPORT_BYTES = (5 * 32, 7 * 32)
# Closing needs 654,000; a session's grant outlives the lock by days, so it must not be able to
# burn what is in the account.
MOST_GAS = 2_000_000
MOST_FEE = 10**17


@dataclass(frozen=True)
class Target:
    """Where a session is: its network and the contract that keeps it."""

    chain_id: int
    contract: str


class Grant:
    """One use of one account, by name. Ask `Wallet.grant` for it.

    Args:
        account: a copy of its own, which `wipe` overwrites.
        closes: where the session is that it may close; None for one that closes nothing.
        wiped: told the name once it is over.
    """

    def __init__(
        self,
        name: str,
        account: Account,
        closes: Target | None = None,
        wiped: Callable[[str], None] = lambda _: None,
    ) -> None:
        if not name.startswith(KINDS):
            raise ValueError(f"there is no grant for {name}")
        self.name = name
        self.address = account.address
        self.public_key = account.public_key
        self.closes = closes if name.startswith(SESSION) else None
        self._account = account
        self._wiped = wiped

    def __repr__(self) -> str:
        return f"Grant({self.name})"

    def sign_object(self, text: bytes) -> bytes:
        """As `Account.sign_object`: messages to providers and users."""
        return self._account.sign_object(text)

    def sign_payload(self, payload: bytes) -> bytes:
        """As `Account.sign_payload`: reports of its session; that of a provider approvals too.

        Raises:
            BadRequest: it is something else.
            WalletLocked: it is over.
        """
        is_report = len(payload) in REPORT_BYTES
        if self.name.startswith(SESSION):
            is_fine = is_report and self.name == SESSION + _first_word(payload)
        else:
            is_fine = is_report or len(payload) == APPROVAL_BYTES
        if not is_fine:
            raise _refused()
        return self._account.sign_payload(payload)

    def shared_x(self, public_key: bytes) -> bytes:
        """As `Account.shared_x`: what sealed answers are opened with."""
        return self._account.shared_x(public_key)

    def sign_transaction(self, fields: Mapping[str, Any]) -> SignedTx:
        """Sign what closes its session, and nothing else.

        Raises:
            BadRequest: it is something else.
            WalletLocked: it is over.
        """
        closes, gas, price = self.closes, fields.get("gas"), fields.get("maxFeePerGas")
        if (
            closes is None
            or fields.get("chainId") != closes.chain_id
            or str(fields.get("to", "")).lower() != closes.contract.lower()
            or fields.get("value") != 0
            or not isinstance(gas, int)
            or not isinstance(price, int)
            or gas > MOST_GAS
            or gas * price > MOST_FEE
            or _closed(bytes(fields.get("data", b""))) != self.name.removeprefix(SESSION)
        ):
            raise _refused()
        return self._account.sign_transaction(fields)

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


def _first_word(report: bytes) -> str:
    """What a report begins with: the id of its session."""
    return "0x" + bytes(report[:32]).hex()


def _refused() -> BadRequest:
    return BadRequest(
        "While the wallet is locked, only sessions that were paid for are closed, at a fee of at "
        "most 0.1 ETH.",
        safe="Nothing was signed.",
        hint="Unlock it first, or wait until the fee is lower.",
    )
