"""The wallet file: whatever happens to it, it is never opened half."""

import json
import sys
from pathlib import Path

import pytest

from router.errors import StorageError, WalletError, WrongPassword
from router.inference.limits import memory_limit
from router.wallet.vault import Cost, Damaged, Vault

SECRETS = {"phrase": "abandon about", "key": "11" * 32}
PUBLIC = {"address": "0x" + "22" * 20, "kind": "own"}
PASSWORD = "correct horse"


@pytest.fixture
def saved(vault):
    vault.save(SECRETS, PUBLIC, PASSWORD)
    return vault


def test_what_is_saved_is_opened_by_its_password_only(saved):
    assert saved.open(PASSWORD).secrets == SECRETS
    assert saved.public() == PUBLIC
    for wrong in ("", "correct hors", "correct horse ", "Correct horse"):
        with pytest.raises(WrongPassword):
            saved.open(wrong)


def test_the_file_is_for_its_owner_and_has_no_secret_in_it(saved):
    assert saved.path.stat().st_mode & 0o077 == 0
    text = saved.path.read_text()
    assert "abandon" not in text
    assert "11" * 32 not in text
    assert PASSWORD not in text


def test_each_file_has_salt_and_nonce_of_its_own(saved):
    before = json.loads(saved.path.read_bytes())
    saved.save(SECRETS, PUBLIC, PASSWORD)
    after = json.loads(saved.path.read_bytes())
    assert before["kdf"]["salt"] != after["kdf"]["salt"]
    assert before["cipher"]["nonce"] != after["cipher"]["nonce"]


def test_every_flipped_byte_is_noticed(saved):
    data = saved.path.read_bytes()
    damaged = wrong = 0
    for place in range(len(data)):
        saved.path.write_bytes(data[:place] + bytes([data[place] ^ 0x01]) + data[place + 1 :])
        try:
            opened = saved.open(PASSWORD).secrets
        except WalletError:
            damaged += 1
        except WrongPassword:
            wrong += 1
        else:
            pytest.fail(f"byte {place} of {len(data)} may be anything: {opened.keys()}")
    assert damaged + wrong == len(data)
    print(f"{len(data)} bytes flipped: {damaged} damaged, {wrong} wrong password")  # noqa: T201


def test_every_shorter_file_is_noticed(saved):
    data = saved.path.read_bytes()
    for length in range(len(data)):
        saved.path.write_bytes(data[:length])
        with pytest.raises(WalletError):
            saved.open(PASSWORD)


@pytest.mark.parametrize(
    "kdf",
    [
        {"memory_kib": 1 << 40},
        {"memory_kib": 2 << 20},
        {"passes": 10**9},
        {"passes": 20, "memory_kib": 1 << 20},
        {"lanes": 10**6},
        {"passes": 0},
        {"passes": -1},
        {"memory_kib": 1},
        {"memory_kib": "64"},
        {"passes": True},
        {"name": "md5"},
    ],
)
def test_a_hostile_cost_is_refused_before_anything_is_computed(saved, kdf, monkeypatch):
    file = json.loads(saved.path.read_bytes())
    file["kdf"] |= kdf
    saved.path.write_bytes(json.dumps(_with_checksum(file)).encode())
    monkeypatch.setattr("router.wallet.vault.hash_secret_raw", lambda *_: pytest.fail("computed"))
    with pytest.raises(WalletError):
        saved.open(PASSWORD)


def test_what_is_not_secret_cannot_be_changed_either(saved):
    file = json.loads(saved.path.read_bytes())
    file["public"]["address"] = "0x" + "33" * 20
    saved.path.write_bytes(json.dumps(_with_checksum(file)).encode())
    with pytest.raises(WrongPassword):
        saved.open(PASSWORD)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"null", b"[" * 10_000, b"\xff", b"x" * 70_000]
)
def test_other_files_are_refused(vault, content):
    vault.path.write_bytes(content)
    with pytest.raises(WalletError):
        vault.open(PASSWORD)


def test_without_a_file_there_is_no_wallet(vault):
    with pytest.raises(WalletError, match="There is no wallet"):
        vault.open(PASSWORD)


def test_a_torn_write_beside_the_file_changes_nothing(saved, tmp_path: Path):
    other = Vault(tmp_path / "other.json", Cost(1, 32, 4))
    other.save(SECRETS | {"key": "44" * 32}, PUBLIC, "another horse")
    new = other.path.read_bytes()
    for length in range(0, len(new), 7):
        left = saved.path.with_name(f"{saved.path.name}.4711.new")
        left.write_bytes(new[:length])
        saved.sweep()
        assert not left.exists()
        assert saved.public() == PUBLIC
    assert saved.open(PASSWORD).secrets == SECRETS


