"""Whether anything can be signed now, as every page says it."""

from router.networks import Network
from router.wallet.wallet import WalletState


def why_not(state: WalletState, network: Network | None, *, known: bool, stale: bool) -> str:
    """Why not, in a sentence; empty when it can. A lock is no reason: it is asked to be opened.

    Args:
        known, stale: whether the balances are known, and whether they are old.
    """
    if state.kind == "watch":
        return "This wallet is only watched. Import its phrase or key to use it."
    if network is None:
        return "No network is connected."
    if not known:
        return "The balances are not known yet."
    if stale:
        return "The network has not answered for a while."
    return ""
