"""The open conversation with a model of the network."""

from router.backends.base import AnsweredBy, Rerouted
from router.inference.host import HostState
from router.store.records import Message
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.chat_money import MODEL, PROVIDER

BY = AnsweredBy("remote", "Llama", PROVIDER, "0x1", 10**12)
SWITCHED = Rerouted("Llama at 0xa69b…1D7d", "Llama at 0x9E04…a8F9", "It is silent.", 10.0)


@on_qt_loop
async def test_a_model_of_the_network_is_none_of_this_computer(desk: ChatDesk, no_room) -> None:
    assert not desk.vm.is_remote
    desk.vm.set_model(MODEL)
    assert desk.vm.is_remote
    assert (desk.vm.model_id, desk.vm.model) == (MODEL, None)
    desk.backend.says("Yes.", first=(BY,))
    await desk.ask("Hello?")  # whatever the memory of this computer
    assert desk.failures == []
    assert desk.vm.messages[-1].origin == "remote"


@on_qt_loop
async def test_who_answers_and_who_failed_is_told_at_once(desk: ChatDesk) -> None:
    seen: list[Message] = []
    desk.vm.message_changed.connect(seen.append)
    desk.vm.set_model(MODEL)
    desk.backend.says("Yes.", first=(SWITCHED, BY), silent=True)
    desk.vm.send("Hello?")
    await desk.until(lambda: seen and seen[-1].stats and seen[-1].stats.provider)
    assert [m.state for m in seen] == ["writing"] * len(seen)
    assert seen[0].stats is not None
    assert "0xa69b…1D7d failed after 10.0 s" in seen[0].stats.rerouted
    desk.vm.stop()
    await desk.until(lambda: not desk.vm.writing)
    await desk.quiet()
    kept = (await desk.store.messages(desk.vm.messages[-1].chat_id))[-1]
    assert kept.stats is not None
    assert kept.stats.rerouted == seen[0].stats.rerouted
    assert (kept.origin, kept.model, kept.stats.provider) == ("remote", "Llama", PROVIDER)


@on_qt_loop
async def test_another_model_answers_again_and_stays(desk: ChatDesk) -> None:
    desk.vm.set_model(MODEL)
    await desk.ask("Hello?")
    desk.vm.answer_with(desk.vm.messages[-1].id, "other")
    await desk.until(lambda: len(desk.backend.requests) == 2)
    await desk.quiet()
    assert desk.backend.requests[-1].model == "other"
    assert desk.vm.model_id == "other"
    desk.vm.new()
    await desk.quiet()
    assert desk.vm.model_id == "other"


@on_qt_loop
async def test_tokens_of_remote_models_are_not_counted(desk: ChatDesk) -> None:
    desk.host.show(HostState("ready", desk.vm.model, context_tokens=100))
    meters: list[object] = []
    desk.vm.meter_changed.connect(meters.append)
    desk.vm.set_model(MODEL)
    desk.vm.typed("some words")
    await desk.until(lambda: not desk.vm._timers["meter"].isActive())
    await desk.quiet()
    assert meters == []
