"""Providers, models, bids and who may act for whom; on our chain and on anvil.

What is expected was observed on the deployed contracts.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from eth_utils.crypto import keccak

from router.chain.artifacts import artifacts
from router.chain.codec import Interface, NotOffered
from router.devnet.accounts import PROVIDER, USER
from router.devnet.deploy import BID_FEE, MODEL_STAKE, PROVIDER_STAKE
from tests.support.edges import Opening, T, model_of, refuses, stake
from tests.support.stake_model import DAY, MOR, Model
from tests.support.world import PRICE, START, World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

NOBODY = "0x" + "00" * 20
REGISTRY = Interface(artifacts()["DelegateRegistry"].abi)


@pytest.fixture
async def here(kind: str) -> AsyncIterator[World]:
    async with world(kind, "snapshot") as made:
        await made.give("user", 10_000 * MOR)
        yield made


# Providers, models, bids


async def test_life_of_a_provider(here: World) -> None:
    await here.give("provider", 10 * MOR)
    address, least = PROVIDER.address, PROVIDER_STAKE
    await refuses(
        here, "ProviderStakeTooLow", "provider", "providerRegister", address, least - 1, "a:1"
    )
    await refuses(here, "ProviderNotFound", "provider", "providerDeregister", address)
    await here.call("provider", "providerRegister", address, least, "")
    (created,) = await here.market.providers([address])
    await here.call("provider", "providerRegister", address, 0, "b:2")
    (changed,) = await here.market.providers([address])
    assert (changed.endpoint, changed.stake, changed.created_at) == (
        "b:2", least, created.created_at,
    )  # fmt: skip
    await refuses(
        here, "InsufficientRightsForOperation", "user", "providerRegister", address, 0, "x"
    )
    before = await here.mor("provider")
    await here.call("provider", "providerDeregister", address)
    assert await here.mor("provider") - before == least
    await refuses(here, "ProviderHasAlreadyDeregistered", "provider", "providerDeregister", address)
    await here.call("provider", "providerRegister", address, least, "c:3")
    (revived,) = await here.market.providers([address])
    assert (revived.is_deleted, revived.created_at) == (False, created.created_at)


async def test_life_of_a_model(here: World) -> None:
    await here.give("provider", 10 * MOR)
    await here.call("provider", "providerRegister", PROVIDER.address, MOR, "a:1")
    owner, base = USER.address, b"\x01" * 32

    def arguments(amount: int, name: str = "", tags: tuple[str, ...] = ()) -> tuple[Any, ...]:
        return (owner, base, b"\x02" * 32, 0, amount, name, list(tags))

    await refuses(here, "ModelStakeTooLow", "user", "modelRegister", *arguments(MODEL_STAKE - 1))
    await here.call("user", "modelRegister", *arguments(MODEL_STAKE))
    model = bytes(await here.market.value("getModelId", owner, base))
    assert bytes(await here.market.value("getModelId", PROVIDER.address, base)) != model
    (created,) = await here.market.models([model])
    assert (created.name, created.tags) == ("", ())
    await here.call("user", "modelRegister", *arguments(0, "Named", ("a", "a")))
    (changed,) = await here.market.models([model])
    assert (changed.name, changed.tags, changed.stake) == ("Named", ("a", "a"), MODEL_STAKE)
    await here.call("provider", "postModelBid", PROVIDER.address, model, PRICE)
    await refuses(here, "ModelHasActiveBids", "user", "modelDeregister", model)
    await refuses(here, "ProviderHasActiveBids", "provider", "providerDeregister", PROVIDER.address)
    ((bid,), _) = await here.market.page("getModelActiveBids", (model,), 0, 9)
    await here.call("provider", "deleteModelBid", bid)
    before = await here.mor("user")
    await here.call("user", "modelDeregister", model)
    assert await here.mor("user") - before == MODEL_STAKE
    await refuses(here, "ModelHasAlreadyDeregistered", "user", "modelDeregister", model)
    await refuses(here, "InsufficientRightsForOperation", "user", "modelDeregister", b"\x09" * 32)
    assert (await here.market.page("getActiveModelIds", (), 0, 9))[1] == 0
    assert (await here.market.page("getModelIds", (), 0, 9)) == ([model], 1)
    await refuses(here, "ModelStakeTooLow", "user", "modelRegister", *arguments(0))
    await here.call("user", "modelRegister", *arguments(MODEL_STAKE))
    (revived,) = await here.market.models([model])
    assert (revived.created_at, revived.is_deleted) == (created.created_at, False)


async def test_life_of_a_bid(here: World, bid: bytes) -> None:
    model = await model_of(here, bid)
    terms = await here.market.terms()
    for price in (terms.lowest_price - 1, terms.highest_price + 1):
        await refuses(
            here, "MarketplaceBidPricePerSecondInvalid", "provider", "postModelBid",
            PROVIDER.address, model, price,
        )  # fmt: skip
    await refuses(
        here, "MarketplaceModelNotFound", "provider", "postModelBid",
        PROVIDER.address, b"\x09" * 32, PRICE,
    )  # fmt: skip
    await refuses(
        here, "MarketplaceProviderNotFound", "user", "postModelBid", USER.address, model, PRICE
    )
    before = await here.mor("provider")
    await here.call("provider", "postModelBid", PROVIDER.address, model, terms.lowest_price)
    assert before - await here.mor("provider") == BID_FEE
    ((newer,), total) = await here.market.page("getModelActiveBids", (model,), 0, 9)
    assert (total, newer != bid) == (1, True)
    assert not await here.market.value("isBidActive", bid)
    await here.call("provider", "deleteModelBid", newer)
    await refuses(here, "MarketplaceActiveBidNotFound", "provider", "deleteModelBid", newer)
    await refuses(
        here, "InsufficientRightsForOperation", "provider", "deleteModelBid", b"\x09" * 32
    )


async def test_pages_and_unknown_ids(here: World, bid: bytes) -> None:
    model = await model_of(here, bid)
    for name, owner in (
        ("getModelIds", ()), ("getActiveModelIds", ()), ("getActiveProviders", ()),
        ("getModelBids", (model,)), ("getModelActiveBids", (model,)),
        ("getProviderBids", (PROVIDER.address,)), ("getProviderActiveBids", (PROVIDER.address,)),
    ):  # fmt: skip
        found, total = await here.market.page(name, owner, 0, 1000)
        assert (len(found), total) == (1, 1), name
        assert await here.market.page(name, owner, 0, 0) == ([], 1)
        assert await here.market.page(name, owner, 99, 10) == ([], 1)
        with pytest.raises(NotOffered):
            await here.market.page(name, owner, 2**256 - 1, 2)
    with pytest.raises(NotOffered):
        await here.market.value("getPool", 9)
    assert len(await here.market.value("getPools")) == 5
    assert await here.market.sessions([b"\x09" * 32]) == []
    assert await here.market.bids([b"\x09" * 32]) == []
    assert await here.market.models([b"\x09" * 32]) == []
    assert await here.market.providers([NOBODY]) == []


# Delegation


RULES = ("PROVIDER", "MODEL", "MARKETPLACE", "SESSION")


async def delegate(
    here: World, giver: str, rule: str, *, on: bool = True, contract: str = "", all_: bool = False
) -> None:
    """The giver lets "delegate" act; without a rule in everything."""
    right = bytes(await here.market.value(f"DELEGATION_RULES_{rule}")) if rule else b"\0" * 32
    to = here.account("delegate").address
    name = "delegateAll" if all_ else "delegateContract"
    values = (to, right, on) if all_ else (to, contract or here.network.diamond, right, on)
    data = REGISTRY[name].encode(*values)
    assert (await here.past_the_app(giver, here.deployment.registry, data)).ok


async def test_rights_of_a_session(opening: Opening) -> None:
    """For another contract or another rule they do not count; revoked they are gone."""
    here = opening.here
    await here.give("delegate", MOR)
    refused = "InsufficientRightsForOperation"
    await delegate(here, "user", "SESSION", contract=here.network.token)
    await delegate(here, "user", "MODEL")
    await opening.fails(refused, who="delegate")
    before = await here.mor("user")
    await delegate(here, "user", "SESSION")
    record = await opening.works(who="delegate")
    assert (record.user, before - await here.mor("user")) == (USER.address, record.stake)
    report = here.receipt_of(bytes.fromhex(record.id[2:]), (T + 600) * 1000)
    await here.at(T + 600)
    await here.call("delegate", "closeSession", *report)
    assert await here.mor("delegate") == MOR, "every payment goes to the user"
    await here.mine_at(START + DAY)
    await here.call("delegate", "withdrawUserStakes", USER.address, 255)
    assert await here.mor("user") == before
    await delegate(here, "user", "SESSION", on=False)
    await opening.fails(refused, who="delegate", stamp=T * 1000 + 9)
    for all_ in (True, False):
        await delegate(here, "user", "", all_=all_)
        await opening.works(who="delegate", stamp=T * 1000 + 10 + all_)
        await delegate(here, "user", "", on=False, all_=all_)
        await opening.fails(refused, who="delegate", stamp=T * 1000 + 20)


async def test_rights_of_a_provider(opening: Opening) -> None:
    """One who may act as the provider signs for it, and does not bid or claim."""
    here, bid = opening.here, opening.bid
    await here.give("delegate", MOR)
    model = await model_of(here, bid)
    refused = "InsufficientRightsForOperation"
    await opening.fails("SessionProviderSignatureMismatch", signer="delegate")
    await delegate(here, "provider", "PROVIDER")
    record = await opening.works(signer="delegate")
    session = bytes.fromhex(record.id[2:])
    post = ("postModelBid", PROVIDER.address, model, PRICE)
    await refuses(here, refused, "delegate", *post)
    await refuses(here, refused, "delegate", "claimForProvider", session)
    await here.call("delegate", "providerRegister", PROVIDER.address, 0, "elsewhere:1")
    await here.close(session, record.ends_at + 60, signer="delegate")
    assert (await here.session(session)).closeout_type == 0, "it counts as the provider's"
    await delegate(here, "provider", "MARKETPLACE")
    await here.call("delegate", *post)
    await delegate(here, "provider", "SESSION")
    await here.mine_at(START + 2 * DAY)
    await here.call("delegate", "claimForProvider", session)
    await delegate(here, "user", "MODEL")
    model_call = (USER.address, b"\x05" * 32, b"\0" * 32, 0, MODEL_STAKE, "Theirs", [])
    before = await here.mor("user")
    await here.call("delegate", "modelRegister", *model_call)
    assert before - await here.mor("user") == MODEL_STAKE, "the owner pays"


async def test_rules_have_the_known_names(here: World) -> None:
    for rule in RULES:
        right = await here.market.value(f"DELEGATION_RULES_{rule}")
        assert right == keccak(text=f"delegation.rules.{rule.lower()}")


# Arithmetic that can be asked for


async def test_arithmetic_against_the_second_model(here: World) -> None:
    model = Model()
    for at in (T, T + 1, START + DAY - 1, START + DAY, START + 400 * DAY):
        value = here.market.value
        assert await value("totalMORSupply", at) == model.supply(at)
        assert await value("getComputeBalance", at) == model.compute_balance(at)
        assert await value("getTodaysBudget", at) == model.compute_balance(at) // 100
        assert await value("startOfTheDay", at) == at - at % DAY
        for amount in (0, 1, MOR, 12_345 * MOR + 7):
            assert await value("stakeToStipend", amount, at) == model.stipend_of(amount, at)
            assert await value("stipendToStake", amount, at) == model.stake_for(amount, at)
            ends = await value("getSessionEnd", amount, PRICE, at)
            assert ends == at + model.seconds_for(amount, PRICE, at)
    assert await here.market.supply_and_budget(T) == (
        model.supply(T),
        model.compute_balance(T) // 100,
    )


async def test_ids_are_hashes_of_what_they_name(here: World, bid: bytes) -> None:
    model = await model_of(here, bid)
    (record,) = await here.market.bids([bid])
    packed = bytes.fromhex(PROVIDER.address[2:]) + model + record.nonce.to_bytes(32, "big")
    assert (
        keccak(packed)
        == bid
        == await here.market.value("getBidId", PROVIDER.address, model, record.nonce)
    )
    session = await here.open(bid, stake(), T)
    assert (
        await here.market.value("getSessionId", USER.address, PROVIDER.address, bid, 0) == session
    )
