"""Wallet file and journal when the disk, the folder or another copy of them goes wrong.

Rows F06 to F13 of the fault model, as far as they concern money. Nothing is sent that is not
written down, nothing is paid twice, and what was there stays there.
"""

import os
import random
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.chain.history import TokenHistory
from router.chain.journal import Journal
from router.chain.journal_file import CONTENT
from router.errors import Busy, StorageError, WalletError
from router.files import replace_private
from router.wallet.vault import Cost, Vault
from router.wallet.wallet import Wallet
from tests.support.disk import read_only, small_disk
from tests.support.fault_rpc import cut
from tests.support.sending import Sending, sending
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120), pytest.mark.usefixtures("caplog")]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")

CHEAP = Cost(1, 8 * 1024, 1)
PASSWORD = "correct horse battery"
OTHER = "another long password"
PHRASE = "test test test test test test test test test test test junk"
FIRST = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
RELEASED = Path(__file__).parents[1] / "data" / "wallet-1"


def wallet_in(folder: Path) -> Wallet:
    return Wallet(folder, cost=CHEAP)


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "day-lock") as made:
        await made.give("user", 100 * MOR)
        yield made


async def journal_at(path: Path) -> Journal:
    journal = Journal(path)
    await journal.open()
    return journal


# Disk full (F06), folder that cannot be written (F07)


@posix
async def test_disk_full_while_the_wallet_is_saved(tmp_path: Path) -> None:
    """Exactly the old password works; nothing half is left."""
    folder = tmp_path / "full"
    folder.mkdir()
    with small_disk(folder, 64 * 1024) as disk:
        wallet = wallet_in(folder)
        await wallet.create(PHRASE, PASSWORD)
        before = (folder / "wallet.json").read_bytes()
        fill(folder)
        with pytest.raises(StorageError) as caught:
            await wallet.change_password(PASSWORD, OTHER)
        assert str(folder) in caught.value.message
        assert caught.value.safe == "The file before it is unchanged."
        assert (folder / "wallet.json").read_bytes() == before
        (folder / "filler").unlink()
        assert not list(folder.glob("*.new"))
        disk.grow(1 << 20)
        await wallet.change_password(PASSWORD, OTHER)
        assert await wallet.reveal_phrase(OTHER) == PHRASE


def fill(folder: Path) -> None:
    """Leave no byte on the disk of a folder."""
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


@posix
async def test_disk_full_while_a_transaction_is_written_down(here: World, tmp_path: Path) -> None:
    """It is refused before any node sees it, and works once there is space."""
    folder = tmp_path / "full"
    folder.mkdir()
    with small_disk(folder, 512 * 1024) as disk:
        journal = await journal_at(folder / "transactions.db")
        try:
            async with sending(here, journal=journal) as one:
                first = await one.submit()
                fill(folder)
                with pytest.raises(StorageError) as caught:
                    await submit_many(one)
                assert str(folder) in caught.value.message
                known = await one.all()
                assert await one.sent() == known[0].nonce + 1, "something was sent unwritten"
                (folder / "filler").unlink()
                disk.grow(8 << 20)
                again = await one.submit()
                assert (await one.record(first.id)).hash == first.hash
                assert again.nonce == known[0].nonce + 1
                assert await one.received() == 5 * (len(known) + 1)
        finally:
            await journal.close()


async def submit_many(one: Sending) -> None:
    """More than there can be space for in what a file has left in its last pages."""
    for _ in range(50):
        await one.submit()


@posix
async def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "wallet.json", CHEAP)
    vault.save({"key": "k"}, {}, PASSWORD)
    with read_only(tmp_path):
        with pytest.raises(StorageError, match="Permission denied") as caught:
            vault.save({"key": "k"}, {}, OTHER)
        assert str(tmp_path) in caught.value.message
        journal = Journal(tmp_path / "transactions.db")
        with pytest.raises(StorageError, match=r"The transactions in .* cannot be read or written"):
            await journal.open()
        await journal.close()
    assert vault.open(PASSWORD).secrets == {"key": "k"}


