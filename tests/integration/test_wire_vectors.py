"""Every entry of the recorded protocol, both ways; counts are printed.

The entries were replayed through deployed peers: what passes here, passes there.
"""

import json
from typing import Any

import pytest
from eth_utils.crypto import keccak

from router.morrpc.approvals import Approval, Report, check_approval, signer_of
from router.morrpc.envelope import (
    UNSIGNED,
    ErrorBody,
    Request,
    read_answer,
    write_error,
    write_request,
    write_result,
)
from router.morrpc.errors import ModelRefusal, Refusal, RemoteRefusal, WireError
from router.morrpc.framing import Frames
from router.morrpc.gojson import quote
from router.morrpc.limits import PIECES
from router.morrpc.members import Signed, read_hex
from router.morrpc.messages import (
    ANSWERS,
    REQUESTS,
    Ping,
    Pong,
    Prompt,
    ReportRequest,
    SessionRequest,
)
from router.morrpc.parsing import parse
from router.morrpc.sealing import seal_with, unseal
from router.morrpc.signing import (
    address_of,
    digest_of,
    is_signed_by,
    key_of,
    recover,
    sign,
    verify,
    verify_by_address,
)
from router.wallet.account import Account
from tests.support.vectors import Count, shared
from tests.support.wire import CONSUMER, PROVIDER, STRANGER

SIGNERS = {"consumer": CONSUMER, "provider": PROVIDER}


@pytest.fixture(scope="module")
def spec() -> Any:
    return json.loads(shared("spec", "wire-vectors.json").read_text("utf-8"))


def frame(wire: str) -> dict[str, Any]:
    (found,) = Frames(PIECES).feed(wire.encode())
    return found


def decoded(case: Any) -> tuple[str, Signed]:
    """The id and the message of an entry, read from its bytes."""
    params = REQUESTS[case["method"]]
    if case["kind"] == "request":
        request = Request.read(frame(case["wire"]))
        assert request.method == case["method"]
        return request.id, params.read(request.params)
    name = frame(case["wire"])["id"]
    return name, ANSWERS[params].read(read_answer(frame(case["wire"]), name))


def written(case: Any, name: str, message: Any) -> str:
    write = write_request if case["kind"] == "request" else write_result
    return write(name, message).decode()


def test_keys(spec: Any, count: Count) -> None:
    passed = 0
    for role, keys in spec["keys"].items():
        account = Account(bytes.fromhex(keys["private_key"]))
        assert "0x" + key_of(account).hex() == keys["public_key"]
        assert address_of(key_of(account)) == keys["address"]
        passed += account.address == keys["checksum_address"] == SIGNERS[role].address
    count("keys", passed, 2)


def test_texts_as_go_writes_them(spec: Any, count: Count) -> None:
    cases = spec["go_json_string_escape"]
    passed = 0
    for case in cases:
        assert json.loads(quote(case["input"])) == case["input"]
        passed += quote(case["input"]) == case["encoded"]
    count("texts", passed, 10)


def test_messages_are_read_and_written(spec: Any, count: Count) -> None:
    passed = 0
    for case in spec["messages"]:
        name, message = decoded(case)
        assert message.signature.hex() == case["signature"][2:]
        unsigned = message.with_signature(b"").text()
        assert unsigned == case["signing_bytes_utf8"], case["name"]
        assert unsigned.encode().hex() == case["signing_bytes_hex"]
        assert digest_of(message).hex() == case["keccak256"][2:]
        passed += written(case, name, message) == case["wire"]
    count("messages, read and written", passed, 21)


def test_messages_are_signed_and_verified(spec: Any, count: Count) -> None:
    passed = 0
    for case in spec["messages"]:
        _, message = decoded(case)
        signer = SIGNERS[case["signer"]]
        verify(message, key_of(signer))
        assert verify_by_address(message, [signer.address]) == key_of(signer)
        passed += sign(message, signer).signature.hex() == case["signature"][2:]
    count("messages, signed and verified", passed, 21)


def test_messages_of_others_are_refused(spec: Any, count: Count) -> None:
    passed = 0
    for case in spec["messages"]:
        _, message = decoded(case)
        for refused in (
            lambda: verify(message, key_of(STRANGER)),  # noqa: B023 - called at once
            lambda: verify_by_address(message, [STRANGER.address]),  # noqa: B023
            lambda: verify(message.with_signature(bytes(65)), key_of(PROVIDER)),  # noqa: B023
        ):
            with pytest.raises(WireError):
                refused()
        passed += 1
    count("messages, refused", passed, 21)


def test_errors(spec: Any, count: Count) -> None:
    passed = 0
    for case in spec["errors"]:
        name = frame(case["wire"])["id"]
        error = read_answer(frame(case["wire"]), name)
        assert isinstance(error, ErrorBody)
        assert write_error(name, error).decode() == case["wire"]
        if error.is_signed:
            assert error.with_signature(b"").text() == case["signing_bytes_utf8"]
            assert digest_of(error).hex() == case["keccak256"][2:]
            verify(error, key_of(PROVIDER))
            assert sign(error, PROVIDER).signature.hex() == case["signature"][2:]
            body = parse(unseal(bytes.fromhex(error.message), CONSUMER), PIECES)
            assert ModelRefusal(body).message == "The provider's model refused: “bad <model>”"
        else:
            assert error.signature == UNSIGNED
        passed += 1
    assert RemoteRefusal("invalid signature").refusal is Refusal.BAD_SIGNATURE
    assert RemoteRefusal("unknown method: x").refusal is Refusal.NOT_SUPPORTED
    count("errors", passed, 3)


