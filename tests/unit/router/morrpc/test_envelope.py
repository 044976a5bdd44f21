"""What is around a message."""

import json
from typing import Any

import pytest

from router.morrpc.envelope import (
    UNSIGNED,
    ErrorBody,
    Request,
    read_answer,
    write_error,
    write_request,
    write_result,
)
from router.morrpc.errors import Fault, WireError
from router.morrpc.messages import Ping, Pong

ERROR = {"message": "m", "code": 400, "data": {"timestamp": 1, "signature": "0x00"}}


def test_an_id_is_only_text() -> None:
    data = write_request('<"1">', Ping(nonce=b"\x01"))
    assert data.startswith(b'{"id":"\\u003c\\"1\\"\\u003e","method":"network.ping","params":{')
    assert Request.read(json.loads(data)).id == '<"1">'


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"id": 1, "method": "network.ping"},
        {"id": None, "method": "network.ping"},
        {"id": "1"},
        {"id": "1", "method": []},
        {"id": "1" * 257, "method": "network.ping"},
    ],
)
def test_what_is_no_request(frame: dict[str, Any]) -> None:
    with pytest.raises(WireError) as caught:
        Request.read(frame)
    assert caught.value.fault is Fault.BAD_MESSAGE


def test_a_result_with_or_without_an_empty_error() -> None:
    data = json.loads(write_result("7", Pong(nonce=b"\x01", signature=b"\x02")))
    assert read_answer(data, "7") == {"nonce": "0x01", "signature": "0x02"}
    assert read_answer(data | {"error": None}, "7") == data["result"]


def test_an_error_with_or_without_a_result() -> None:
    error = ErrorBody("m", 1, UNSIGNED)
    data = json.loads(write_error("7", error))
    assert data == {"id": "7", "result": None, "error": ERROR}
    assert read_answer(data, "7") == error
    assert read_answer({"id": "7", "result": {"nonce": "0x01"}, "error": ERROR}, "7") == error
    assert not error.is_signed
    assert not ErrorBody("m", 1).is_signed
    assert ErrorBody("m", 1, bytes(65)).is_signed


@pytest.mark.parametrize(
    "frame",
    [
        {"id": "8", "result": {}},
        {"result": {}},
        {"id": 7, "result": {}},
        {"id": "7"},
        {"id": "7", "result": None, "error": None},
        {"id": "7", "error": "no"},
        {"id": "7", "error": ERROR | {"message": 1}},
        {"id": "7", "error": ERROR | {"code": -1}},
        {"id": "7", "error": ERROR | {"data": None}},
        {"id": "7", "error": ERROR | {"data": {"timestamp": 1, "signature": "0x"}}},
        {"id": "7", "error": ERROR | {"data": {"timestamp": 1.5, "signature": "0x00"}}},
    ],
)
def test_what_is_no_answer(frame: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        read_answer(frame, "7")
