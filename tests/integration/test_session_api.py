"""Sessions over HTTP on a real chain, with providers on real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from router.api.openapi import document
from router.chain.records import Provider
from router.consumer.providers import Presence
from router.errors import ChainUnavailable
from router.morrpc.messages import SessionRequest
from router.tasks import Tasks
from tests.support.lying_provider import approval
from tests.support.session_node import HOUR, SessionNode, session_node
from tests.support.world import MOR, PRICE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[SessionNode]:
    async with session_node(tmp_path) as made:
        yield made


def fits(node: SessionNode, name: str, value: Any) -> None:
    schemas = document(node.api.server.routes)["components"]["schemas"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    jsonschema.validate(value, schema)


async def test_a_session_from_the_offer_to_the_last_mor(node: SessionNode) -> None:
    provider = await node.sellers.offer("provider")
    model = node.sellers.model_id
    rated = await node.get(f"/blockchain/models/{model}/bids/rated")
    fits(node, "RatedBids", rated)
    ((bid,),) = (rated["bids"],)
    assert (bid["ID"], bid["Bid"]["PricePerSecond"]) == ("0x" + "0" * 64, str(PRICE))
    session_id = await node.open()
    (session,) = await node.on_chain()
    assert session.id == session_id
    found = (await node.get(f"/blockchain/sessions/{session_id}"))["session"]
    fits(node, "Session", found)
    assert (found["Stake"], found["PricePerSecond"]) == (session.stake, PRICE)
    assert (found["ModelAgentId"], found["BidID"]) == (model, bid["Bid"]["Id"])
    assert found["CloseoutReceipt"] == "", "old clients take anything else for closed"
    assert found["Provider"] == provider.account.address.lower()
    assert (await node.get("/blockchain/sessions/user"))["sessions"] == [found]
    assert await node.get("/blockchain/sessions/user/ids") == [session_id]
    of_provider = f"/blockchain/sessions/provider?provider={provider.account.address}"
    assert (await node.get(of_provider))["sessions"] == [found]
    assert (await node.get("/blockchain/sessions/provider"))["sessions"] == []
    closed = await node.post(f"/blockchain/sessions/{session_id}/close")
    assert closed.status == 200, closed.json
    again = await node.post(f"/blockchain/sessions/{session_id}/close")
    assert again.json == closed.json
    await node.settle()
    ended = (await node.on_chain())[0]
    assert ended.closed_at
    found = (await node.get(f"/blockchain/sessions/{session_id}"))["session"]
    assert found["CloseoutReceipt"] == ended.closeout_receipt.hex()
    held = await node.get("/blockchain/stakes/on-hold")
    fits(node, "StakesOnHold", held)
    assert (held["claimable"], held["releaseAt"] % 86_400) == ("0", 0)
    assert 0 < int(held["onHold"]) < session.stake
    await node.desk.world.mine_at(held["releaseAt"])
    assert (await node.post("/blockchain/stakes/withdraw")).status == 200
    stakes = await node.get("/blockchain/stakes")
    assert (stakes["wallet"], stakes["total"]) == (str(100 * MOR), str(100 * MOR))
    nothing = await node.post("/blockchain/stakes/withdraw")
    assert (nothing.status, nothing.code) == (422, "SessionUserAmountToWithdrawIsZero")


async def test_an_open_session_is_told_though_no_node_answers_any_more(
    node: SessionNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    await node.sellers.offer("provider")

    async def fails() -> None:
        raise ChainUnavailable("No node answers.")

    monkeypatch.setattr(node.sessions, "refresh", fails)
    assert await node.open() == (await node.on_chain())[0].id


async def test_one_wish_is_one_session(node: SessionNode) -> None:
    await node.sellers.offer("provider")
    key = {"Idempotency-Key": "mine"}
    ids = await asyncio.gather(*(node.open(**key) for _ in range(3)))
    assert len(set(ids)) == 1
    assert await node.open(**key) == ids[0]
    assert len(await node.on_chain()) == 1
    path = f"/blockchain/models/{node.sellers.model_id}/session"
    other = await node.post(path, {"sessionDuration": 2 * HOUR}, **key)
    assert (other.status, other.json["error"]["param"]) == (400, "Idempotency-Key")
    assert await node.open(**{"Idempotency-Key": "another"}) != ids[0]
    assert len(await node.on_chain()) == 2


async def test_a_client_that_went_away_finds_its_session(node: SessionNode) -> None:
    """The answer was lost; what was begun goes on, and the same key finds it."""
    await node.sellers.offer("provider")
    asked = asyncio.Event()
    await node.desk.world.rpc("evm_setAutomine", False)

    def told(opening: Any) -> None:
        if opening.step == "permission":
            asked.set()

    node.sessions.opening_changed.subscribe(told)
    tasks = Tasks()
    lost = tasks.spawn("a client that goes away", node.open(**{"Idempotency-Key": "lost"}))
    await asked.wait()
    lost.cancel()
    await asyncio.wait([lost])
    again = tasks.spawn("the same client", node.open(**{"Idempotency-Key": "lost"}))
    await node.desk.world.rpc("evm_setAutomine", True)
    await node.desk.world.rpc("evm_mine")
    session_id = await again
    assert [session.id for session in await node.on_chain()] == [session_id]


async def test_without_a_key_the_same_is_not_begun_twice(node: SessionNode) -> None:
    await node.sellers.offer("provider")
    path = f"/blockchain/models/{node.sellers.model_id}/session"
    answers = await asyncio.gather(*(node.post(path, {"sessionDuration": HOUR}) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [200, 409, 409]
    assert {a.code for a in answers if a.status == 409} == {"still_on_the_way"}
    assert len(await node.on_chain()) == 1


async def test_the_next_best_bid_is_tried_when_nobody_signs(node: SessionNode) -> None:
    cheap = await node.sellers.offer("provider", stake=10 * MOR)
    dear = await node.sellers.offer("second", 2 * PRICE)
    await cheap.stop()
    session_id = await node.open(**{"Idempotency-Key": "k"})
    found = (await node.get(f"/blockchain/sessions/{session_id}"))["session"]
    assert found["Provider"] == dear.account.address.lower()
    assert await node.open(**{"Idempotency-Key": "k"}) == session_id
    await dear.stop()
    path = f"/blockchain/models/{node.sellers.model_id}/session"
    nobody = await node.post(path, {"sessionDuration": HOUR})
    assert (nobody.status, nobody.code) == (502, "provider_unreachable")
    assert len(await node.on_chain()) == 1
    assert all(opening.is_over for opening in node.sessions.openings)


async def test_a_failed_one_goes_on_with_its_key(node: SessionNode) -> None:
    provider = await node.sellers.offer("provider")
    (bid,) = (await node.get(f"/blockchain/models/{node.sellers.model_id}/bids"))["bids"]
    path, key = f"/blockchain/bids/{bid['Id']}/session", {"Idempotency-Key": "k"}
    provider.approves = lambda request, who: approval(request, who, chain_id=8453)
    failed = await node.post(path, {"sessionDuration": str(HOUR)}, **key)
    assert failed.status == 502, failed.json
    provider.approves = None
    opened = await node.post(path, {"sessionDuration": str(HOUR)}, **key)
    assert opened.status == 200, opened.json
    assert len(await node.on_chain()) == 1
    assert len(provider.asked(SessionRequest)) == 2


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "sessionDuration", "missing_field"),
        ({"sessionDuration": 299}, "sessionDuration", "invalid_value"),
        ({"sessionDuration": "an hour"}, "sessionDuration", "invalid_value"),
        ({"sessionDuration": True}, "sessionDuration", "invalid_value"),
        ({"sessionDuration": HOUR, "directPayment": "yes"}, "directPayment", "invalid_value"),
    ],
)
async def test_what_makes_no_sense_is_named(
    node: SessionNode, body: Any, param: str, code: str
) -> None:
    answer = await node.post(f"/blockchain/models/0x{'12' * 32}/session", body)
    assert (answer.status, answer.code) == (400, code)
    assert answer.json["error"]["param"] == param


async def test_what_is_not_there(node: SessionNode) -> None:
    unknown = "0x" + "12" * 32
    for path, body in (
        (f"/blockchain/models/{unknown}/session", {"sessionDuration": HOUR}),
        (f"/blockchain/bids/{unknown}/session", {"sessionDuration": HOUR}),
        (f"/blockchain/sessions/{unknown}/close", {}),
    ):
        assert (await node.post(path, body)).status == 404, path
    assert (await node.api.send("GET", f"/blockchain/sessions/{unknown}")).status == 404


async def test_too_little_is_told_before_anybody_is_asked(node: SessionNode) -> None:
    provider = await node.sellers.offer("provider", 1000 * PRICE)
    path = f"/blockchain/models/{node.sellers.model_id}/session"
    answer = await node.post(path, {"sessionDuration": 24 * HOUR})
    assert (answer.status, answer.code) == (402, "insufficient_funds")
    assert provider.asked(SessionRequest) == []


async def test_the_session_of_somebody_else_is_not_closed(node: SessionNode) -> None:
    await node.sellers.offer("provider")
    world = node.desk.world
    await world.give("stranger", 100 * MOR)
    (bid,) = (await node.get(f"/blockchain/models/{node.sellers.model_id}/bids"))["bids"]
    now = (await world.chain.head()).timestamp + 10
    session = await world.open(bytes.fromhex(bid["Id"][2:]), 20 * MOR, now, user="stranger")
    answer = await node.post(f"/blockchain/sessions/0x{session.hex()}/close")
    assert (answer.status, answer.code) == (404, "session_not_found")
    answer = await node.ask(session_id=f"0x{session.hex()}")
    assert (answer.status, answer.code) == (404, "session_not_found")


@pytest.mark.parametrize("permitted", [0, 40 * MOR])
async def test_in_two_steps_with_an_approval(node: SessionNode, permitted: int) -> None:
    provider = await node.sellers.offer("provider")
    await node.desk.world.token("user", "approve", node.desk.world.network.diamond, permitted)
    (bid,) = (await node.get(f"/blockchain/models/{node.sellers.model_id}/bids"))["bids"]
    initiate = {
        "user": node.desk.funds.address,
        "provider": provider.account.address,
        "spend": str(40 * MOR),
        "providerUrl": provider.endpoint,
        "bidId": bid["Id"],
    }
    given = await node.post("/proxy/sessions/initiate", initiate)
    assert given.status == 200, given.json
    fits(node, "InitiatedSession", given.json)
    body = {name: given.json[name] for name in ("approval", "approvalSig")}
    body["stake"] = str(40 * MOR)
    key = {"Idempotency-Key": "mine"}
    first = await node.post("/blockchain/sessions", body, **key)
    again = await node.post("/blockchain/sessions", body, **key)
    assert (first.status, again.json) == (200, first.json), first.json
    (session,) = await node.on_chain()
    assert (session.id, session.stake) == (first.json["sessionID"], 40 * MOR)
    assert (await node.desk.world.market.account(node.desk.funds.address)).allowance == 0
    node.desk.settings.change({"market.blocked": [provider.account.address]})
    late = await node.post("/blockchain/sessions", body, **key)
    assert late.json == first.json, "it was opened before its provider was blocked"
    node.desk.settings.change({"market.blocked": []})
    used = await node.post("/blockchain/sessions", body)
    assert (used.status, used.code) == (422, "SessionDuplicateApproval")
    forged = {**body, "approvalSig": "0x" + "11" * 65}
    refused = await node.post("/blockchain/sessions", forged, **{"Idempotency-Key": "x"})
    assert refused.status == 422
    nothing = await node.post("/blockchain/sessions", {**body, "approval": "0x12"})
    assert (nothing.status, nothing.json["error"]["param"]) == (400, "approval")
    other = await node.post("/proxy/sessions/initiate", {**initiate, "user": "0x" + "34" * 20})
    assert (other.status, other.json["error"]["param"]) == (400, "user")


@pytest.mark.parametrize("blocked", [True, False])
async def test_with_whom_no_session_is_opened(node: SessionNode, blocked: bool) -> None:
    """Blocked, whichever way the bid was chosen. One that is only not on the list was chosen."""
    provider = await node.sellers.offer("provider")
    address = provider.account.address
    (bid,) = (await node.get(f"/blockchain/models/{node.sellers.model_id}/bids"))["bids"]
    initiate = {
        "user": node.desk.funds.address, "provider": address, "spend": str(40 * MOR),
        "providerUrl": provider.endpoint, "bidId": bid["Id"],
    }  # fmt: skip
    given = await node.post("/proxy/sessions/initiate", initiate)
    body = {name: given.json[name] for name in ("approval", "approvalSig")}
    if blocked:
        node.desk.settings.change({"market.blocked": [address.lower()]})
    else:
        rating = json.dumps({"providerAllowlist": ["0x" + "77" * 20]})
        node.desk.funds._paths.rating.write_text(rating, "utf-8")
    by_bid = f"/blockchain/bids/{bid['Id']}/session"
    answers = [
        await node.post(by_bid, {"sessionDuration": HOUR}),
        await node.post("/blockchain/sessions", {**body, "stake": str(40 * MOR)}),
    ]
    wanted = (400, "blocked_provider") if blocked else (200, "")
    assert [(one.status, one.code if one.status != 200 else "") for one in answers] == [wanted] * 2
    assert len(await node.on_chain()) == (0 if blocked else 2)
    model = f"/blockchain/models/{node.sellers.model_id}/session"
    assert (await node.post(model, {"sessionDuration": HOUR})).status == 404


async def test_a_session_of_a_provider_that_is_blocked_meanwhile(node: SessionNode) -> None:
    """Its model is not on offer any more; who names the session may still use it."""
    provider = await node.sellers.offer("provider")
    session_id = await node.open()
    node.desk.settings.change({"market.blocked": [provider.account.address]})
    refused = await node.ask({"model": "Model"})
    assert (refused.status, refused.code) == (402, "no_session")
    assert (await node.ask(session_id=session_id)).status == 200


async def test_our_own_bid_is_not_opened(node: SessionNode) -> None:
    await node.sellers.offer("provider")
    node.desk.wallet.borrow(bytes(node.desk.world.account("provider")._key))
    (bid,) = (await node.get(f"/blockchain/models/{node.sellers.model_id}/bids"))["bids"]
    answer = await node.post(f"/blockchain/bids/{bid['Id']}/session", {"sessionDuration": HOUR})
    assert (answer.status, answer.code) == (400, "own_bid")


async def test_providers_are_greeted(node: SessionNode) -> None:
    provider = await node.sellers.offer("provider")
    address = provider.account.address
    for more in ({"providerUrl": provider.endpoint}, {}):
        pong = await node.post("/proxy/provider/ping", {"providerAddr": address, **more})
        assert pong.status == 200, pong.json
        fits(node, "Pong", pong.json)
        assert pong.json["version"].startswith("v7.0.0")
    stranger = {"providerAddr": "0x" + "34" * 20, "providerUrl": provider.endpoint}
    lied = await node.post("/proxy/provider/ping", stranger)
    assert (lied.status, lied.code) == (502, "provider_bad_signature")
    node.desk.settings.change({"market.allow_private": False})
    private = await node.post("/proxy/provider/ping", {"providerAddr": address})
    assert (private.status, private.code) == (502, "bad_endpoint")
    unknown = await node.post("/proxy/provider/ping", {"providerAddr": "0x" + "34" * 20})
    assert unknown.status == 404


async def test_a_provider_next_door_is_there(
    node: SessionNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old clients take a ping of 0 for nobody."""
    provider = await node.sellers.offer("provider")

    async def at_once(record: Provider) -> Presence:
        return Presence(0, "v7.0.0", sealed=False)

    monkeypatch.setattr(node.desk.funds.connection.providers, "ping", at_once)
    pong = await node.post("/proxy/provider/ping", {"providerAddr": provider.account.address})
    assert pong.json == {"ping": 1, "version": "v7.0.0"}


