"""Why nothing can be signed, in the order in which it matters."""

import pytest

from morpheus_desktop.viewmodels.signing import why_not
from router.networks import NETWORKS
from router.wallet.wallet import WalletState

BASE = NETWORKS["base"]


@pytest.mark.parametrize(
    ("kind", "network", "known", "stale", "words"),
    [
        ("watch", BASE, True, False, "only watched"),
        ("unlocked", None, True, False, "No network"),
        ("unlocked", BASE, False, False, "not known yet"),
        ("unlocked", BASE, True, True, "has not answered"),
    ],
)
def test_reasons(kind, network, known, stale, words):
    assert words in why_not(WalletState(kind), network, known=known, stale=stale)


@pytest.mark.parametrize("kind", ["unlocked", "locked"])
def test_a_lock_is_no_reason(kind):
    assert why_not(WalletState(kind), BASE, known=True, stale=False) == ""
