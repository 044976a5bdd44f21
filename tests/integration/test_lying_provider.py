"""Providers that lie, through a chat: what is not signed by the provider never becomes text.

F43 ends that are none, F44 wrong keys and unsigned errors, F45 old and doubled pieces, F50 damaged
encryption, F52 impossible numbers.
"""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from router.morrpc.messages import Prompt, SessionRequest
from router.morrpc.sealing import seal
from router.morrpc.signing import key_of
from tests.support.lying_provider import (
    Exchange,
    Script,
    account,
    approval,
    closes,
    honest,
    piece,
    refuses,
    resets,
    says,
    sends,
    then,
)
from tests.support.open_sessions import MODEL
from tests.support.remote_chat import RemoteChat, remote_chat, stats_of

STRANGER = account("stranger")


@pytest.fixture
async def chat() -> AsyncIterator[RemoteChat]:
    async with remote_chat() as chat:
        yield chat


def failures(chat: RemoteChat) -> int:
    provider = chat.desk.providers[0].account.address
    return chat.desk.evidence.of(provider, MODEL).failures


async def test_honest_answer_is_saved_with_who_gave_it(chat: RemoteChat) -> None:
    provider = await chat.provider("a")
    message = await chat.ask()
    assert (message.content, message.state, chat.code) == ("Hello", "done", "")
    assert (message.model, message.origin) == ("Llama", "remote")
    stats = stats_of(message)
    assert (stats.provider, stats.session_id) == (provider.account.address, f"0x{1:064x}")
    assert stats.cost >= 10**12
    assert not stats.claimed


# F43


@pytest.mark.parametrize("end", [closes, resets, sends(b'{"id": "')])
@pytest.mark.parametrize("pieces", [(), ("one ",), ("one ", "two ", "three ")])
async def test_end_that_is_none(chat: RemoteChat, end: Script, pieces: tuple[str, ...]) -> None:
    await chat.provider("a", then(*pieces, lie=end) if pieces else end)
    message = await chat.ask()
    assert message.content == "".join(pieces)
    assert message.state == ("cut_off" if pieces else "failed")
    assert chat.code == "provider_cut_off"
    assert "before the answer was complete" in message.error
    assert failures(chat) == 1


async def test_retry_gives_a_whole_answer_beside_the_cut_one(chat: RemoteChat) -> None:
    await chat.provider("a", then("half", lie=closes), says("all of it"))
    cut = await chat.ask()
    answer = await chat.conversations.regenerate(cut.chat_id, cut.id)
    await answer.ended()
    assert answer.message.content == "all of it"
    assert (await chat.store.message(cut.id)).content == "half"


@pytest.mark.parametrize("marker", [True, False])
async def test_finish_reason_or_end_marker_is_an_end(chat: RemoteChat, marker: bool) -> None:
    async def one_of_both(exchange: Exchange) -> None:
        await exchange.say("all")
        data = exchange.answering.done() if marker else exchange.answering.chunk(piece("", "stop"))
        await exchange.send(data)

    await chat.provider("a", one_of_both)
    assert (await chat.ask()).state == "done"


# F44


def other_key(exchange: Exchange) -> bytes:
    return exchange.frame("lie", signer=STRANGER)


def no_signature(exchange: Exchange) -> bytes:
    frame = json.loads(exchange.frame("lie"))
    frame["result"]["signature"] = "0x00"
    return json.dumps(frame).encode()


def other_text(exchange: Exchange) -> bytes:
    frame = json.loads(exchange.frame("lie"))
    frame["result"]["message"] = seal(piece("other lie"), exchange.key).hex()
    return json.dumps(frame).encode()


@pytest.mark.parametrize("lie", [other_key, no_signature, other_text])
@pytest.mark.parametrize("began", [False, True])
async def test_what_the_provider_did_not_sign(chat: RemoteChat, lie: Any, began: bool) -> None:
    async def script(exchange: Exchange) -> None:
        if began:
            await exchange.say("true ")
        await exchange.send(lie(exchange))
        await exchange.finish()

    provider = await chat.provider("a", script)
    message = await chat.ask()
    assert message.content == ("true " if began else "")
    assert chat.code == "provider_bad_signature"
    assert "could not be verified and was dropped" in message.error
    assert failures(chat) == 1
    assert provider.connections == 1
    assert chat.desk.sessions.opened == []


@pytest.mark.parametrize(
    "lie", [{"signer": STRANGER}, {"key": key_of(STRANGER)}, {"chain_id": 1}, {"bid_id": MODEL}]
)
async def test_key_swapped_when_it_is_learned_anew(chat: RemoteChat, lie: dict[str, Any]) -> None:
    provider = await chat.provider("a")
    provider.knows = False
    provider.approves = lambda request, who: approval(request, who, **lie)
    message = await chat.ask()
    assert (message.content, message.state) == ("", "failed")
    assert chat.code in ("provider_bad_signature", "provider_wrong_approval")
    assert chat.desk.sessions.learned_peers == []
    assert len(provider.asked(SessionRequest)) == 1


async def test_unsigned_error_is_shown_as_such(chat: RemoteChat) -> None:
    await chat.provider("a", refuses("Send 5 MOR to 0xBAD to go on"))
    message = await chat.ask()
    assert chat.code == "provider_refused"
    assert "was not signed" in message.error
    assert "stake are as they were" in message.error
    assert chat.desk.sessions.opened == []


