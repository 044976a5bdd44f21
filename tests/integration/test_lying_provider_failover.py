"""Providers that fail, through a chat (F51): who takes over when, and what is saved of it."""

from collections.abc import AsyncIterator

import pytest

from router.answer import AnswerRerouted
from router.consumer.failover import Rules
from router.store.records import Message
from router.units import WEI
from tests.support.lying_provider import closes, refuses, says, then
from tests.support.remote_chat import RemoteChat, remote_chat, stats_of


@pytest.fixture
async def chat() -> AsyncIterator[RemoteChat]:
    async with remote_chat() as chat:
        yield chat


async def all_of(chat: RemoteChat, message: Message) -> list[str]:
    return [one.content for one in await chat.store.messages(message.chat_id)]


async def test_before_the_first_word_the_next_bid_answers(chat: RemoteChat) -> None:
    chat.desk.rules = Rules(extra_stake=WEI)
    await chat.provider("a", closes)
    second = await chat.provider("b", says("two"), is_open=False)
    message = await chat.ask()
    assert (message.content, message.state) == ("two", "done")
    stats = stats_of(message)
    assert stats.provider == second.account.address
    assert "1 MOR went into a new session; your limit of 1 MOR held." in stats.rerouted
    (told,) = chat.told_of(AnswerRerouted)
    assert told.notice == stats.rerouted
    assert sum(quote.amount for quote in chat.desk.sessions.opened) == WEI


async def test_after_the_first_words_the_answer_stops(chat: RemoteChat) -> None:
    chat.desk.rules = Rules(extra_stake=9 * WEI)
    words = tuple(f"{number} " for number in range(50))
    await chat.provider("a", then(*words, lie=closes))
    second = await chat.provider("b", is_open=False)
    message = await chat.ask()
    assert message.content == "".join(words)
    assert (message.state, chat.code) == ("cut_off", "provider_cut_off")
    assert second.connections == 0
    assert chat.desk.sessions.opened == []


async def test_all_fail(chat: RemoteChat) -> None:
    for name in "abc":
        await chat.provider(name, refuses("no capacity"))
    message = await chat.ask()
    assert (message.content, message.state, chat.code) == ("", "failed", "provider_busy")
    assert len(stats_of(message).rerouted.splitlines()) == 2
    assert [provider.connections for provider in chat.desk.providers] == [1, 1, 1]


async def test_local_model_takes_over_in_the_same_chat(chat: RemoteChat) -> None:
    chat.desk.rules = Rules()
    chat.desk.local.says("here")
    await chat.provider("a", says("there"), closes, says("there again"))
    first = await chat.ask()
    second = await chat.ask("And?", first.chat_id)
    third = await chat.ask("And now?", first.chat_id)
    assert await all_of(chat, first) == [
        "Hello", "there", "And?", "here", "And now?", "there again",
    ]  # fmt: skip
    assert [one.origin for one in (first, second, third)] == ["remote", "local", "remote"]
    assert [one.model for one in (first, second, third)] == ["Llama", "SmolLM2", "Llama"]
    assert stats_of(second).cost == 0
    (asked,) = chat.desk.local.requests
    assert [turn.content for turn in asked.turns] == ["Hello", "there", "And?"]


async def test_failure_of_the_stand_in_is_told(chat: RemoteChat) -> None:
    """Two failures are two failures: nothing of the first one's is glued to the second's."""
    await chat.provider("a", closes)
    await chat.provider("b", then("half", lie=closes))
    message = await chat.ask()
    assert (message.content, message.state) == ("half", "cut_off")
