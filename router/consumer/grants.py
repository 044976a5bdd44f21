"""The grants of open sessions on one network: what signs for them, whether the wallet is locked or not."""

from collections.abc import Iterable

from router.consumer.opening_steps import Signer
from router.consumer.records import SessionView
from router.wallet.grant import SESSION, Target
from router.wallet.wallet import Wallet


class SessionGrants:
    """Made, used and wiped for the sessions of one contract.

    Another connection to the same network goes on with them; `wipe_others` ends those of another.
    """

    def __init__(self, wallet: Wallet, target: Target) -> None:
        self._wallet = wallet
        self._target = target

    def signer(self, session_id: str) -> Signer:
        """The grant of a session, else the account.

        Raises:
            WalletLocked, WalletError
        """
        name = SESSION + session_id
        return self._wallet.grant(name) if name in self._wallet.grants else self._wallet.signer()

    def keep(self, views: Iterable[SessionView]) -> None:
        """Each open session has its grant as soon as the wallet can give one, and no closed one."""
        for view in views:
            name = SESSION + view.id
            if view.phase == "closed":
                if name in self._wallet.grants:
                    self._wallet.grant(name).wipe()
            elif self._wallet.state.kind == "unlocked":
                self._wallet.grant(name, self._target)

    def wipe_others(self) -> None:
        """End those of sessions of another network: they close nothing here."""
        for name in self._wallet.grants:
            if name.startswith(SESSION) and self._wallet.grant(name).closes != self._target:
                self._wallet.grant(name).wipe()