def test_a_file_of_a_lower_cost_is_told(saved, tmp_path):
    stronger = Vault(saved.path, Cost(2, 64, 4))
    assert stronger.open(PASSWORD).is_weak
    assert not saved.open(PASSWORD).is_weak


def test_a_failed_write_leaves_the_old_file(saved, monkeypatch):
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("router.files.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        saved.save({"key": "55" * 32}, PUBLIC, "another horse")
    assert saved.open(PASSWORD).secrets == SECRETS
    assert list(saved.path.parent.glob("*.new")) == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [(lambda data: data[:-40], WalletError), (lambda data: data.replace(b"a", b"b"), WalletError)],
    ids=["cut short", "other bytes"],
)
def test_what_the_disk_gives_back_otherwise_takes_no_place(saved, fault, error, monkeypatch):
    """What was written is read, opened and compared before the old file is gone."""
    read, old = Path.read_bytes, saved.path.read_bytes()
    monkeypatch.setattr(Path, "read_bytes", lambda path: fault(read(path)))
    with pytest.raises(error):
        saved.save({"key": "55" * 32}, PUBLIC, "another horse")
    monkeypatch.undo()
    assert saved.path.read_bytes() == old
    assert saved.open(PASSWORD).secrets == SECRETS
    assert list(saved.path.parent.glob("*.new")) == []


def test_what_holds_other_secrets_takes_no_place(saved, monkeypatch):
    encrypted = saved._encrypted
    monkeypatch.setattr(saved, "_encrypted", lambda *_: encrypted({"key": ""}, PUBLIC, PASSWORD))
    with pytest.raises(StorageError, match="cannot be read back"):
        saved.save(SECRETS, PUBLIC, PASSWORD)
    assert saved.open(PASSWORD).secrets == SECRETS


@pytest.mark.parametrize("part", [("kdf", "salt"), ("cipher", "nonce")])
@pytest.mark.parametrize("text", ["", "00", "no hexadecimal", None])
def test_a_salt_of_another_length_is_damage(saved, part, text):
    file = json.loads(saved.path.read_bytes())
    file[part[0]][part[1]] = text
    saved.path.write_bytes(json.dumps(_with_checksum(file)).encode())
    with pytest.raises(Damaged):
        saved.open(PASSWORD)


def test_what_is_damaged_and_what_is_not(vault, caplog):
    assert not vault.is_damaged, "there is none"
    vault.save(SECRETS, PUBLIC, PASSWORD)
    assert not vault.is_damaged
    sound = vault.path.read_bytes()
    vault.path.write_bytes(sound.replace(b'"version": 1', b'"version": 2'))
    assert not vault.is_damaged, "a newer version can open it"
    vault.path.write_bytes(sound[:-1])
    assert vault.is_damaged
    assert vault.set_aside().read_bytes() == sound[:-1]
    assert not vault.exists


def test_removing_leaves_nothing(saved, tmp_path):
    """Not even on the disk where the file was, as far as that can be said."""
    other, size = tmp_path / "same bytes", saved.path.stat().st_size
    before = saved.path.read_bytes()
    other.hardlink_to(saved.path)
    saved.remove()
    left = other.read_bytes()
    assert len(left) == size
    assert not any(before[at : at + 16] in left for at in range(size - 16))
    assert not saved.exists
    saved.remove()


def _with_checksum(file: dict[str, object]) -> dict[str, object]:
    """As an attacker would write it: the checksum protects from nothing."""
    from router.wallet.vault import _checksum

    return file | {"sha256": _checksum(file)}


@pytest.mark.skipif(sys.platform != "linux", reason="memory can be limited on Linux only")
def test_too_little_memory_is_said(tmp_path):
    vault = Vault(tmp_path / "wallet.json", Cost(1, 64 * 1024, 1))
    vault.save(SECRETS, PUBLIC, PASSWORD)
    before = vault.path.read_bytes()
    with memory_limit(8 << 20), pytest.raises(WalletError, match="takes 64 MB") as caught:
        vault.open(PASSWORD)
    assert caught.value.safe
    assert caught.value.hint
    assert vault.path.read_bytes() == before
    assert vault.open(PASSWORD).secrets == SECRETS
