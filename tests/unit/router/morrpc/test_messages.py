"""The methods, and what only a few messages have."""

import dataclasses

import pytest

from router.morrpc.errors import Fault, WireError
from router.morrpc.messages import ANSWERS, REQUESTS, Frame, Ping, UploadChunk
from tests.support.wire import SESSION


def chunk(text: str) -> UploadChunk:
    return UploadChunk(session_id=SESSION, stream_id="s", chunk=text, timestamp_ms=1)


def test_the_methods() -> None:
    assert list(REQUESTS) == [
        "network.ping",
        "session.request",
        "session.prompt",
        "session.report",
        "agent.get_tools",
        "agent.call_tool",
        "session.prompt.stream.start",
        "session.prompt.stream.chunk",
        "session.prompt.stream.end",
    ]
    assert [name for name, kind in REQUESTS.items() if ANSWERS[kind] is Frame] == [
        "session.prompt",
        "agent.get_tools",
        "agent.call_tool",
        "session.prompt.stream.end",
    ]


def test_the_four_that_sign_a_blank_signature() -> None:
    kinds = {*ANSWERS, *ANSWERS.values()}
    blank = {kind.__name__ for kind in kinds if kind.blank_is_signed}
    assert blank == {"Ping", "Pong", "UploadStart", "UploadStarted"}


def test_messages_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Ping(nonce=b"1").nonce = b"2"  # type: ignore[misc]


def test_a_chunk_is_signed_as_text_and_read_as_bytes() -> None:
    assert chunk("UklGRgD/").data() == b"RIFF\x00\xff"
    assert '"chunkindex":0,"chunkdata":"UklGRgD/","islastchunk":false,' in chunk("UklGRgD/").text()
    for text in ("a", "====", "Ukl GRgD", "é", "UklGRgD\n"):
        with pytest.raises(WireError) as caught:
            chunk(text).data()
        assert caught.value.fault is Fault.BAD_MESSAGE
