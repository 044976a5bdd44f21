"""Sealed requests: what anybody on the way sees, and what cannot be changed there."""

import json
from typing import Any

import pytest

from router.morrpc.confidential import (
    METHOD,
    Binding,
    announce,
    is_announced,
    open_request,
    seal_request,
)
from router.morrpc.envelope import Request
from router.morrpc.errors import Fault, WireError
from router.morrpc.limits import PIECES
from router.morrpc.signing import key_of
from tests.support.wire import CONSUMER, PROVIDER

INNER = b'{"id":"7","method":"session.prompt","params":{"message":"a secret"}}'


def sealed(inner: bytes = INNER, name: str = "7") -> tuple[Request, Binding]:
    data, binding = seal_request(name, inner, key_of(PROVIDER))
    assert b"secret" not in data
    assert b"session.prompt" not in data
    return Request.read(json.loads(data)), binding


def test_the_word_in_the_version() -> None:
    assert announce("0.1.0") == "0.1.0 seals/1"
    assert announce("") == "seals/1"
    assert is_announced(announce("0.1.0"))
    assert is_announced("seals/1 0.1.0")
    for version in ("", "v7.0.0", "seals/10", "seals/2", "unseals/1"):
        assert not is_announced(version)


def test_only_the_provider_opens_it() -> None:
    request, _ = sealed()
    assert request.method == METHOD
    inner, _ = open_request(request, PROVIDER, PIECES)
    assert inner == Request("7", "session.prompt", {"message": "a secret"})
    with pytest.raises(WireError) as caught:
        open_request(request, CONSUMER, PIECES)
    assert caught.value.fault is Fault.UNREADABLE


@pytest.mark.parametrize(
    "inner",
    [
        INNER.replace(b'"7"', b'"8"'),
        INNER.replace(b"session.prompt", METHOD.encode()),
        b"[]",
        b"null",
        b"{}",
        b"not json",
        b'{"id":"7","id":"7","method":"network.ping"}',
        b"[" * 100_000,
        b'{"id":"7","method":"network.ping","params":[%s0]}' % (b"[]," * 3000),
    ],
)
def test_what_is_no_request_of_this_id_is_refused(inner: bytes) -> None:
    request, _ = sealed(inner)
    with pytest.raises(WireError):
        open_request(request, PROVIDER, PIECES)


@pytest.mark.parametrize("params", [None, [], {}, {"box": None}, {"box": "0x"}, {"box": "zz"}])
def test_what_is_no_box_is_refused(params: Any) -> None:
    with pytest.raises(WireError) as caught:
        open_request(Request("7", METHOD, params), PROVIDER, PIECES)
    assert caught.value.fault is Fault.BAD_MESSAGE


def test_pieces_are_of_their_request_and_in_order() -> None:
    request, mine = sealed()
    _, theirs = open_request(request, PROVIDER, PIECES)
    first, second = theirs.wrap(b"one"), theirs.wrap(b"two")
    assert mine.unwrap(first) == b"one"
    assert mine.unwrap(second) == b"two"


@pytest.mark.parametrize("case", ["again", "skipped", "another request", "short"])
def test_any_other_piece_is_refused(case: str) -> None:
    request, mine = sealed()
    _, theirs = open_request(request, PROVIDER, PIECES)
    first, second = theirs.wrap(b"one"), theirs.wrap(b"two")
    if case == "again":
        mine.unwrap(first)
    wrong = {"skipped": second, "another request": Binding(b"x").wrap(b"one"), "short": first[:19]}
    with pytest.raises(WireError) as caught:
        mine.unwrap(wrong.get(case, first))
    assert caught.value.fault is Fault.WRONG_ANSWER
