"""router.wallet.node_keys: what was put in comes out, nothing of it is left in the settings."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.config import Settings
from router.errors import WalletError
from router.node_urls import with_key_kept
from router.wallet.node_keys import NodeKeys
from router.wallet.secret_store import Keychain
from tests.support.money_desk import StatedKeychain
from tests.unit.router.test_node_urls import NAME, WITH_KEY

PLAIN = "https://plain.example/rpc"
COSTLY = "https://base.example/v2/key-that-costs"


class Full(StatedKeychain):
    """Takes one secret, and gives none of them away again."""

    async def set(self, name: str, secret: str) -> None:
        if self.kept:
            raise WalletError("It is full.")
        await super().set(name, secret)

    async def delete(self, name: str) -> None:
        raise WalletError("It is locked.")


class Short(StatedKeychain):
    """Keeps the beginning of a secret."""

    async def set(self, name: str, secret: str) -> None:
        await super().set(name, secret[:30])


class Slow(StatedKeychain):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.answer, self.asked = asyncio.Event(), 0

    async def get(self, name: str) -> str | None:
        self.asked += 1
        await self.answer.wait()
        return await super().get(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.toml")


@pytest.fixture
async def keys(settings: Settings, keychain: Keychain) -> AsyncIterator[NodeKeys]:
    made = NodeKeys(settings, keychain)
    yield made
    await made.close()


async def again(settings: Settings, keychain: Keychain, url: str) -> str | None:
    """What another start of the app makes of an address of the settings."""
    made = NodeKeys(Settings(settings.path), keychain)
    try:
        return await made.real(url)
    finally:
        await made.close()


async def emptied(keychain: StatedKeychain) -> None:
    async with asyncio.timeout(30):
        while keychain.kept:
            await asyncio.sleep(0)


async def test_what_was_put_in_comes_out(keys, settings, keychain) -> None:
    written = await keys.keep(PLAIN, *WITH_KEY)
    settings.change({"chain.base": written})
    assert written[0] == PLAIN
    assert len(keychain.kept) == len(set(written)) - 1 == len(WITH_KEY)
    text = settings.path.read_text("utf-8")
    for url, kept in zip(WITH_KEY, written[1:], strict=True):
        assert url not in text
        assert await keys.real(kept) == await again(settings, keychain, kept) == url
    for secret in ("costs", "COSTS", "secret", "apikey", "kkkk", "token", "%6b", "schl", "me"):
        assert secret not in "".join(Settings(settings.path).current.chain.base)


async def test_without_a_keychain_all_stays_in_the_settings(keys, keychain) -> None:
    keychain.reason = "There is no keychain on this system."
    assert await keys.keep(PLAIN, *WITH_KEY) == (PLAIN, *WITH_KEY)
    assert await keys.real(COSTLY) == COSTLY
    assert keychain.kept == {}


async def test_without_a_key_the_keychain_is_not_asked(settings) -> None:
    keys = NodeKeys(settings, None)
    assert await keys.keep(PLAIN) == (PLAIN,)
    assert await keys.real(PLAIN) == PLAIN
    await keys.forget(PLAIN)
    assert keys._keychain is None
    await keys.close()


async def test_what_the_keychain_does_not_take_stays_where_it_was(settings, caplog) -> None:
    keychain = Full()
    keys = NodeKeys(settings, keychain)
    first, second = await keys.keep(COSTLY, f"{COSTLY}-more")
    assert await keys.real(first) == COSTLY
    assert second == f"{COSTLY}-more"
    await keys.forget(first)
    assert "the key of base.example stays in the keychain" in caplog.text
    assert "costs" not in caplog.text
    await keys.close()


async def test_what_does_not_come_out_as_it_was_put_in_is_not_left_there(settings) -> None:
    keychain = Short()
    keys = NodeKeys(settings, keychain)
    assert await keys.keep(COSTLY) == (COSTLY,)
    assert keychain.kept == {}
    await keys.close()


async def test_what_leaves_the_settings_leaves_the_keychain(keys, settings, keychain) -> None:
    one, two, three = await keys.keep(COSTLY, f"{COSTLY}-2", f"{COSTLY}-3")
    settings.change({"chain.base": (one, two), "chain.arbitrum": (three,)})
    settings.change({"chain.base": (two, one), "network": "arbitrum"})
    settings.change({"chain.base": (), "chain.arbitrum": (three, one)})
    async with asyncio.timeout(30):
        while len(keychain.kept) > 2:
            await asyncio.sleep(0)
    assert set(keychain.kept.values()) == {COSTLY, f"{COSTLY}-3"}
    assert await keys.real(two) is None
    settings.change({"chain.arbitrum": ()})
    await emptied(keychain)


async def test_a_key_that_is_not_there(keys, keychain, settings) -> None:
    kept = with_key_kept(COSTLY, NAME)
    assert await keys.real(kept) is None
    keychain.kept[f"node-{NAME}"] = COSTLY
    assert await keys.real(kept) is None  # nobody is asked again and again
    keys.ask_again()
    assert await keys.real(kept) == COSTLY


async def test_an_answer_that_comes_late_is_an_answer(settings) -> None:
    """A desktop asks its user once, however often the node is wanted meanwhile."""
    keychain = Slow()
    keychain.kept[f"node-{NAME}"] = COSTLY
    keys = NodeKeys(settings, keychain)
    kept = with_key_kept(COSTLY, NAME)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await keys.real(kept)
        keys.ask_again()
    keychain.answer.set()
    assert await keys.real(kept) == COSTLY
    assert keychain.asked == 1
    await keys.close()


@pytest.mark.parametrize(
    "start", ["http://base.example", "https://evil.example", "https://base.example:81"]
)
async def test_a_key_is_for_its_host_only(keys, keychain, start) -> None:
    keychain.kept[f"node-{NAME}"] = COSTLY
    assert await keys.real(f"{start}/{{key:{NAME}}}") is None


async def test_a_keychain_that_cannot_be_used(settings) -> None:
    """That of the tests keeps nothing."""
    keys = NodeKeys(settings)
    assert await keys.keep(COSTLY) == (COSTLY,)
    assert await keys.real(with_key_kept(COSTLY, NAME)) is None
    await keys.close()
