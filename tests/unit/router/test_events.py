"""router.events: subscribers hear in order, and one that fails harms nobody."""

import logging

import pytest

from router.events import Emitter


def test_order_and_unsubscribe() -> None:
    heard: list[str] = []
    emitter: Emitter[str] = Emitter()
    emitter.subscribe(lambda event: heard.append(f"a{event}"))
    leave = emitter.subscribe(lambda event: heard.append(f"b{event}"))
    emitter.emit("1")
    leave()
    leave()
    emitter.emit("2")
    assert heard == ["a1", "b1", "a2"]


def test_a_failing_subscriber_is_logged_and_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[int] = []
    emitter: Emitter[int] = Emitter()
    emitter.subscribe(lambda event: heard.append(1 // event))
    emitter.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        emitter.emit(0)
    assert heard == [0]
    assert "a listener failed on int" in caplog.text
    caplog.clear()


def test_subscribing_while_emitting_hears_the_next_event_only() -> None:
    heard: list[int] = []
    emitter: Emitter[int] = Emitter()
    emitter.subscribe(
        lambda event: emitter.subscribe(heard.append) and None if event == 1 else None
    )
    emitter.emit(1)
    assert heard == []
    emitter.emit(2)
    assert heard == [2]
