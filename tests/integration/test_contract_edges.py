"""Where the marketplace says no, and where it surprisingly does not; on our chain and on anvil.

What is expected was observed on the deployed contracts; the order follows their description.
"""

from collections.abc import AsyncIterator

import pytest
from eth_utils.crypto import keccak

from router.devnet.accounts import PROVIDER
from router.devnet.deploy import PROVIDER_STAKE
from router.errors import TxFailed
from tests.support.edges import HOUR, Opening, T, model_of, refuses, stake
from tests.support.stake_model import DAY, MOR, Model
from tests.support.world import PRICE, START, World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
async def here(kind: str) -> AsyncIterator[World]:
    async with world(kind, "snapshot") as made:
        await made.give("user", 10_000 * MOR)
        yield made


# openSession


async def test_opening_with_a_wrong_approval(opening: Opening) -> None:
    here = opening.here
    await here.give("stranger", 100 * MOR)
    await opening.fails("InsufficientRightsForOperation", who="stranger")
    for cut in (b"", b"\0" * 31, b"\xff" * 127):
        await opening.fails("no_reason", approval=cut)
    await opening.fails("SessionApprovedForAnotherChainId", chain_id=8453)
    await opening.fails("SessionApproveExpired", stamp=T - 601)
    await opening.fails("SessionApproveExpired", stamp=0)
    await opening.fails("panic_0x11", stamp=2**128 - 1)
    await opening.fails("SessionBidNotFound", bid=b"\x12" * 32)
    await opening.fails("SessionProviderSignatureMismatch", signer="stranger")
    await opening.fails("SessionProviderSignatureMismatch", signer="user")


async def test_opening_with_a_signature_that_is_none(opening: Opening) -> None:
    signature = opening.arguments()[4]
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    high = r + (CURVE - s).to_bytes(32, "big") + bytes([55 - v])
    for strange, words in (
        (b"\0" * 65, "ECDSA: invalid signature"),
        (signature[:64] + b"\0", "ECDSA: invalid signature"),
        (signature[:64] + b"\1", "ECDSA: invalid signature"),
        (signature[:64], "ECDSA: invalid signature length"),
        (b"", "ECDSA: invalid signature length"),
        (high, "ECDSA: invalid signature 's' value"),
    ):
        problem = await opening.fails("contract_text", signature=strange)
        assert problem.message == f"The contract said: {words}."


async def test_opening_with_too_little(opening: Opening) -> None:
    here = opening.here
    before = await here.mor("user")
    await opening.fails("SessionTooShort", amount=0)
    await opening.fails("SessionTooShort", amount=Model().stake_for(299 * PRICE, T))
    await here.token("user", "approve", here.network.diamond, stake() - 1)
    assert "may not take" in (await opening.fails("insufficient_allowance")).message
    await here.token("user", "approve", here.network.diamond, 2**255)
    assert (
        "not enough MOR" in (await opening.fails("insufficient_balance", amount=before + 1)).message
    )
    assert await here.mor("user") == before


async def test_five_minutes_to_the_wei(here: World, bid: bytes) -> None:
    """After providers were paid, the stake by integer division grants a second less."""
    session = await here.open(bid, stake(), T)
    await here.close(session, T + HOUR + 60)
    opening, at = Opening(here, bid), T + 2 * HOUR
    await here.mine_at(at)
    model = Model(claimed=int(await here.market.value("getProvidersTotalClaimed")))
    exact = model.stake_for(300 * PRICE, at)
    seconds = model.seconds_for(exact, PRICE, at)
    least = exact if seconds == 300 else exact + 1
    assert model.seconds_for(least, PRICE, at) == 300
    await opening.fails("SessionTooShort", amount=least - 1, stamp=at * 1000)
    record = await opening.works(amount=least, stamp=at * 1000)
    assert record.ends_at - record.opened_at == 300


