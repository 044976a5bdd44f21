"""The wallet: locked means locked, and what needs the password."""

import gc
import sys
from contextlib import suppress

import pytest

from router.errors import BadRequest, Busy, WalletError, WalletLocked, WrongPassword
from router.wallet.vault import Cost
from router.wallet.wallet import Wallet
from tests.support.disk import small_disk
from tests.support.money_desk import FIRST, PASSWORD, PHRASE, QUICK

KEY = "11" * 32


async def test_made_it_is_unlocked_and_found_again_locked(wallet, tmp_path, cost):
    assert (await wallet.create(PHRASE, PASSWORD)).kind == "unlocked"
    assert wallet.state.address == FIRST
    again = Wallet(tmp_path, cost=cost)
    await again.open()
    assert (again.state.kind, again.state.address, again.state.has_phrase) == (
        "locked",
        FIRST,
        True,
    )
    with pytest.raises(WalletLocked):
        again.signer()
    await again.unlock(PASSWORD)
    assert again.signer().address == FIRST


async def test_locked_means_locked(wallet):
    await wallet.create(PHRASE, PASSWORD)
    account = wallet.signer()
    kept = account._key
    secret = bytes(kept)
    assert len(secret) == 32
    wallet.lock()
    assert bytes(kept) == b""
    for sign in (wallet.signer, lambda: account.sign_message(b"x"), lambda: account.public_key):
        with pytest.raises(WalletLocked):
            sign()
    gc.collect()
    left = [each for each in gc.get_objects() if isinstance(each, bytearray) and each == secret]
    assert left == []


async def test_no_wallet_and_a_watched_one_sign_nothing(wallet):
    with pytest.raises(WalletError, match="There is no wallet"):
        wallet.signer()
    await wallet.watch(FIRST.lower())
    assert (wallet.state.kind, wallet.state.address) == ("watch", FIRST)
    with pytest.raises(WalletError, match="only watched"):
        wallet.signer()
    wallet.lock()
    assert wallet.state.kind == "watch"


@pytest.mark.parametrize("way", ["create", "import", "watch"])
async def test_in_place_of_a_damaged_file(wallet, keychain, tmp_path, clock, caplog, way):
    """It is kept under another name, and what the keychain knows of it is forgotten."""
    await wallet.create(PHRASE, PASSWORD)
    await wallet.remember(PASSWORD)
    path = tmp_path / "wallet.json"
    path.write_bytes(broken := path.read_bytes()[:-9])
    again = Wallet(tmp_path, keychain=keychain, cost=QUICK, clock=clock)
    with pytest.raises(WalletError, match="damaged"):
        await again.open()
    with pytest.raises(BadRequest):
        await again.import_key(KEY, "short")
    assert path.read_bytes() == broken, "nothing was made, so nothing was moved"
    with pytest.raises(Busy):
        again.borrow(b"\x01" * 32)
    match way:
        case "create":
            await again.create(PHRASE, PASSWORD)
        case "import":
            await again.import_key(KEY, PASSWORD)
        case "watch":
            await again.watch(FIRST)
    assert not again.state.in_keychain
    (aside,) = tmp_path.glob("wallet.json.damaged-*")
    assert aside.read_bytes() == broken
    assert aside.name in caplog.text
    with pytest.raises(Busy):
        await again.import_key(KEY, PASSWORD)
    await wallet.open()
    assert wallet.state.address == again.state.address


async def test_a_file_of_a_newer_version_is_not_replaced(wallet, tmp_path):
    await wallet.create(PHRASE, PASSWORD)
    path = tmp_path / "wallet.json"
    path.write_bytes(path.read_bytes().replace(b'"version": 1', b'"version": 2'))
    again = Wallet(tmp_path, cost=QUICK)
    for make in (again.create(PHRASE, PASSWORD), again.watch(FIRST)):
        with pytest.raises(Busy):
            await make
    assert [file.name for file in tmp_path.glob("wallet.json*")] == ["wallet.json"]


async def test_a_second_one_is_not_made(wallet):
    await wallet.create(PHRASE, PASSWORD)
    for make in (
        lambda: wallet.create(PHRASE, PASSWORD),
        lambda: wallet.import_key(KEY, PASSWORD),
        lambda: wallet.watch(FIRST),
    ):
        with pytest.raises(Busy):
            await make()
    with pytest.raises(Busy):
        wallet.borrow(bytes.fromhex(KEY))
    assert wallet.state.address == FIRST


async def test_a_lent_account_makes_room_and_stays_when_saving_fails(wallet, tmp_path):
    wallet.borrow(bytes.fromhex(KEY))
    lent = wallet.state.address
    with pytest.raises(BadRequest):
        await wallet.create(PHRASE, "short")
    assert (wallet.state.address, wallet.signer().address) == (lent, lent)
    await wallet.create(PHRASE, PASSWORD)
    assert not wallet.state.borrowed
    wallet.give_back()  # is of the lent one only
    assert wallet.signer().address == FIRST


async def test_what_needs_the_password_again(wallet):
    await wallet.create(PHRASE, PASSWORD)
    assert await wallet.reveal_phrase(PASSWORD) == PHRASE
    key = await wallet.export_key(PASSWORD)
    assert key.startswith("0x")
    for ask in (
        lambda: wallet.reveal_phrase("wrong"),
        lambda: wallet.export_key("wrong"),
        lambda: wallet.export_keystore("wrong", PASSWORD),
        lambda: wallet.change_password("wrong", PASSWORD),
    ):
        with pytest.raises(WrongPassword):
            await ask()


