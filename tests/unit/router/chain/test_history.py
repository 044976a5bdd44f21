"""What the logs of the token tell of an account, on a real chain."""

from router.chain.history import LEAST_RANGE, Permission, TokenHistory
from router.chain.nodes import RpcError
from tests.support.world import MOR, World, world


def history(chain: World, who: str = "user") -> TokenHistory:
    return TokenHistory(chain.chain, chain.network, chain.account(who).address)


async def test_transfers_come_newest_first_and_none_twice() -> None:
    async with world("embedded", "day-lock") as chain:
        lena = await chain.give("lena", 30 * MOR)
        await chain.give("user", 30 * MOR)
        user = chain.account("user").address
        found = history(chain)
        await found.update()
        before = await found.transfers()
        sent = await chain.token("user", "transfer", lena.address, 2 * MOR)
        back = await chain.token("lena", "transfer", user, MOR)
        for _ in range(2):
            await found.update()
        newest = (await found.transfers())[: -len(before) or None]
        assert [(t.sender, t.recipient, t.amount, t.tx_hash) for t in newest] == [
            (lena.address, user, MOR, back.tx_hash),
            (user, lena.address, 2 * MOR, sent.tx_hash),
        ]
        assert found.first == 0
        assert newest[0].time >= newest[1].time > 0


async def test_a_transfer_of_nothing_is_left_out() -> None:
    """Anybody can have one logged in the name of anybody: it would put look-alikes into lists."""
    async with world("embedded", "day-lock") as chain:
        user = chain.account("user").address
        await chain.give("thief", MOR)
        await chain.give("user", MOR)
        found = history(chain)
        await found.update()
        count = len(await found.transfers())
        await chain.token("thief", "transfer", user, 0)
        await found.update()
        assert len(await found.transfers()) == count


async def test_a_block_that_is_gone_takes_its_transfers_along() -> None:
    async with world("embedded", "day-lock") as chain:
        lena = await chain.give("lena", MOR)
        await chain.give("user", 30 * MOR)
        found = history(chain)
        await found.update()
        count = len(await found.transfers())
        before = await chain.rpc("evm_snapshot")
        await chain.token("user", "transfer", lena.address, MOR)
        await found.update()
        assert len(await found.transfers()) == count + 1
        await chain.rpc("evm_revert", before)
        await chain.rpc("evm_mine")
        await found.update()
        assert len(await found.transfers()) == count


async def test_a_node_with_a_short_range_is_asked_in_smaller_pieces(monkeypatch) -> None:
    async with world("embedded", "day-lock") as chain:
        found = history(chain)
        asked: list[int] = []
        ask = found._ask

        async def short(first: int, last: int):
            asked.append(last - first + 1)
            if found._range > LEAST_RANGE:
                raise RpcError(-32005, "range too large")
            return await ask(first, last)

        monkeypatch.setattr(found, "_ask", short)
        found._range = LEAST_RANGE * 16
        await found.update()
        assert found.first == 0
        monkeypatch.setattr(found, "_ask", ask)
        await found.update()
        assert await found.transfers() == await _all(chain)


async def _all(chain: World):
    found = history(chain)
    await found.update()
    return await found.transfers()


async def test_permissions_are_what_the_token_says_now() -> None:
    async with world("embedded", "day-lock") as chain:
        spender = chain.account("lena").address
        await chain.token("user", "approve", spender, 3 * MOR)
        await chain.token("user", "approve", chain.network.diamond, 5 * MOR)
        found = history(chain)
        await found.update()
        assert await found.permissions() == [
            Permission(chain.network.diamond, 5 * MOR),
            Permission(spender, 3 * MOR),
        ]
        await chain.token("user", "approve", spender, 0)
        assert await found.permissions() == [Permission(chain.network.diamond, 5 * MOR)]