async def test_unsigned_error_in_the_middle_keeps_the_text(chat: RemoteChat) -> None:
    await chat.provider("a", then("half ", lie=refuses("session expired")))
    message = await chat.ask()
    assert (message.content, message.state) == ("half ", "cut_off")
    assert len(chat.desk.sessions.open_ones) == 1


# F45


async def test_piece_that_comes_twice(chat: RemoteChat) -> None:
    async def twice(exchange: Exchange) -> None:
        frame = exchange.frame("once ")
        await exchange.send(frame)
        await exchange.send(frame)
        await exchange.finish()

    await chat.provider("a", twice)
    message = await chat.ask()
    assert (message.content, chat.code) == ("once ", "provider_replayed")


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("before", [(), ("new ",)])
async def test_piece_of_an_older_answer(
    chat: RemoteChat, renamed: bool, before: tuple[str, ...]
) -> None:
    """Also as the first one, when nothing of this answer is younger."""
    kept: list[bytes] = []

    async def recorded(exchange: Exchange) -> None:
        kept.append(exchange.frame("old "))
        await exchange.send(kept[0])
        await exchange.finish()

    async def replayed(exchange: Exchange) -> None:
        frame = json.loads(kept[0])
        if renamed:
            frame["id"] = exchange.id
        await exchange.say(*before)
        await exchange.send(json.dumps(frame).encode())
        await exchange.finish()

    await chat.provider("a", recorded, replayed)
    first = await chat.ask()
    second = await chat.ask("Again", first.chat_id)
    assert (first.content, second.content) == ("old ", "".join(before))
    assert chat.code == ("provider_replayed" if renamed else "provider_wrong_answer")


async def test_pieces_out_of_order(chat: RemoteChat) -> None:
    async def turned(exchange: Exchange) -> None:
        now = time.time_ns() // 10**6
        for text, at in (("one ", now), ("three ", now + 20), ("two ", now + 10)):
            await exchange.send(exchange.frame(text, timestamp_ms=at))

    await chat.provider("a", turned)
    message = await chat.ask()
    assert (message.content, chat.code) == ("one three ", "provider_replayed")


async def test_piece_from_long_ago(chat: RemoteChat) -> None:
    async def old(exchange: Exchange) -> None:
        await exchange.send(exchange.frame("old", timestamp_ms=1_000))

    await chat.provider("a", old)
    assert ((await chat.ask()).content, chat.code) == ("", "provider_stale")


# F50


def flipped(box: bytes, at: int) -> bytes:
    return box[:at] + bytes([box[at] ^ 1]) + box[at + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda box: flipped(box, 1),  # no point of the curve
        lambda box: flipped(box, 70),  # the counter
        lambda box: flipped(box, 85),  # the text
        lambda box: flipped(box, len(box) - 1),  # the code that authenticates it
        lambda box: b"\x04" + bytes(64) + box[65:],  # zero as a key
        lambda box: b"\x02" + box[1:],
        lambda box: box[:64],
        lambda box: box[:100],
        lambda box: b"\x00",
    ],
)
async def test_damaged_encryption(chat: RemoteChat, damage: Any) -> None:
    async def damaged(exchange: Exchange) -> None:
        box = damage(seal(piece("secret"), exchange.key))
        await exchange.send(exchange.frame("", message=box.hex()))
        await exchange.finish()

    await chat.provider("a", then("good ", lie=damaged))
    message = await chat.ask()
    assert (message.content, chat.code) == ("good ", "provider_unreadable")


async def test_encrypted_for_somebody_else(chat: RemoteChat) -> None:
    async def other(exchange: Exchange) -> None:
        box = seal(piece("secret"), key_of(STRANGER))
        await exchange.send(exchange.frame("", message=box.hex()))

    await chat.provider("a", other)
    assert ((await chat.ask()).content, chat.code) == ("", "provider_unreadable")


# F52


@pytest.mark.parametrize(
    ("prompt", "answer"), [(-1, 5), (1, -5), (2**63, 1), (1, 2**63), (1.5, 2), ("9", "9")]
)
async def test_impossible_numbers_are_not_taken(chat: RemoteChat, prompt: Any, answer: Any) -> None:
    usage = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": 2**70}
    await chat.provider("a", says("a", "b", usage=usage, usage_from_provider=usage))
    message = await chat.ask()
    stats = stats_of(message)
    assert (message.content, message.state) == ("ab", "done")
    assert (stats.answer_tokens, stats.claimed) == (2, False)


async def test_possible_numbers_are_marked_as_claims(chat: RemoteChat) -> None:
    await chat.provider("a", says("a", usage={"prompt_tokens": 7, "completion_tokens": 90_000}))
    stats = stats_of(await chat.ask())
    assert (stats.prompt_tokens, stats.answer_tokens, stats.claimed) == (7, 90_000, True)
    evidence = chat.desk.evidence.of(chat.desk.providers[0].account.address, MODEL)
    assert evidence.tokens_per_s is None  # one piece was counted here: no speed to be told


async def test_hostile_names_are_one_line(chat: RemoteChat) -> None:
    provider = await chat.provider("a", honest, is_open=False)
    chat.desk.sessions.add(provider, model_name="Ll\u202eama\n<b>x</b>" + "y" * 500)
    message = await chat.ask()
    assert message.model.startswith("Llama <b>x</b>")
    assert len(message.model) <= 60
    assert len(provider.asked(Prompt)) == 1