async def test_a_single_key_has_no_phrase(wallet):
    await wallet.import_key(f"0x{KEY}", PASSWORD)
    assert await wallet.export_key(PASSWORD) == f"0x{KEY}"
    with pytest.raises(WalletError, match="no recovery phrase"):
        await wallet.reveal_phrase(PASSWORD)


async def test_a_file_whose_key_is_not_of_its_address_is_not_unlocked(wallet):
    """What was shown as the address, and sent to, would not be what signs."""
    public = {"address": FIRST, "kind": "own", "path": "", "has_phrase": False}
    wallet._vault.save({"key": KEY}, public, PASSWORD)
    await wallet.open()
    assert (wallet.state.kind, wallet.state.address) == ("locked", FIRST)
    with pytest.raises(WalletError, match="not of its address"):
        await wallet.unlock(PASSWORD)
    assert wallet.state.kind == "locked"
    with pytest.raises(WalletLocked):
        wallet.signer()


async def test_another_password(wallet):
    await wallet.create(PHRASE, PASSWORD)
    with pytest.raises(BadRequest):
        await wallet.change_password(PASSWORD, "short")
    await wallet.change_password(PASSWORD, "another horse")
    wallet.lock()
    with pytest.raises(WrongPassword):
        await wallet.unlock(PASSWORD)
    assert (await wallet.unlock("another horse")).kind == "unlocked"


async def test_erasing_needs_password_and_word(wallet, tmp_path):
    await wallet.create(PHRASE, PASSWORD)
    with pytest.raises(BadRequest):
        await wallet.erase(PASSWORD, "yes")
    with pytest.raises(WrongPassword):
        await wallet.erase("wrong", "erase")
    assert (tmp_path / "wallet.json").exists()
    account = wallet.signer()
    await wallet.erase(PASSWORD, " Erase ")
    assert wallet.state.kind == "none"
    assert not (tmp_path / "wallet.json").exists()
    with pytest.raises(WalletLocked):
        account.sign_message(b"x")


async def test_erasing_forgets_what_the_keychain_keeps(wallet, keychain, tmp_path):
    await wallet.create(PHRASE, PASSWORD)
    await wallet.remember(PASSWORD)
    assert keychain.kept
    await wallet.erase(PASSWORD, "erase")
    assert keychain.kept == {}
    assert not (tmp_path / "wallet-keychain.bin").exists()
    assert not wallet.state.in_keychain


async def test_wrong_passwords_make_one_wait_over_a_restart(wallet, tmp_path, cost, clock):
    await wallet.create(PHRASE, PASSWORD)
    wallet.lock()
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await wallet.unlock("wrong")
    again = Wallet(tmp_path, cost=cost, clock=clock)
    await again.open()
    assert again.wait_s == 30
    with pytest.raises(WrongPassword, match="Too many"):
        await again.unlock(PASSWORD)
    clock.now += 31
    await again.unlock(PASSWORD)
    assert again.wait_s == 0


async def test_a_low_cost_is_raised_at_unlock(wallet, tmp_path):
    await wallet.create(PHRASE, PASSWORD)
    higher = Cost(2, 64, 4)
    again = Wallet(tmp_path, cost=higher)
    await again.open()
    await again.unlock(PASSWORD)
    assert again._vault.open(PASSWORD).is_weak is False
    assert b'"passes": 2' in (tmp_path / "wallet.json").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a disk that can be filled")
async def test_a_full_disk_keeps_nobody_from_their_money(tmp_path, caplog):
    """The cost is raised another time then."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, 64 << 10):
        await Wallet(disk, cost=QUICK).create(PHRASE, PASSWORD)
        before = (disk / "wallet.json").read_bytes()
        with suppress(OSError), (disk / "all the rest").open("wb", buffering=0) as rest:
            while True:
                rest.write(bytes(4096))
        again = Wallet(disk, cost=Cost(2, 64, 4))
        await again.open()
        assert (await again.unlock(PASSWORD)).kind == "unlocked"
        assert (disk / "wallet.json").read_bytes() == before
    assert "was not raised" in caplog.text


async def test_the_keychain_has_no_password_and_the_file_alone_is_of_no_use(
    wallet, keychain, tmp_path
):
    await wallet.create(PHRASE, PASSWORD)
    await wallet.remember(PASSWORD)
    assert PASSWORD not in str(keychain.kept)
    assert PASSWORD.encode() not in (tmp_path / "wallet-keychain.bin").read_bytes()
    wallet.lock()
    assert (await wallet.unlock_with_keychain()).kind == "unlocked"
    await wallet.change_password(PASSWORD, "another horse")
    wallet.lock()
    assert (await wallet.unlock_with_keychain()).kind == "unlocked"
    wallet.lock()
    keychain.kept.clear()
    with pytest.raises(WalletError, match="does not know this wallet"):
        await wallet.unlock_with_keychain()
    await wallet.forget()
    assert not wallet.state.in_keychain


async def test_listeners_hear_each_state_once(wallet):
    told = []
    wallet.changed.subscribe(lambda state: told.append(state.kind))
    await wallet.create(PHRASE, PASSWORD)
    wallet.lock()
    wallet.lock()
    await wallet.unlock(PASSWORD)
    await wallet.unlock(PASSWORD)
    assert told == ["locked", "unlocked", "locked", "unlocked"]
