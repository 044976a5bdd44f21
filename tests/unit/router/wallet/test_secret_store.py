"""Which keychains are given secrets."""

import asyncio
import threading

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked

from router.errors import WalletError
from router.wallet.secret_store import Keychain


class InMemory(KeyringBackend):
    """Keeps what it is given; or nothing, or does not answer."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, *, keeps: bool = True, locked: bool = False) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.keeps, self.locked = keeps, locked

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.keeps:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlaintextKeyring(InMemory):
    """As keyrings.alt has one."""


@pytest.fixture
def use(monkeypatch):
    def take(backend):
        monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
        for name in ("get_password", "set_password", "delete_password"):
            monkeypatch.setattr(keyring, name, getattr(backend, name))
        return backend

    return take


async def test_one_that_keeps_is_used_and_the_probe_is_gone(use):
    backend = use(InMemory())
    keychain = Keychain()
    assert (await keychain.availability()).usable
    assert backend.kept == {}
    await keychain.set("name", "secret")
    assert await keychain.get("name") == "secret"
    await keychain.delete("name")
    await keychain.delete("name")
    assert await keychain.get("name") is None


@pytest.mark.parametrize(
    "backend",
    [
        fail.Keyring(),
        null.Keyring(),
        PlaintextKeyring(),
        InMemory(keeps=False),
        InMemory(locked=True),
    ],
    ids=["none", "null", "plain text", "keeps nothing", "locked"],
)
async def test_others_are_refused_with_a_reason(use, backend):
    use(backend)
    found = await Keychain().availability()
    assert not found.usable
    assert found.reason.endswith(".")


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring(), PlaintextKeyring()])
async def test_they_are_given_nothing(use, backend):
    use(backend)
    with pytest.raises(WalletError) as caught:
        await Keychain().set("name", "secret")
    assert "unchanged" in caught.value.safe
    assert getattr(backend, "kept", {}) == {}


async def test_a_chain_is_as_good_as_its_worst(use, monkeypatch):
    chain = use(chainer.ChainerBackend())
    monkeypatch.setattr(type(chain), "backends", [InMemory(), PlaintextKeyring()])
    assert not (await Keychain().availability()).usable


async def test_a_locked_one_is_explained(use):
    use(InMemory(locked=True))
    with pytest.raises(WalletError, match="does not answer"):
        await Keychain().get("name")


async def test_one_question_after_the_other(use, monkeypatch):
    """Whoever does not wait for the answer has not taken back the question."""
    use(InMemory())
    go_on, asked = threading.Event(), []

    def get(service, username):
        asked.append(username)
        go_on.wait(30)
        return username

    monkeypatch.setattr(keyring, "get_password", get)
    keychain = Keychain()
    for name in ("first", "second", "third"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await keychain.get(name)
    assert asked == ["first"]
    go_on.set()
    assert await asyncio.gather(keychain.get("fourth"), keychain.get("fifth")) == [
        "fourth",
        "fifth",
    ]
    assert asked == ["first", "fourth", "fifth"]