async def test_what_a_provider_can_claim(node: SessionNode) -> None:
    await node.sellers.offer("provider", stake=100 * MOR)
    session_id = await node.open()
    path = f"/proxy/sessions/{session_id}"
    assert await node.get(f"{path}/providerClaimableBalance") == {"balance": "0"}
    early = await node.post(f"{path}/providerClaim")
    assert (early.status, early.code) == (422, "nothing_to_claim")
    (session,) = await node.on_chain()
    await node.desk.world.mine_at(session.ends_at)
    due = (session.ends_at - session.opened_at) * PRICE
    assert await node.get(f"{path}/providerClaimableBalance") == {"balance": str(due)}
    strangers = await node.post(f"{path}/providerClaim")
    assert strangers.status == 422, strangers.json
    before = await node.desk.world.mor("provider")
    node.desk.wallet.give_back()
    node.desk.wallet.borrow(bytes(node.desk.world.account("provider")._key))
    claimed = await node.post(f"{path}/providerClaim", **{"Idempotency-Key": "earned"})
    assert claimed.status == 200, claimed.json
    assert await node.desk.world.mor("provider") - before == due
    again = await node.post(f"{path}/providerClaim", **{"Idempotency-Key": "earned"})
    assert again.json == claimed.json


async def test_what_each_key_may(node: SessionNode) -> None:
    await node.sellers.offer("provider")
    unknown = "0x" + "12" * 32
    for scope, method, path in (
        ("spend", "POST", f"/blockchain/models/{unknown}/session"),
        ("spend", "POST", f"/blockchain/bids/{unknown}/session"),
        ("spend", "POST", "/blockchain/sessions"),
        ("spend", "POST", f"/blockchain/sessions/{unknown}/close"),
        ("spend", "POST", "/blockchain/stakes/withdraw"),
        ("spend", "POST", "/proxy/sessions/initiate"),
        ("spend", "POST", f"/proxy/sessions/{unknown}/providerClaim"),
        ("market", "POST", "/proxy/provider/ping"),
        ("market", "GET", f"/blockchain/sessions/{unknown}"),
        ("market", "GET", f"/blockchain/models/{unknown}/bids/rated"),
        ("market", "GET", f"/proxy/sessions/{unknown}/providerClaimableBalance"),
        ("wallet", "GET", "/blockchain/sessions/user"),
        ("wallet", "GET", "/blockchain/sessions/user/ids"),
        ("wallet", "GET", "/blockchain/sessions/provider"),
        ("wallet", "GET", "/blockchain/stakes/on-hold"),
    ):
        others = [name for name in ("chat", "models", "market", "wallet", "spend") if name != scope]
        key, text = await node.api.keys.create("others", others)
        answer = await node.api.send(method, path, {}, key=text)
        assert (answer.status, answer.code) == (403, "insufficient_scope"), path
        assert (await node.api.send(method, path, {}, key="")).status == 401, path
        await node.api.keys.revoke(key.id)
    assert await node.on_chain() == ()
