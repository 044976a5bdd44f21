"""Key files of other wallets."""

import copy
import json
import sys
from contextlib import suppress

import pytest
from eth_account import Account as EthAccount

from router.errors import WalletError, WrongPassword
from router.inference.limits import memory_limit
from router.wallet import keystore

KEY = b"\x11" * 32


@pytest.fixture
def file(monkeypatch):
    monkeypatch.setattr(keystore, "WRITTEN_N", 2)
    return keystore.write(KEY, "file password")


def test_what_is_written_is_read(file):
    assert keystore.read(file, "file password") == KEY
    with pytest.raises(WrongPassword):
        keystore.read(file, "another")


@pytest.mark.parametrize(
    "change",
    [
        {"n": 1 << 30},
        {"n": 1 << 24, "r": 64},
        {"n": 3},
        {"n": -2},
        {"n": "2"},
        {"r": 10**9},
        {"p": 10**9},
        {"dklen": 10**9},
    ],
)
def test_hostile_costs_are_refused_before_anything_is_computed(file, change, monkeypatch):
    monkeypatch.setattr(keystore.EthAccount, "decrypt", lambda *_: pytest.fail("it was computed"))
    changed = json.loads(file)
    changed["crypto"]["kdfparams"] |= change
    with pytest.raises(WalletError):
        keystore.read(json.dumps(changed).encode(), "file password")


def test_a_hostile_number_of_rounds(file):
    changed = json.loads(file)
    changed["crypto"] |= {
        "kdf": "pbkdf2",
        "kdfparams": {"c": 10**12, "dklen": 32, "prf": "hmac-sha256", "salt": "00"},
    }
    with pytest.raises(WalletError, match="too much work"):
        keystore.read(json.dumps(changed).encode(), "file password")


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"null", b"{" * 5000, b"\xff\xfe", b'{"version": 3}', b'{"version":3,"crypto":1}',
     b"x" * (keystore.LARGEST_FILE + 1)],
)  # fmt: skip
def test_other_files_are_refused(data):
    with pytest.raises(WalletError):
        keystore.read(data, "file password")


def test_a_file_that_names_another_address(file):
    changed = json.loads(file)
    own = changed["address"].removeprefix("0x")
    for address in (own, own.upper(), f"0x{own}", "", None):
        changed["address"] = address
        assert keystore.read(json.dumps(changed).encode(), "file password") == KEY
    for address in ("22" * 20, f"0x{own[:-1]}{int(own[-1] != '0')}", 7):
        changed["address"] = address
        with pytest.raises(WalletError, match="not of the address"):
            keystore.read(json.dumps(changed).encode(), "file password")


ODD = (
    None, 5, -1, 1.5, True, "", "zz", "0x", "\u00e9", "\ud800", "ab" * 5000, [], [1], {}, {"a": 1},
    2**200,
)  # fmt: skip


def places(value, path=()):
    for name, inside in value.items():
        yield (*path, name)
        if isinstance(inside, dict):
            yield from places(inside, (*path, name))


@pytest.mark.parametrize("kdf", ["pbkdf2", "scrypt"])
def test_any_field_can_be_anything(kdf):
    """It is the key, or an error in words: nothing else comes out of a file from elsewhere."""
    sound = EthAccount.encrypt(KEY, "file password", kdf=kdf, iterations=2)
    for *above, name in places(sound):
        for odd in ODD:
            changed = copy.deepcopy(sound)
            inside = changed
            for step in above:
                inside = inside[step]
            inside[name] = odd
            with suppress(WalletError, WrongPassword):
                assert keystore.read(json.dumps(changed).encode(), "file password") == KEY


@pytest.mark.skipif(sys.platform != "linux", reason="memory can be limited on Linux only")
def test_too_little_memory_is_not_called_a_damaged_file():
    data = json.dumps(EthAccount.encrypt(KEY, "file password", iterations=1 << 16)).encode()
    with memory_limit(8 << 20), pytest.raises(WalletError, match="not enough memory"):
        keystore.read(data, "file password")
    assert keystore.read(data, "file password") == KEY