@posix
async def test_only_its_owner_may_read_the_journal(tmp_path: Path) -> None:
    """Whatever the rights of the folder are: what was paid to whom is nobody else's business."""
    tmp_path.chmod(0o755)
    journal = await journal_at(tmp_path / "transactions.db")
    try:
        modes = {file.stat().st_mode & 0o777 for file in tmp_path.glob("transactions.db*")}
        assert modes == {0o600}
    finally:
        await journal.close()


@posix
def test_what_lies_in_the_way_is_not_written_through(tmp_path: Path) -> None:
    """A link that somebody left at the name of the partial file leads nowhere."""
    target = tmp_path / "elsewhere"
    target.write_text("theirs")
    (tmp_path / f"wallet.json.{os.getpid()}.new").symlink_to(target)
    replace_private(tmp_path / "wallet.json", b"secret")
    assert target.read_text() == "theirs"
    assert (tmp_path / "wallet.json").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "wallet.json").is_symlink()


# Older and newer versions (F08)


async def test_what_version_1_wrote_opens_for_ever(tmp_path: Path) -> None:
    """The files were written by the first version of the format and are never made anew."""
    folder = tmp_path / "profile"
    shutil.copytree(RELEASED, folder)
    wallet = wallet_in(folder)
    await wallet.open()
    assert (wallet.state.kind, wallet.state.address) == ("locked", FIRST)
    await wallet.unlock(PASSWORD)
    assert wallet.signer().address == FIRST
    assert await wallet.reveal_phrase(PASSWORD) == PHRASE
    journal = await journal_at(folder / "transactions.db")
    newest, oldest = await journal.list(1337, FIRST)
    await journal.close()
    assert (newest.state, newest.value, newest.key) == ("sent", 7, "wish 1")
    assert (oldest.state, oldest.label, oldest.fee) == ("safe", "rent", 2**70)
    assert len(newest.attempts[0].raw) > 100


async def test_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    shutil.copytree(RELEASED, tmp_path / "profile")
    file, database = (tmp_path / "profile" / n for n in ("wallet.json", "transactions.db"))
    file.write_bytes(file.read_bytes().replace(b'"version": 1', b'"version": 2'))
    with sqlite3.connect(database) as connection:
        connection.execute(f"PRAGMA user_version = {CONTENT.version + 1}")
    connection.close()
    before = file.read_bytes(), database.read_bytes()
    wallet = wallet_in(tmp_path / "profile")
    with pytest.raises(WalletError, match="made by a newer version"):
        await wallet.open()
    with pytest.raises(WalletError, match="made by a newer version"):
        Vault(file, CHEAP).open(PASSWORD)
    with pytest.raises(Exception, match="already"):
        await wallet.create(PHRASE, OTHER)
    journal = Journal(database)
    with pytest.raises(StorageError, match="made by a newer version"):
        await journal.open()
    await journal.close()
    assert (file.read_bytes(), database.read_bytes()) == before
    assert not list((tmp_path / "profile").glob("*.damaged*"))


# A damaged journal (F09)


def no_header(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 100)


def middle_page(path: Path) -> None:
    pages = path.stat().st_size // 4096
    with path.open("r+b") as file:
        for page in range(1, pages):
            file.seek(page * 4096)
            file.write(random.Random(page).randbytes(4096))


