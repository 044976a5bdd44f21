"""What signs for the stake on one network, whether the wallet is locked or not.

Each open session has its grant; so have claims, as long as a session is open or its stake on hold.
"""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator

from router.consumer.opening_steps import Signer
from router.consumer.records import SessionView
from router.wallet.grant import CLAIMS, SESSION, Grant, Target
from router.wallet.wallet import Wallet


class SessionGrants:
    """Made, used and wiped for the stake in one contract.

    Another connection to the same network goes on with them; `wipe_others` ends those of another.
    """

    def __init__(self, wallet: Wallet, target: Target) -> None:
        self._wallet = wallet
        self._target = target
        self._uses: Counter[str] = Counter()
        self._over: set[str] = set()

    def signer(self, session_id: str) -> Signer:
        """The grant of a session, else the account.

        Raises:
            WalletLocked, WalletError
        """
        name = SESSION + session_id
        return self._wallet.grant(name) if name in self._wallet.grants else self._wallet.signer()

    @contextlib.contextmanager
    def using(self, session_id: str) -> Iterator[None]:
        """An answer comes, which is opened to its end though the session is closed meanwhile."""
        name = SESSION + session_id
        self._uses[name] += 1
        try:
            yield
        finally:
            self._uses[name] -= 1
            if not self._uses[name] and name in self._over:
                self._end(name)

    @property
    def claimer(self) -> Grant | None:
        """What takes stake back though nobody is there; None when nothing can."""
        return self._wallet.grant(CLAIMS) if CLAIMS in self._wallet.grants else None

    def keep(self, views: Iterable[SessionView], *, returned: int, claims: bool) -> None:
        """What has a use has its grant as soon as the wallet can give one, and loses it afterwards.

        Args:
            returned: MOR on hold or claimable; wei.
            claims: whether the user wants it taken back by itself.
        """
        for view in views:
            name = SESSION + view.id
            if view.phase == "closed" and self._uses[name]:
                self._over.add(name)
            elif view.phase == "closed":
                self._end(name)
            elif self._wallet.state.kind == "unlocked":
                self._wallet.grant(name, self._target)
        # A node that lags may leave sessions out for a moment, but their grants are still there.
        is_open = any(name.startswith(SESSION) for name in self._wallet.grants)
        if not (claims and (is_open or returned)):
            self._end(CLAIMS)
        elif self._wallet.state.kind == "unlocked":
            self._wallet.grant(CLAIMS, self._target)

    def wipe_others(self) -> None:
        """End those of another network: they do nothing here."""
        for name in self._wallet.grants:
            is_ours = name.startswith(SESSION) or name == CLAIMS
            if is_ours and self._wallet.grant(name).target != self._target:
                self._end(name)

    def _end(self, name: str) -> None:
        self._over.discard(name)
        if name in self._wallet.grants:
            self._wallet.grant(name).wipe()