def test_the_approval(spec: Any) -> None:
    case = spec["approval"]
    bid_id, chain_id, user, timestamp_ms = case["values"]
    approval = Approval(bid_id, chain_id, user, timestamp_ms)
    payload, signature = approval.encode(), bytes.fromhex(case["signature"][2:])
    assert payload.hex() == case["encoded"][2:]
    assert Approval.decode(payload) == approval
    assert keccak(payload).hex() == case["keccak256"][2:]
    assert PROVIDER.sign_payload(payload) == signature
    assert signer_of(payload, signature) == case["signer"]
    checked = check_approval(payload, signature, approval, signers=[case["signer"]], skew_s=0)
    assert checked == approval


def test_the_report(spec: Any, count: Count) -> None:
    case = spec["session_report"]
    report = Report(*case["values"])
    payload = report.encode()
    assert payload.hex() == case["encoded"][2:]
    assert Report.decode(payload) == report
    assert keccak(payload).hex() == case["keccak256"][2:]
    passed = 0
    for name, signer in (("provider_signature", PROVIDER), ("user_fallback_signature", CONSUMER)):
        signature = signer.sign_payload(payload)
        assert signature.hex() == case[name][2:]
        passed += signer_of(payload, signature) == signer.address.lower()
    count("signatures of the report", passed, 2)


def test_boxes(spec: Any, count: Count) -> None:
    passed = 0
    for case in spec["ecies"]:
        recipient = Account(bytes.fromhex(case["recipient_private_key"]))
        key = bytes.fromhex(case["recipient_public_key"])
        plain, box = case["plaintext_utf8"].encode(), bytes.fromhex(case["ciphertext_hex"])
        ephemeral = bytes.fromhex(case["ephemeral_private_key"])
        assert seal_with(plain, key, ephemeral, bytes.fromhex(case["iv"])) == box
        assert recipient.shared_x(box[:65]).hex() == case["shared_x"]
        assert box[-32:].hex() == case["tag"]
        passed += unseal(box, recipient) == plain
    case = spec["ecies_from_reference"]
    recipient = Account(bytes.fromhex(case["recipient_private_key"]))
    opened = unseal(bytes.fromhex(case["ciphertext_hex"]), recipient)
    passed += opened.decode() == case["plaintext_utf8"]
    count("boxes", passed, 5)


def test_signatures_that_deployed_peers_accept(spec: Any, count: Count) -> None:
    cases = spec["signature_acceptance"]
    key, passed = key_of(PROVIDER), 0
    for case in cases:
        digest = keccak(case["signing_bytes_utf8"].encode())
        signature = bytes.fromhex(case["signature"][2:])
        assert is_signed_by(digest, signature, key) == case["by_public_key"], case["name"]
        try:
            by_address = recover(digest, signature) == key
        except WireError:
            by_address = False
        passed += by_address == case["by_address"]
    count("signatures", passed, 7)


GOOD = {
    "signature": (Ping, {"nonce": "0x01", "signature": "0x02"}),
    "timestamp": (ReportRequest, {"message": "0x" + "11" * 32, "signature": "", "timestamp": 1}),
    "user": (
        SessionRequest,
        {"user": PROVIDER.address, "key": "0x04", "timestamp": 1, "bidid": "0x" + "11" * 32,
         "signature": "0x02"},
    ),
}  # fmt: skip


def test_what_is_refused(spec: Any, count: Count) -> None:
    passed = 0
    for case in spec["decode_refusals"]:
        members = frame(case["json"])
        if "method" in members:
            with pytest.raises(WireError):
                Request.read(members)
        else:
            ((name, _),) = members.items()
            message_type, good = GOOD[name]
            message_type.read(good)
            with pytest.raises(WireError, match=name):
                message_type.read(good | members)
        passed += 1
    count("refusals", passed, 5)


def test_hex_as_deployed_peers_read_it(spec: Any, count: Count) -> None:
    cases = spec["hex_type_decodes"]
    passed = sum(read_hex(json.loads(c["json"])) == bytes.fromhex(c["bytes"]) for c in cases)
    count("hex", passed, 5)


def test_the_word_of_sealing_is_nothing_to_deployed_peers(spec: Any) -> None:
    """It is in a member they know, sign and show; the rest of the answer is as recorded."""
    case = next(c for c in spec["messages"] if c["name"] == "network.ping response")
    name, pong = decoded(case)
    assert isinstance(pong, Pong)
    told = sign(Pong(nonce=pong.nonce, version=f"{pong.version} seals/1"), PROVIDER)
    again = Pong.read(read_answer(frame(write_result(name, told).decode()), name))
    verify_by_address(again, [PROVIDER.address])
    stripped = Pong(nonce=again.nonce, version="v7.0.0", signature=again.signature)
    with pytest.raises(WireError):
        verify_by_address(stripped, [PROVIDER.address])


def test_a_prompt_is_opaque_but_for_its_escapes(spec: Any) -> None:
    case = next(c for c in spec["messages"] if "inner JSON with raw" in c["name"])
    _, prompt = decoded(case)
    assert isinstance(prompt, Prompt)
    assert "\u2029\x7f\t\x08\x0c\x01" in prompt.message