def half(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 // 4096 * 4096)


def text(path: Path) -> None:
    path.write_text("dear diary")


@pytest.mark.parametrize("damage", [no_header, middle_page, half, text])
async def test_a_damaged_journal_is_set_aside(here: World, tmp_path: Path, damage: object) -> None:
    """The chain knows what was sent: the next one follows it, and balances are right."""
    path = tmp_path / "transactions.db"
    journal = await journal_at(path)
    async with sending(here, journal=journal) as one:
        await one.submit()
        waiting = await one.submit()
    await journal.close()
    damage(path)  # type: ignore[operator]
    broken = path.read_bytes()
    journal = await journal_at(path)
    try:
        (aside,) = tmp_path.glob("transactions.db.damaged-*")
        assert aside.read_bytes() == broken
        async with sending(here, journal=journal) as one:
            assert await one.all() == []
            record = await one.submit()
            assert record.nonce == waiting.nonce + 1
            await one.look()
            assert await one.received() == 15
            account = await here.market.account(one.address)
            assert account.mor == account.total == 100 * MOR - 15
            history = TokenHistory(one.chain, one.network, one.address)
            await history.update()
            sent = [t for t in await history.transfers() if t.amount == 5]
            assert len(sent) == 3, "what the journal lost must be found on the chain"
    finally:
        await journal.close()


async def test_the_log_of_another_database(here: World, tmp_path: Path) -> None:
    """A write-ahead log that belongs to another file changes nothing."""
    path, other = tmp_path / "transactions.db", tmp_path / "other.db"
    journal = await journal_at(path)
    async with sending(here, journal=journal) as one:
        record = await one.submit()
    await journal.close()
    foreign = sqlite3.connect(other, isolation_level=None)
    foreign.execute("PRAGMA journal_mode = WAL")
    foreign.execute("CREATE TABLE tx (id INTEGER)")
    shutil.copy(f"{other}-wal", f"{path}-wal")
    foreign.close()
    journal = await journal_at(path)
    try:
        async with sending(here, journal=journal) as one:
            assert await one.received() == 5
            assert (await one.submit()).nonce == record.nonce + 1
            assert await one.received() == 10
    finally:
        await journal.close()


# The same money in two places (F10, F11, F12)


async def test_two_processes_with_one_journal(here: World, tmp_path: Path) -> None:
    """A second node on the same folder shares no nonce with the first and skips none."""
    path = tmp_path / "transactions.db"
    first, second = await journal_at(path), await journal_at(path)
    try:
        async with sending(here, journal=first) as one, sending(here, journal=second) as two:
            before = await one.sent()
            for turn in (one, two, one, two):
                await turn.submit()
            prepared = await one.manager.prepare(one.transfer(6), one.address)
            await two.submit()
            with pytest.raises(Busy):
                await one.manager.send(prepared)
            assert await one.sent() == before + 5
            assert [r.nonce for r in await one.all()] == list(range(before + 4, before - 1, -1))
    finally:
        await first.close()
        await second.close()


async def test_two_profiles_with_one_key(here: World, tmp_path: Path) -> None:
    """What the other one sent in the place of ours is noticed; no gap is left."""
    first = await journal_at(tmp_path / "a.db")
    second = await journal_at(tmp_path / "b.db")
    try:
        async with sending(here, journal=first) as one, sending(here, journal=second) as two:
            await here.rpc("evm_setAutomine", False)
            one.faults[0].on("eth_sendRawTransaction", cut)
            lost = await one.submit()
            one.faults[0].well()
            one.forget()
            rival = await two.submit(two.transfer(9))
            assert rival.nonce == lost.nonce
            await here.rpc("evm_mine")
            await one.look(3)
            replaced = await one.record(lost.id)
            assert replaced.state == "replaced"
            assert "sent from elsewhere" in replaced.reason
            after = await one.submit()
            await here.rpc("evm_mine")
            assert after.nonce == rival.nonce + 1
            assert await one.received() == 9 + 5
    finally:
        await first.close()
        await second.close()


async def test_a_profile_restored_from_an_old_copy(here: World, tmp_path: Path) -> None:
    """The journal is older than the chain: the chain's nonce counts, nothing is sent again."""
    path, copy = tmp_path / "transactions.db", tmp_path / "copy.db"
    journal = await journal_at(path)
    async with sending(here, journal=journal) as one:
        await one.submit()
        await journal.close()
        shutil.copy(path, copy)
        await journal.open()
        later = [await one.submit() for _ in range(3)]
        await journal.close()
        shutil.copy(copy, path)
        await journal.open()
        await one.look(2)
        assert len(await one.all()) == 1
        record = await one.submit()
        assert record.nonce == later[-1].nonce + 1
        await one.look()
        assert await one.received() == 25
        assert {r.state for r in await one.all()} <= {"included", "safe"}
    await journal.close()


# Paths of people (F13)


@pytest.mark.parametrize(
    "name", ["with spaces", "Müller Größe", "金庫", "🦋 wallet", "q" * 200, "dot.", "100% & 'so'"]
)
async def test_folders_of_people(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    wallet = wallet_in(folder)
    await wallet.create(PHRASE, PASSWORD)
    again = wallet_in(folder)
    await again.open()
    await again.unlock(PASSWORD)
    assert again.signer().address == FIRST
    journal = await journal_at(folder / "transactions.db")
    assert await journal.list(1) == []
    await journal.close()
