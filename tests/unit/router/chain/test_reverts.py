"""Every reason of a contract in words and with a next step."""

import json

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from router.chain.artifacts import diamond_abi
from router.chain.reverts import _ERRORS, Reason, explain
from tests.support.vectors import SHARED

LEGACY = (
    "ApproveExpired",
    "ApprovedForAnotherChainId",
    "ReceiptForAnotherChainId",
    "ReceiptExpired",
)
SPEC = SHARED / "spec/abi/selectors.json"


def is_fit_for_people(reason: Reason) -> bool:
    return all(
        text.endswith((".", "?")) and text[0].isupper() and "0x" not in text.split(";")[0]
        for text in (reason.sentence, reason.hint)
    )


def revert(signature: str, *values: object) -> bytes:
    types = signature[signature.index("(") + 1 : -1]
    return keccak(text=signature)[:4] + encode(types.split(",") if types else [], values)


@pytest.mark.parametrize("entry", [e for e in diamond_abi() if e["type"] == "error"], ids=str)
def test_every_error_of_the_contract_has_words(entry: dict[str, list[dict[str, str]]]) -> None:
    types = [item["type"] for item in entry["inputs"]]
    signature = f"{entry['name']}({','.join(types)})"
    values = ["0x" + "12" * 20 if kind == "address" else 0 for kind in types]
    reason = explain(revert(signature, *values))
    if entry["name"] in _ERRORS:
        assert reason.code == entry["name"]
    assert is_fit_for_people(reason)


def test_every_error_of_the_description() -> None:
    if not SPEC.exists():
        pytest.skip("../shared/spec/abi is not here")
    known = json.loads(SPEC.read_text("utf-8"))
    for selector, signature in (known["errors"] | known["legacyErrors"]).items():
        assert keccak(text=signature)[:4].hex() == selector[2:]
        reason = explain(bytes.fromhex(selector[2:]) + b"\0" * 64)
        name = signature.split("(")[0].replace("Sesssion", "Session")
        assert reason.code in (name, selector), signature
        assert is_fit_for_people(reason), signature


@pytest.mark.parametrize("rest", LEGACY)
def test_the_spelling_with_three_s_means_the_same(rest: str) -> None:
    assert explain(revert(f"Sesssion{rest}()")) == explain(revert(f"Session{rest}()"))


def test_amounts_are_named() -> None:
    reason = explain(revert("ProviderStakeTooLow(uint256,uint256)", 10**17, 2 * 10**17))
    assert "0.1 MOR" in reason.sentence
    assert "0.2 is the least" in reason.sentence


def test_texts_of_the_token_depend_on_whose_fault_it_is() -> None:
    data = revert("Error(string)", "ERC20: insufficient allowance")
    assert explain(data, "openSession").code == "insufficient_allowance"
    assert explain(data, "closeSession").code == "funding_insufficient_allowance"
    assert "Nothing of yours is wrong" in explain(data, "claimForProvider").hint


@pytest.mark.parametrize("number", [0x01, 0x11, 0x12, 0x32, 0x99])
def test_panics(number: int) -> None:
    reason = explain(revert("Panic(uint256)", number))
    assert reason.code == f"panic_{number:#04x}"
    assert is_fit_for_people(reason)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x08", b"\x08\xc3\x79\xa0", b"\x08\xc3\x79\xa0" + b"\xff" * 64,
        b"\x4e\x48\x7b\x71\x01", b"\xde\xad\xbe\xef", b"\xde\xad\xbe\xef" * 100_000,
        revert("Error(string)", "<b>bold</b>\n\u202e" + "x" * 5000),
        revert("ProviderStakeTooLow(uint256,uint256)", 1, 2)[:-1],
        revert("Error(string)", "name").replace(b"name", b"\xff\xfe\xfd\xfc"),
        b"\x08\xc3\x79\xa0" + b"\0" * 31 + b"\x20" + b"\xff" * 32,
    ],
)  # fmt: skip
def test_whatever_else_a_contract_answers(data: bytes) -> None:
    reason = explain(data)
    assert reason.code
    assert "\n" not in reason.sentence
    assert "\u202e" not in reason.sentence
    assert len(reason.sentence) < 300
    error = reason.as_error(safe="Nothing was sent.")
    assert error.code == reason.code
    assert error.message
    assert error.safe
    assert error.hint
