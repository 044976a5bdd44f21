"""What goes to the contract: exact words, by the right key."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.morrpc.approvals import (
    Approval,
    Report,
    check_approval,
    check_report,
    signer_of,
)
from router.morrpc.errors import Fault, WireError
from tests.support.wire import BID, CHAIN, CONSUMER, NOW_MS, PROVIDER, SESSION, STRANGER

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
USER = CONSUMER.address.lower()
APPROVAL = Approval(BID, CHAIN, USER, NOW_MS)
REPORT = Report(SESSION, CHAIN, NOW_MS, 12345, 678, 90, 1234)
IDS = st.binary(min_size=32, max_size=32).map(lambda data: "0x" + data.hex())


def checked(approval: Approval, signer=PROVIDER, signers=None) -> Fault | None:
    payload = approval.encode()
    try:
        check_approval(
            payload,
            signer.sign_payload(payload),
            replace(APPROVAL, user=CONSUMER.address),
            signers=[PROVIDER.address] if signers is None else signers,
            skew_s=300,
        )
    except WireError as error:
        return error.fault
    return None


@given(IDS, st.integers(0, 2**256 - 1), st.integers(0, 2**160 - 1), st.integers(0, 2**128 - 1))
def test_an_approval_reads_back(bid_id: str, chain_id: int, user: int, at: int) -> None:
    approval = Approval(bid_id, chain_id, f"0x{user:040x}", at)
    assert len(approval.encode()) == 128
    assert Approval.decode(approval.encode()) == approval


@given(IDS, st.lists(st.integers(0, 2**32 - 1), min_size=6, max_size=6))
def test_a_report_reads_back(session_id: str, numbers: list[int]) -> None:
    report = Report(session_id, *numbers)
    assert len(report.encode()) == 224
    assert Report.decode(report.encode()) == report


@given(st.binary(max_size=260))
@example(b"\xff" * 128)
@example(b"\xff" * 224)
def test_other_bytes_are_refused_with_the_one_error(payload: bytes) -> None:
    for form in (Approval, Report):
        with suppress(WireError):
            assert form.decode(payload).encode()[: len(payload)] == payload


def test_what_was_asked_for_passes() -> None:
    assert checked(APPROVAL) is None
    assert checked(APPROVAL, STRANGER, [PROVIDER.address, STRANGER.address.lower()]) is None


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"bid_id": "0x" + "b2" * 32}, Fault.WRONG_APPROVAL),
        ({"chain_id": 8453}, Fault.WRONG_APPROVAL),
        ({"user": STRANGER.address.lower()}, Fault.WRONG_APPROVAL),
        ({"timestamp_ms": NOW_MS - 300_001}, Fault.STALE),
        ({"timestamp_ms": NOW_MS + 300_001}, Fault.STALE),
        ({"timestamp_ms": NOW_MS // 1000}, Fault.STALE),
    ],
)
def test_another_approval_is_refused(changed: dict[str, object], fault: Fault) -> None:
    assert checked(replace(APPROVAL, **changed)) is fault


def test_another_signer_is_refused() -> None:
    assert checked(APPROVAL, STRANGER) is Fault.BAD_SIGNATURE


def test_signatures_the_contract_refuses_are_refused_before_gas_is_paid() -> None:
    payload = APPROVAL.encode()
    good = PROVIDER.sign_payload(payload)
    assert signer_of(payload, good) == PROVIDER.address.lower()
    high = ORDER - int.from_bytes(good[32:64], "big")
    turned = good[:32] + high.to_bytes(32, "big") + bytes([55 - good[64]])
    for bad in (good[:64], good[:64] + bytes([good[64] - 27]), turned, bytes(65), b""):
        with pytest.raises(WireError) as caught:
            signer_of(payload, bad)
        assert caught.value.fault is Fault.BAD_SIGNATURE


def test_a_report_is_of_its_session_network_and_signer() -> None:
    payload = REPORT.encode()
    signature = PROVIDER.sign_payload(payload)

    def check(session_id: str = SESSION, chain_id: int = CHAIN, signer: str = PROVIDER.address):
        return check_report(payload, signature, session_id, chain_id, signers=[signer])

    assert check() == REPORT
    for refused in (
        lambda: check(session_id=BID),
        lambda: check(chain_id=1),
        lambda: check(signer=STRANGER.address),
    ):
        with pytest.raises(WireError):
            refused()


def test_the_short_report_the_contract_reads_is_one_too() -> None:
    assert Report.decode(REPORT.encode()[:160]) == replace(REPORT, input_tokens=0, output_tokens=0)


def test_figures_over_32_bits_count_as_the_most() -> None:
    report = replace(REPORT, tps_scaled_1000=2**63, output_tokens=2**32)
    read = Report.decode(report.encode())
    assert (read.tps_scaled_1000, read.output_tokens) == (2**32 - 1, 2**32 - 1)
    huge = REPORT.encode()[:96] + (2**32).to_bytes(32, "big") + REPORT.encode()[128:]
    with pytest.raises(WireError):
        Report.decode(huge)
