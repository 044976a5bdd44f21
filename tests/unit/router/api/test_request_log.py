"""router.api.request_log: the last requests, and no words of theirs."""

import pytest

from router.api.request_log import KEPT, LONGEST_BODY, Draft, RequestLog, RequestRecord
from router.backends.base import Delta, Finished
from router.backends.chat_answer import Answer


def test_bodies_are_not_kept_unless_asked_for() -> None:
    draft = Draft("1", "POST", "/v1/chat/completions")
    draft.asked(b"secret")
    draft.answered("secret")
    assert "secret" not in repr(draft.record(200))


def test_kept_bodies_are_bounded() -> None:
    draft = Draft("1", "POST", "/", keep_bodies=True)
    draft.asked(b"q" * 1_000_000)
    for _ in range(1000):
        draft.answered("a" * 1000)
    record = draft.record(200)
    assert len(record.request_body) == LONGEST_BODY
    assert len(record.answer_body) == LONGEST_BODY


@pytest.mark.parametrize(
    "path",
    ["/wallet/mnemonic", "/wallet/privateKey", "/config/ethNode", "/config", "/auth/keys"],
)
def test_secrets_are_kept_for_nobody(path: str) -> None:
    """Phrases, keys in the addresses of nodes, and keys of the interface in its answer."""
    draft = Draft("1", "POST", path, keep_bodies=True)
    draft.asked(b"costly")
    draft.answered("costly")
    assert "costly" not in repr(draft) + repr(draft.record(200))


def test_tokens_add_up_and_are_unknown_before() -> None:
    draft = Draft("1", "POST", "/")
    assert draft.record(200).prompt_tokens is None
    draft.used(3, 4)
    draft.used(10, 20)
    record = draft.record(200)
    assert (record.prompt_tokens, record.answer_tokens) == (13, 24)
    assert record.ms >= 0


def test_tokens_and_text_of_answers_are_noted() -> None:
    draft = Draft("1", "POST", "/", keep_bodies=True)
    for text in ("Good", " day"):
        answer = Answer()
        answer.add(Delta(text))
        answer.add(Finished("stop", 7, 3, 0.1, 0.2))
        draft.note(answer)
    record = draft.record(200)
    assert (record.prompt_tokens, record.answer_tokens) == (14, 6)
    assert record.answer_body == "Good day"


def test_paths_are_harmless() -> None:
    record = Draft("1", "GET", "/\u202egpj.exe\n\x1b[31m" + "x" * 9000).record(404)
    assert record.path.startswith("/gpj.exe [31m")
    assert len(record.path) <= 200


def test_the_newest_are_kept_and_told() -> None:
    log, heard = RequestLog(), list[RequestRecord]()
    log.added.subscribe(heard.append)
    for number in range(KEPT + 7):
        log.add(Draft(str(number), "GET", "/").record(200))
    assert len(log.records) == KEPT
    assert log.records[0].id == "7"
    assert len(heard) == KEPT + 7
    log.clear()
    assert log.records == ()
