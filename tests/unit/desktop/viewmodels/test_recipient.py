"""Whom something is sent to, and what speaks against it."""

import pytest

from morpheus_desktop.viewmodels.recipient import address_in, look_at, read_recipient
from router.errors import BadRequest
from tests.support.wallet_desk import wallet_desk
from tests.support.world import MOR

LENA = "0x8f26C64f2e734d191e0B7CaF07d8FD1b4ac8F5c1"
ALIKE = "0x8f268b4f5a959eE996e76fDe637FBa61288df5c1"


async def test_what_is_known_of_an_address(tmp_path):
    async with wallet_desk(tmp_path) as desk:
        funds = desk.funds
        assert await look_at(LENA, funds) == await look_at(LENA, funds)
        assert (await look_at(LENA, funds)).first_time
        funds.book.set(LENA, "Lena")
        lena = await look_at(LENA, funds)
        assert (lena.name, lena.first_time, lena.is_contract, lena.alike) == (
            "Lena",
            False,
            False,
            (),
        )
        alike = await look_at(ALIKE, funds)
        assert alike.alike == ((LENA, "Lena"),)
        assert alike.first_time
        market = await look_at(desk.world.network.diamond, funds)
        assert market.is_contract
        assert (await look_at(funds.address, funds)).is_own


async def test_somebody_who_was_paid_before_is_known(tmp_path):
    async with wallet_desk(tmp_path) as desk:
        prepared = await desk.funds.prepare_send("MOR", LENA, MOR)
        await desk.funds.connection.transactions.send(prepared)
        assert not (await look_at(LENA, desk.funds)).first_time
        assert (await look_at(ALIKE, desk.funds)).alike == ((LENA, ""),)


async def test_a_look_alike_that_only_came_in_the_logs_is_not_known(tmp_path):
    async with wallet_desk(tmp_path) as desk:
        thief = desk.world.account("thief")
        await desk.world.give("thief", MOR)
        await desk.world.token("thief", "transfer", desk.funds.address, 1)
        assert (await look_at(thief.address, desk.funds)).first_time


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0x12", "not an address"),
        (LENA[:-1] + "2", "checksum|not an address"),
        (LENA.replace("C64f", "c64f"), "checksum"),
        ("0x" + "0" * 40, "zero address"),
        ("0x000000000000000000000000000000000000dEaD", "Nobody has the key"),
        ("0x" + "0" * 38 + "05", "network itself"),
        ("Anna", "not an address"),
    ],
)
async def test_what_is_refused(tmp_path, typed, words):
    async with wallet_desk(tmp_path) as desk:
        with pytest.raises(BadRequest, match=words):
            read_recipient(typed, desk.funds)


async def test_a_name_stands_for_its_address(tmp_path):
    async with wallet_desk(tmp_path) as desk:
        desk.funds.book.set(LENA, "Lena")
        assert read_recipient(" lena ", desk.funds) == LENA
        assert read_recipient("0x" + LENA[2:].lower(), desk.funds) == LENA
        with pytest.raises(BadRequest, match="MOR contract itself"):
            read_recipient(desk.world.network.token, desk.funds)


def test_an_address_in_the_clipboard():
    assert address_in(f" {LENA}\n") == LENA
    assert address_in("a text") == ""
    assert address_in("") == ""