async def test_what_opening_accepts(opening: Opening) -> None:
    """Seconds that are just not too old, the future, somebody else's name, more bytes."""
    here = opening.here
    await here.at(T + 5)
    assert (await opening.works(stamp=T + 5 - 600)).opened_at == T + 5
    await opening.works(stamp=(T + DAY) * 1000)
    await opening.works(stamp=T * 1000 + 1, named="stranger")
    await opening.works(stamp=T * 1000 + 2, extra=b"more")
    used = opening.arguments(stamp=T * 1000 + 1, named="stranger")[3]
    assert await here.market.value("getIsProviderApprovalUsed", used)
    await opening.fails("SessionDuplicateApproval", stamp=T * 1000 + 1, named="stranger")
    await here.give("other", 100 * MOR)
    await opening.fails(
        "SessionDuplicateApproval", who="other", user="other", stamp=T * 1000 + 1, named="stranger"
    )


async def test_a_stake_for_eight_days(opening: Opening) -> None:
    """All of it is taken, seven days are granted, all of it comes back."""
    here = opening.here
    before = await here.mor("user")
    amount = stake(8 * 24)
    record = await opening.works(amount=amount)
    assert record.ends_at - record.opened_at == 7 * DAY
    assert before - await here.mor("user") == amount == record.stake
    await here.close(bytes.fromhex(record.id[2:]), T + 8 * DAY)
    assert await here.mor("user") == before


# closeSession


async def closing_fails(
    here: World, code: str, message: bytes, signature: bytes, who: str = "user"
) -> TxFailed:
    return await refuses(here, code, who, "closeSession", message, signature)


async def test_closing_that_is_refused(here: World, bid: bytes) -> None:
    await here.give("stranger", MOR)
    session = await here.open(bid, stake(), T + 100)
    at = T + 1200
    await here.mine_at(at)
    report, signature = here.receipt_of(session, at * 1000)
    for who in ("provider", "stranger"):
        await closing_fails(here, "InsufficientRightsForOperation", report, signature, who)
    unknown = here.receipt_of(b"\x12" * 32, at * 1000)
    await closing_fails(here, "InsufficientRightsForOperation", *unknown)
    await closing_fails(here, "SessionReceiptExpired", *here.receipt_of(session, at - 601))
    elsewhere = report[:32] + (8453).to_bytes(32, "big") + report[64:]
    signed = here.account("provider").sign_message(keccak(elsewhere))
    await closing_fails(here, "SessionReceiptForAnotherChainId", elsewhere, signed)
    await closing_fails(here, "no_reason", *here.receipt_of(session, at * 1000, words=4))
    large = report[:96] + (2**32).to_bytes(32, "big") + report[128:]
    signed = here.account("provider").sign_message(keccak(large))
    await closing_fails(here, "no_reason", large, signed)
    for strange in (b"", b"\0" * 65, signature[:64]):
        problem = await closing_fails(here, "contract_text", report, strange)
        assert "ECDSA" in problem.message
    await here.call("user", "closeSession", report, signature)
    await closing_fails(here, "SessionAlreadyClosed", report, signature)


@pytest.mark.parametrize("words", [5, 7])
async def test_reports_of_old_and_new_nodes(here: World, bid: bytes, words: int) -> None:
    session = await here.open(bid, stake(), T)
    report, signature = here.receipt_of(session, (T + 600) * 1000, words=words)
    assert len(report) == 32 * words
    await here.call("user", "closeSession", report, signature)
    record = await here.session(session)
    assert (record.closeout_type, record.closeout_receipt) == (0, report)
    stats = await here.market.value(
        "getProviderModelStats", await model_of(here, bid), PROVIDER.address
    )
    (tps, _), (ttft, _), duration, success, total = stats
    assert (tps, ttft, success, total) == (52_000, 640, 1, 1)
    assert duration == record.closed_at - record.opened_at


async def test_signed_by_a_third_key_it_is_a_dispute(here: World, bid: bytes) -> None:
    session = await here.open(bid, stake(), T)
    await here.close(session, T + 1200, signer="stranger")
    assert (await here.session(session)).closeout_type == 1
    stats = await here.market.value(
        "getProviderModelStats", await model_of(here, bid), PROVIDER.address
    )
    assert (stats[0][0], stats[3], stats[4]) == (0, 0, 1), "what was reported counts"


