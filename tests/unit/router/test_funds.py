"""The money of the user on a real chain: history, permissions, speeds, whom was sent to."""

import pytest

from router.chain.fees import SPEEDS
from router.config import Settings
from router.errors import ChainUnavailable
from router.funds import Funds
from router.paths import Paths
from router.wallet.node_keys import NodeKeys
from router.wallet.wallet import Wallet
from tests.support.fault_rpc import fault_rpc, result
from tests.support.money_desk import StatedKeychain
from tests.support.stake_model import DAY
from tests.support.wallet_desk import WalletDesk, wallet_desk
from tests.support.world import MOR


async def _send(desk: WalletDesk, to: str, amount: int):
    prepared = await desk.funds.prepare_send("MOR", to, amount)
    return await desk.funds.connection.transactions.send(prepared)


async def test_only_what_was_sent_from_here_counts_as_known(tmp_path) -> None:
    async with wallet_desk(tmp_path) as desk:
        lena = desk.world.account("lena").address
        await desk.world.give("provider", MOR)
        await desk.world.token("provider", "transfer", desk.funds.address, MOR)
        assert lena not in await desk.funds.sent_to()
        await _send(desk, lena, MOR)
        assert lena in await desk.funds.sent_to()
        assert desk.world.account("provider").address not in await desk.funds.sent_to()


async def test_a_permission_is_not_a_payment(tmp_path) -> None:
    async with wallet_desk(tmp_path) as desk:
        spender = desk.world.account("lena").address
        prepared = await desk.funds.prepare_approve(MOR, spender)
        await desk.funds.connection.transactions.send(prepared)
        assert spender not in await desk.funds.sent_to()
        history = desk.funds.history()
        await history.update()
        assert spender in [found.spender for found in await history.permissions()]


async def test_the_speeds_differ_in_the_fee_only(tmp_path) -> None:
    async with wallet_desk(tmp_path) as desk:
        lena = desk.world.account("lena").address
        normal = await desk.funds.prepare_send("MOR", lena, MOR)
        speeds = normal.speeds
        fees = [speeds[name].fee_max for name in SPEEDS]
        assert fees == sorted(fees)
        for prepared in speeds.values():
            assert (prepared.intent, prepared.nonce) == (normal.intent, normal.nonce)
            assert prepared.gas == normal.gas


async def test_a_contract_is_told_from_an_account(tmp_path) -> None:
    async with wallet_desk(tmp_path) as desk:
        assert await desk.funds.is_contract(desk.world.network.token)
        assert not await desk.funds.is_contract(desk.funds.address)


async def test_a_damaged_journal_is_told_of(tmp_path, caplog) -> None:
    async with wallet_desk(tmp_path) as desk:
        assert desk.funds.journal_problem is None
        network = desk.funds.connection.network
        await desk.funds.stop()
        desk.paths.transactions.write_text("dear diary")
        desk.funds._connection = await desk.funds._connect(network, None)
        assert "damaged" in desk.funds.journal_problem.message


async def test_the_history_is_of_the_account_in_use(tmp_path) -> None:
    async with wallet_desk(tmp_path) as desk:
        first = desk.funds.history()
        assert desk.funds.history() is first
        desk.wallet.give_back()
        desk.wallet.borrow(bytes(desk.world.account("provider")._key))
        assert desk.funds.history() is not first


async def test_a_claim_by_hand_is_that_of_the_sessions(tmp_path) -> None:
    async with wallet_desk(tmp_path) as desk:
        world, user = desk.world, desk.funds.address
        bid = await world.offer(stake=100 * MOR)
        await world.token("user", "approve", world.network.diamond, 2**200)
        now = (await world.chain.head()).timestamp + 10
        session = await world.open(bid, 20 * MOR, now)
        await world.close(session, now + 600)
        await world.mine_at(now + 2 * DAY)
        prepared = await desk.funds.prepare_claim()
        assert dict(prepared.decoded.arguments)["user_"] == user.lower()
        await desk.funds.connection.transactions.send(prepared)
        assert await world.holds() == (0, 0)
        (view,) = await desk.funds.connection.sessions.refresh()
        assert view.phase == "closed"


async def test_the_keys_of_nodes_come_from_the_keychain(tmp_path) -> None:
    paths, keychain = Paths(tmp_path), StatedKeychain()
    async with fault_rpc("") as rpc:
        rpc.on("eth_chainId", result("0x7"))
        kept = f"{rpc.url}/{{key:0123456789ab}}"
        settings = Settings(paths.settings, {"chain.base": (kept,)})
        keys = NodeKeys(settings, keychain)
        funds = Funds(paths, settings, Wallet(paths.wallet), keys)
        with pytest.raises(ChainUnavailable, match="its key is not in the keychain"):
            await funds.balances_of(["0x" + "11" * 20])
        assert rpc.asked == []
        keychain.kept["node-0123456789ab"] = f"{rpc.url}/?key=costly"
        with pytest.raises(ChainUnavailable, match="this is chain 7"):
            await funds.balances_of(["0x" + "11" * 20])
    await keys.close()
