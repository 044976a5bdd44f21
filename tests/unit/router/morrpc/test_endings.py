"""When an answer is over, and whether it is whole."""

from typing import Any

import pytest

from router.morrpc.endings import Ending, Kind

CHUNK = {"object": "chat.completion.chunk", "choices": [{"delta": {"content": "a"}}]}
LAST = {"object": "chat.completion.chunk", "choices": [{"delta": {}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    ("kind", "value", "is_marker", "is_all", "is_whole"),
    [
        (Kind.CHAT, "[DONE]", True, None, True),
        (Kind.CHAT, None, False, False, False),
        (Kind.CHAT, CHUNK, False, False, False),
        (Kind.CHAT, LAST, False, False, True),
        (Kind.CHAT, {"object": "chat.completion", "choices": [{}]}, False, True, True),
        (Kind.CHAT, {"object": "chat.completion", "choices": []}, False, False, False),
        (Kind.CHAT, {"choices": 7}, False, False, False),
        (Kind.CHAT, {"choices": [7]}, False, False, False),
        (Kind.CHAT, {"job": "1", "imageUrl": "https://x"}, False, True, True),
        (Kind.CHAT, {"videoRawContent": "data:"}, False, True, True),
        (Kind.CHAT, {"imageRawContent": ""}, False, False, False),
        (Kind.CHAT, [1], False, False, False),
        (Kind.TRANSCRIPTION, "some text", False, True, True),
        (Kind.TRANSCRIPTION, "[DONE]", False, True, True),
        (Kind.TRANSCRIPTION, {"text": "t"}, False, True, True),
        (Kind.TRANSCRIPTION, {"type": "transcript.text.delta"}, False, False, False),
        (Kind.TRANSCRIPTION, {"type": "transcript.text.done"}, False, False, True),
        (Kind.SPEECH, "AAAA", False, False, False),
        (Kind.SPEECH, None, True, None, True),
        (Kind.SPEECH, "", True, None, True),
        (Kind.SPEECH, {"object": "chat.completion", "choices": [1]}, False, False, False),
        (Kind.EMBEDDINGS, {"data": [{}]}, False, True, True),
        (Kind.EMBEDDINGS, {"data": []}, False, False, False),
        (Kind.TOOLS, [], False, True, True),
    ],
)
def test_pieces(kind: Kind, value: Any, is_marker: bool, is_all: bool, is_whole: bool) -> None:
    ending = Ending(kind)
    assert not ending.is_whole
    assert ending.is_marker(value) == is_marker
    if not is_marker:
        assert ending.is_all(value) == is_all
    assert ending.is_whole == is_whole


def test_once_whole_it_stays_so() -> None:
    ending = Ending(Kind.CHAT)
    for value in (CHUNK, LAST, {"object": "chat.completion.chunk", "choices": [], "usage": {}}):
        assert not ending.is_marker(value)
        assert not ending.is_all(value)
    assert ending.is_whole