async def test_the_paying_account_is_empty(here: World, bid: bytes) -> None:
    """A staked session cannot be closed then, unless nothing is due to the provider today."""
    await here.token("funding", "approve", here.network.diamond, 0)
    session = await here.open(bid, stake(), T + 60)
    direct = await here.open(bid, stake(), T + 65, direct=True)
    await here.mine_at(T + 1200)
    report = here.receipt_of(session, (T + 1200) * 1000)
    problem = await closing_fails(here, "funding_insufficient_allowance", *report)
    assert "paying account" in problem.message
    await here.close(direct, T + 1300)
    await here.close(session, T + 1400, signer="user")
    assert (await here.session(session)).closed_at == T + 1400


# Holds


async def test_taking_back_what_was_on_hold(here: World, bid: bytes) -> None:
    address = here.account("user").address
    sessions = [await here.open(bid, stake(), T + number * 10) for number in range(2)]
    holds = []
    for number, session in enumerate(sessions):
        before = (await here.holds())[1]
        await here.close(session, T + 1200 + number * 10)
        holds.append((await here.holds())[1] - before)
    midnight = START + DAY
    assert await here.market.value("getUserStakesOnHold", address, 0) == (0, sum(holds))
    await here.mine_at(midnight - 1)
    nothing = "SessionUserAmountToWithdrawIsZero"
    await refuses(here, nothing, "user", "withdrawUserStakes", address, 255)
    await here.mine_at(midnight)
    assert await here.holds() == (sum(holds), 0)
    await refuses(here, nothing, "user", "withdrawUserStakes", address, 0)
    await refuses(
        here, "InsufficientRightsForOperation", "provider", "withdrawUserStakes", address, 255
    )
    before = await here.mor("user")
    await here.call("user", "withdrawUserStakes", address, 1)
    assert await here.mor("user") - before == holds[1], "the newest comes first"
    await here.call("user", "withdrawUserStakes", address, 255)
    assert await here.mor("user") - before == sum(holds)
    assert await here.holds() == (0, 0)


# What providers earn


async def test_claiming(here: World, bid: bytes) -> None:
    session = await here.open(bid, stake(), T)
    await here.mine_at(T + 60)
    before = await here.mor("provider")
    await here.call("provider", "claimForProvider", session)
    assert await here.mor("provider") == before, "nothing is due before the end"
    await refuses(here, "InsufficientRightsForOperation", "user", "claimForProvider", session)
    await here.close(session, T + 1200)
    await refuses(here, "panic_0x11", "provider", "claimForProvider", session)
    earned = await here.mor("provider")
    assert earned - before == 1200 * PRICE
    await here.mine_at(START + DAY)
    await here.call("provider", "claimForProvider", session)
    assert await here.mor("provider") == earned, "after midnight it works, and pays nothing more"


async def test_claiming_before_the_close(here: World, bid: bytes) -> None:
    user = await here.mor("user")
    session = await here.open(bid, stake(), T)
    ends = (await here.session(session)).ends_at
    await here.mine_at(ends)
    before = await here.mor("provider")
    await here.call("provider", "claimForProvider", session)
    assert await here.mor("provider") - before == (ends - T) * PRICE
    await here.close(session, ends + DAY)
    assert await here.mor("provider") - before == (ends - T) * PRICE
    assert await here.mor("user") == user


async def test_a_provider_earns_its_stake_a_year(here: World) -> None:
    """More stake lifts the limit at once; what was above it can be claimed then."""
    price = 10**15
    bid = await here.offer(price=price, stake=PROVIDER_STAKE)
    await here.mine_at(T - 1)
    session = await here.open(bid, Model().stake_for(HOUR * price, T), T)
    ends = (await here.session(session)).ends_at
    before = await here.mor("provider")
    await here.close(session, ends + DAY)
    assert await here.mor("provider") - before == PROVIDER_STAKE
    await here.call("provider", "providerRegister", PROVIDER.address, MOR, "elsewhere:1")
    await here.mine_at((await here.chain.head()).timestamp + 2 * DAY)
    before = await here.mor("provider")
    await here.call("provider", "claimForProvider", session)
    assert await here.mor("provider") - before == MOR
    (record,) = await here.market.providers([PROVIDER.address])
    assert record.limit_period_earned == record.stake == PROVIDER_STAKE + MOR
