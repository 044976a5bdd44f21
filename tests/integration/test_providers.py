"""Providers asked for their signatures, with a chain that says who else may sign for them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from router.chain.artifacts import artifacts
from router.chain.client import Chain
from router.chain.codec import Interface
from router.chain.nodes import Nodes
from router.chain.records import Bid, Provider, Session, as_bytes
from router.consumer.link import Target
from router.consumer.providers import SIGNS, Providers
from router.devnet.accounts import OWNER, PROVIDER
from router.errors import ChainUnavailable, ProviderError
from router.morrpc.approvals import Report, signer_of
from router.morrpc.consumer import Peer
from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import MIB, PIECES, UNARY, Limits
from router.morrpc.messages import Ping, SessionRequest
from router.morrpc.signing import key_of
from router.wire_config import WireConfig
from tests.support.edges import T
from tests.support.lying_provider import (
    Exchange,
    LyingProvider,
    approval,
    honest_report,
    piece,
)
from tests.support.stake_model import MOR
from tests.support.world import World, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

REGISTRY = Interface(artifacts()["DelegateRegistry"].abi)
SESSION = Session("0x" + "51" * 32, "", "", 0, b"", 0, 0, T, T + 600, 0, True, False)


@pytest.fixture
async def here() -> AsyncIterator[World]:
    async with world("embedded", "snapshot") as made:
        yield made


@pytest.fixture
async def desk(here: World) -> AsyncIterator["Desk"]:
    bid = await here.offer(stake=100 * MOR)
    await here.give("user", 100 * MOR)
    (found,) = await here.market.bids([bid])
    made = LyingProvider(here.account("provider"))
    await made.start(here.account("user"))
    (record,) = await here.market.providers([PROVIDER.address])
    yield Desk(here, made, found, replace(record, endpoint=made.endpoint))
    await made.stop()


class Desk:
    """A registered provider that listens, and who asks it."""

    def __init__(self, here: World, lying: LyingProvider, bid: Bid, record: Provider) -> None:
        self.here = here
        self.lying = lying
        self.bid = bid
        self.record = record
        self.user = here.account("user")
        self.sealing: set[str] = set()
        self.providers = Providers(
            here.chain, here.network, allow_private=lambda: True, seals=self.seals
        )

    async def seals(self, address: str) -> bool:
        return address in self.sealing

    async def approval(self) -> Any:
        return await self.providers.request_session(self.user, self.bid, self.record, MOR)

    async def report(self, key: bytes = b"") -> tuple[bytes, bytes]:
        known = key or key_of(self.lying.account)
        return await self.providers.report(self.user, SESSION, self.bid, self.record, known)

    async def code_of(self, call: Any) -> str:
        with pytest.raises(ProviderError) as caught:
            await call
        self.error = caught.value
        return str(caught.value.code)

    async def let_sign(self, name: str, *, on: bool = True) -> None:
        """The provider lets another account sign for it, or no longer."""
        values = (self.here.account(name).address, self.here.network.diamond, SIGNS, on)
        data = REGISTRY["delegateContract"].encode(*values)
        receipt = await self.here.past_the_app("provider", self.here.deployment.registry, data)
        assert receipt.ok


async def test_approval_is_one_that_the_contract_takes(desk: Desk) -> None:
    here = desk.here
    found = await desk.approval()
    assert (found.key, found.sealed) == (key_of(desk.lying.account), True)
    await here.at(T)
    receipt = await here.call(
        "user", "openSession", desk.user.address, MOR, False, found.message, found.signature
    )
    assert receipt.ok


async def test_right_that_the_contract_knows_by_this_name(desk: Desk) -> None:
    assert bytes(await desk.here.market.value("DELEGATION_RULES_PROVIDER")) == SIGNS


async def test_delegate_signs_while_the_chain_says_so(desk: Desk) -> None:
    delegate = desk.here.account("delegate")
    desk.lying.account = delegate
    assert await desk.code_of(desk.approval()) == "provider_bad_signature"
    assert desk.error.safe == "Nothing was staked or paid."
    assert desk.lying.asked(SessionRequest) == []
    await desk.let_sign("delegate")
    assert (await desk.approval()).key == key_of(delegate)
    await desk.let_sign("delegate", on=False)
    assert await desk.code_of(desk.approval()) == "provider_bad_signature"


async def test_owner_of_a_contract_signs_for_it(desk: Desk) -> None:
    """The diamond stands for a provider that is a contract: it has an owner too."""
    diamond = desk.here.network.diamond
    assert await desk.providers.may_sign(OWNER.address.lower(), diamond)
    assert not await desk.providers.may_sign(PROVIDER.address.lower(), diamond)
    assert not await desk.providers.may_sign(OWNER.address.lower(), PROVIDER.address)


async def test_wrong_approval(desk: Desk) -> None:
    desk.lying.approves = lambda request, who: approval(request, who, chain_id=8453)
    assert await desk.code_of(desk.approval()) == "provider_wrong_approval"


async def test_what_could_be_sealed_is_not_agreed_in_clear_text(desk: Desk) -> None:
    desk.lying.seals = False
    assert not (await desk.approval()).sealed  # it never said that it seals
    desk.sealing.add(desk.record.address)
    assert await desk.code_of(desk.approval()) == "provider_downgraded"
    assert desk.error.safe == "Nothing was staked or paid."
    assert len(desk.lying.asked(SessionRequest)) == 1
    desk.lying.seals = True
    assert (await desk.approval()).sealed


async def test_all_links_know_what_came_over_one_of_them(desk: Desk) -> None:
    """A new one is made whenever the wallet is locked or unlocked."""
    recorded: list[tuple[str, bytes]] = []

    async def answer(exchange: Exchange) -> None:
        recorded.append((exchange.id, exchange.answering.chunk(piece("Hello", "stop"))))
        name, data = recorded[0]
        await exchange.send(data.replace(name.encode(), exchange.id.encode()))
        await exchange.send(exchange.answering.done())

    peer = Peer(key_of(desk.lying.account), seals=False)
    desk.lying.scripts.extend([answer, answer])
    await desk.approval()

    async def ask(session_id: str) -> int:
        target = Target(desk.record.endpoint, desk.record.address)
        pieces = desk.providers.link(desk.user).prompt(target, peer, session_id, "{}")
        return len([chunk async for chunk in pieces])

    assert await ask(SESSION.id) == 1
    with pytest.raises(WireError) as caught:
        await ask("0x" + "52" * 32)
    assert caught.value.fault is Fault.REPLAYED


async def test_report(desk: Desk) -> None:
    payload, signature = await desk.report()
    assert Report.decode(payload).session_id == SESSION.id
    assert signer_of(payload, signature) == PROVIDER.address.lower()
    assert as_bytes(SESSION.id) == payload[:32]


async def test_report_of_another_session(desk: Desk) -> None:
    desk.lying.reports = lambda request, who: replace(
        honest_report(request, who), session_id="0x" + "52" * 32
    )
    assert await desk.code_of(desk.report()) == "provider_wrong_approval"


async def test_report_with_a_key_that_may_sign_no_more(desk: Desk) -> None:
    desk.lying.account = desk.here.account("delegate")
    await desk.let_sign("delegate")
    assert await desk.report(key_of(desk.lying.account))
    await desk.let_sign("delegate", on=False)
    assert await desk.code_of(desk.report(key_of(desk.lying.account))) == "provider_bad_signature"


async def test_a_node_that_fails_is_no_fault_of_the_provider(desk: Desk) -> None:
    """A report that could not be looked at must not become a dispute."""
    desk.lying.account = desk.here.account("delegate")
    await desk.let_sign("delegate")
    nodes = Nodes(desk.here.network.chain_id, ["http://127.0.0.1:1"])
    desk.providers = Providers(Chain(nodes), desk.here.network, allow_private=lambda: True)
    key = key_of(desk.lying.account)
    for call in (desk.report(key), desk.approval(), desk.providers.ping(desk.record)):
        with pytest.raises(ChainUnavailable):
            await call
    await nodes.close()


async def test_ping_tells_nobody_who_asks(desk: Desk) -> None:
    found = await desk.providers.ping(desk.record)
    assert found.version.startswith("v7.0.0")
    assert found.sealed
    assert found.milliseconds >= 0
    (ping,) = desk.lying.asked(Ping)
    assert desk.user.public_key not in ping.signature


async def test_private_addresses_are_refused(desk: Desk) -> None:
    desk.providers = Providers(desk.here.chain, desk.here.network)
    for call in (desk.providers.ping(desk.record), desk.approval(), desk.report()):
        assert await desk.code_of(call) == "bad_endpoint"
    assert desk.lying.connections == 0


async def test_limits_are_those_that_are_set(desk: Desk) -> None:
    wire = WireConfig()
    providers = Providers(
        desk.here.chain, desk.here.network, allow_private=lambda: True, wire=lambda: wire
    )
    assert providers.link(desk.user)._consumer._limits == PIECES
    wire = WireConfig(4, 16, 16, 30, 20, 100, 64)
    found = providers.link(desk.user)._consumer
    assert found._limits == Limits(
        frame_bytes=4 * MIB, answer_bytes=16 * MIB, depth=16,
        first_frame_s=30, gap_s=20, total_s=100,
    )  # fmt: skip
    assert found._unary == replace(UNARY, upload_bytes_a_second=64 * 1024)


async def test_provider_that_says_nothing(desk: Desk) -> None:
    desk.lying.version = None
    assert await desk.code_of(desk.providers.ping(desk.record)) == "provider_cut_off"
