"""A wallet that is quick to encrypt, and the time as the test says."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from router.wallet.vault import Cost, Vault
from router.wallet.wallet import Wallet
from tests.support.money_desk import QUICK, StatedKeychain


@dataclass
class Clock:
    """Seconds since 1970."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cost() -> Cost:
    return QUICK


@pytest.fixture
def vault(tmp_path: Path, cost: Cost) -> Vault:
    return Vault(tmp_path / "wallet.json", cost)


@pytest.fixture
def keychain() -> StatedKeychain:
    return StatedKeychain()


@pytest.fixture
def wallet(tmp_path: Path, clock: Clock, cost: Cost, keychain: StatedKeychain) -> Wallet:
    return Wallet(tmp_path, keychain=keychain, cost=cost, clock=clock)
