"""router.provider.answers: what is asked, and what deployed consumers insist on in the answer."""

import base64
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from router.backends.raw import DONE, Asked, Kind, Recording
from router.provider.answers import Exchange, read_payload
from router.provider.refused import Refused
from router.provider.usage import Tokens

RECORDING = Recording(Path("ours"), "audio/wav")
ASKED = {"messages": [{"role": "user", "content": "12345678"}]}


class Says:
    """A backend that gives values."""

    def __init__(self, *values: Any) -> None:
        self._values = values

    async def ask(self, asked: Asked) -> AsyncGenerator[Any, None]:
        del asked
        for value in self._values:
            yield value


async def answer(kind: Kind, *values: Any, **body: Any) -> list[Any]:
    exchange = Exchange(Asked(kind, body))
    return [json.loads(piece) async for piece in exchange.pieces(Says(*values))]


@pytest.mark.parametrize(
    ("named", "kind"),
    [(None, "chat"), ("chat", "chat"), (7, "chat"), ("embeddings", "embeddings"),
     ("audio_speech", "speech")],
)  # fmt: skip
def test_what_kind_of_question(named: Any, kind: str) -> None:
    asked = read_payload(json.dumps({**ASKED, "type": named, "model": "x", "new": 1}))
    assert (asked.kind, asked.body) == (kind, {**ASKED, "new": 1})


@pytest.mark.parametrize(
    "text",
    ["null", "[]", '"text"', "7", "", "{", "[" * 100_000, '{"a":' * 100 + "1" + "}" * 100,
     '{"a":1,"a":2}', '{"a":NaN}', "{}" * 2, "\ud800"],
)  # fmt: skip
def test_what_is_no_question(text: str) -> None:
    with pytest.raises(Refused, match="failed to prompt"):
        read_payload(text)


def test_all_texts_of_a_question_can_be_encoded() -> None:
    text = r'{"messages":[{"\ud800":"a\udfff"}],"n":1.5,"stream":true,"stop":null}'
    body = {"messages": [{"\ufffd": "a\ufffd"}], "n": 1.5, "stream": True, "stop": None}
    assert read_payload(text).body == body
    heard = read_payload(r'{"prompt":"\ud800","timestamp_granularities":["\ud800"]}', RECORDING)
    assert heard.body == {"prompt": "\ufffd", "timestamp_granularities": ["\ufffd"]}


def test_a_path_of_this_computer_is_not_read() -> None:
    with pytest.raises(Refused, match="a recording is sent"):
        read_payload(json.dumps({"type": "audio_transcription", "FilePath": "/etc/passwd"}))
    assert read_payload(json.dumps({"FilePath": "/etc/passwd"}), RECORDING).body == {}


def test_of_a_transcription_only_what_is_known_goes_on() -> None:
    """As deployed consumers write it, with what must stay here."""
    asked = read_payload(
        json.dumps(
            {
                "Extra": {"response_format": "json"}, "FilePath": "/etc/passwd", "Format": "",
                "Language": "en", "Model": "", "Prompt": "", "S3PresignedURL": "http://10.0.0.1",
                "Stream": False, "Temperature": 0, "TimestampGranularities": ["word", 7],
                "response_format": "verbose_json", "type": "audio_transcription", "x": "y",
            }
        ),
        RECORDING,
    )  # fmt: skip
    assert asked.recording == RECORDING
    assert asked.body == {
        "language": "en",
        "response_format": "verbose_json",
        "timestamp_granularities": ["word"],
    }


async def test_chunks_say_what_they_are_and_the_last_has_our_count() -> None:
    first = {"choices": [{"delta": {"content": "12345678"}}], "id": "c"}
    last = {"object": "wrong", "choices": [{"delta": {}, "finish_reason": "stop"}]}
    count = {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 3}}
    pieces = await answer("chat", first, last, count, DONE, **ASKED)
    assert [piece["object"] for piece in pieces[:3]] == ["chat.completion.chunk"] * 3
    assert "usage_from_provider" not in pieces[0]
    assert pieces[1]["usage_from_provider"] == {
        "prompt_tokens": 6, "completion_tokens": 2, "total_tokens": 8,
    }  # fmt: skip
    assert pieces[2]["usage_from_provider"]["total_tokens"] == 8
    assert pieces[2]["usage"] == count["usage"]
    assert pieces[3] == DONE


async def test_a_whole_answer_says_what_it_is() -> None:
    (piece,) = await answer("chat", {"choices": [{"message": {"content": "1234"}}]})
    assert piece["object"] == "chat.completion"
    assert piece["usage_from_provider"]["completion_tokens"] == 1


@pytest.mark.parametrize("choices", [None, [], [7], {}, "x", [{"delta": 7}], [[]]])
async def test_odd_choices_are_passed_on(choices: Any) -> None:
    (piece,) = await answer("chat", {"choices": choices})
    assert piece["choices"] == choices


async def test_speech_is_base64_and_ends_with_null() -> None:
    pieces = await answer("speech", b"\0\xff", b"abc")
    assert [base64.b64decode(piece) for piece in pieces[:-1]] == [b"\0\xff", b"abc"]
    assert pieces[-1] is None


async def test_embeddings_say_what_they_are() -> None:
    (piece,) = await answer("embeddings", {"data": [{"embedding": [1.0]}]})
    assert piece == {"object": "list", "data": [{"embedding": [1.0]}]}


@pytest.mark.parametrize(
    ("wanted", "text", "piece"),
    [
        ("json", '{"text":"a"}', {"text": "a"}),
        ("verbose_json", '{"text":"a"}', {"text": "a"}),
        ("json", "no json", "no json"),
        ("json", "[1]", "[1]"),
        ("text", '{"text":"a"}', '{"text":"a"}'),
        ("srt", "1\n", "1\n"),
    ],
)
async def test_transcriptions(wanted: str, text: str, piece: Any) -> None:
    assert await answer("transcription", text, response_format=wanted) == [piece]


async def test_a_streamed_transcription_is_passed_on() -> None:
    event = {"type": "transcript.text.delta", "delta": "a"}
    assert await answer("transcription", event, stream=True) == [event]


async def test_it_is_measured() -> None:
    times = iter([10.0, 10.25, 13.0])
    exchange = Exchange(Asked("chat", ASKED), lambda: next(times))
    assert exchange.first_ms is None
    says = Says({"choices": [{"delta": {"content": "1234"}}]}, DONE)
    assert len([piece async for piece in exchange.pieces(says)]) == 2
    assert exchange.first_ms == 250
    assert exchange.total_s == 3.0
    assert exchange.tokens == Tokens(6, 1)


async def test_only_chats_count_tokens() -> None:
    exchange = Exchange(Asked("speech", ASKED))
    assert [piece async for piece in exchange.pieces(Says(b"a"))]
    assert exchange.tokens == Tokens()
