"""Keys, phrases, addresses and key files against what other projects expect; counts are printed."""

import json
import re
from typing import Any

import pytest
from bip32 import BIP32
from eth_utils.address import to_checksum_address

from router.errors import BadRequest, MorpheusError, WrongPassword
from router.wallet import derive, keystore, mnemonic
from router.wallet.account import Account
from router.wallet.checks import checked_address, danger_of, look_alikes
from tests.support.vectors import Count, load, vectors


def test_phrases_in_twelve_languages(count: Count) -> None:
    cases = load("bip39", "trezor-vectors.json")
    passed = 0
    for language, items in cases.items():
        for _, phrase, seed, xprv in items:
            checked = mnemonic.check(phrase)
            assert checked.is_valid, (language, checked.problem)
            made = mnemonic.seed(phrase, "TREZOR")
            passed += made.hex() == seed and BIP32.from_seed(made).get_xpriv() == xprv
    count("BIP-39, 12 languages", passed, 288)


@pytest.mark.parametrize("language", ["JP", "EN"])
def test_japanese_phrases_and_passphrases(language: str, count: Count) -> None:
    cases = load("bip39", f"bip32JP-test_{language}_BIP39.json")
    passed = sum(mnemonic.seed(c["mnemonic"], c["passphrase"]).hex() == c["seed"] for c in cases)
    count(f"BIP-39, bip32JP {language}", passed, 24)


def test_the_english_word_list(count: Count) -> None:
    words = vectors("bip39", "wordlist-english.txt").read_text("utf-8").split()
    passed = sum(mnemonic.check(" ".join([word] * 12)).unknown == () for word in words)
    count("BIP-39, English words", passed, 2048)


def test_every_step_of_bip32(count: Count) -> None:
    cases = load("bip32", "bitcoinjs-bip32-fixtures.json")["valid"]
    passed = 0
    for case in cases:
        master = case["master"]
        if "seed" not in master or case.get("network", "bitcoin") != "bitcoin":
            continue
        seed = bytes.fromhex(master["seed"])
        for child in case["children"]:
            if not child.get("path", "").startswith("m/") or "privKey" not in child:
                continue
            passed += derive.derive(seed, child["path"]).hex() == child["privKey"]
    count("BIP-32, steps", passed, 11)


def test_the_test_vectors_in_the_text_of_bip32(count: Count) -> None:
    text = vectors("bip32", "bip-0032.mediawiki").read_text("utf-8")
    passed = 0
    for part in re.split(r"===\s*Test vector \d\s*===", text)[1:]:
        seed = re.search(r"Seed \(hex\): ([0-9a-f]+)", part)
        if seed is None:
            continue
        node = BIP32.from_seed(bytes.fromhex(seed[1]))
        for path, private in re.findall(
            r"\* Chain (m[^\n]*)\n.*?ext prv: (xprv\w+)", part, re.DOTALL
        ):
            plain = re.sub(r"<sub>H</sub>|′", "'", path.strip())
            passed += node.get_xpriv_from_path(plain) == private
    count("BIP-32, test vectors 1 to 4", passed, 17)


def test_accounts_as_other_wallets_show_them(count: Count) -> None:
    cases = load("derivation", "eth-derivation.json")
    passed = 0
    for case in cases:
        if "mnemonic" in case:
            seed = mnemonic.seed(case["mnemonic"], case["passphrase"])
        else:
            seed = bytes.fromhex(case["seed_hex"])
        key = derive.derive(seed, case["path"])
        same_key = case.get("private_key", "0x" + key.hex()) == "0x" + key.hex()
        passed += same_key and Account(key).address == case["address"]
    count("derivation", passed, 16)


def test_checksums_of_eip55(count: Count) -> None:
    found = re.findall(r"0x[0-9a-fA-F]{40}", vectors("eip55", "erc-55.md").read_text("utf-8"))
    given = [a for a in dict.fromkeys(found) if a == to_checksum_address(a)]
    passed = sum(checked_address(address) == address for address in given)
    count("EIP-55", passed, 8)


def _address_verdict(case: dict[str, Any]) -> bool:
    try:
        address = checked_address(case["input"])
    except BadRequest as error:
        # What was pasted by mistake may be a key or a phrase: it is not repeated.
        typed = case["input"].strip()
        return not case["valid"] and (not typed or typed not in str(error))
    if "warn" in case.get("verdict", ""):
        return bool(danger_of(address))
    return bool(case["valid"]) and address == case["canonical"] and not danger_of(address)


def test_what_people_paste_as_an_address(count: Count) -> None:
    cases = [case for case in load("addresses", "addresses.json") if "input" in case]
    wrong = [case for case in cases if not _address_verdict(case)]
    assert not wrong
    count("addresses", len(cases) - len(wrong), 34)


def test_an_address_that_only_looks_like_another(count: Count) -> None:
    (case,) = [case for case in load("addresses", "addresses.json") if "pair" in case]
    known, other = case["pair"]
    # The second one was made short of a digit; what matters is how it begins and ends.
    poisoned = checked_address("0x5aae" + "0" * 32 + other[-4:].lower())
    assert look_alikes(poisoned, [known]) == (known,)
    assert look_alikes(known, [known]) == ()
    count("look-alikes", 1, 1)


def test_key_files_of_other_wallets(count: Count) -> None:
    cases = load("ethereum-tests", "KeyStoreTests", "basic_tests.json")
    passed = 0
    for case in cases.values():
        data = json.dumps(case["json"]).encode()
        passed += keystore.read(data, case["password"]).hex() == case["priv"]
        with pytest.raises((WrongPassword, MorpheusError)):
            keystore.read(data, case["password"] + "x")
    count("key files, version 3", passed, 5)
