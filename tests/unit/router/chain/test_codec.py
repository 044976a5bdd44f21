"""Calls, answers and logs by ABI, also those that nobody honest sends."""

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from router.chain.codec import MOST_BYTES, Interface, NotOffered
from router.chain.marketplace import DIAMOND
from router.chain.token import TOKEN

WORD = st.binary(min_size=32, max_size=32)
ADDRESS = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
AMOUNT = st.integers(min_value=0, max_value=2**256 - 1)


@given(ADDRESS, AMOUNT)
def test_a_call_reads_as_it_was_written(to: str, amount: int) -> None:
    data = TOKEN["transfer"].encode(to, amount)
    assert data[:4].hex() == "a9059cbb"
    assert TOKEN["transfer"].decode_call(data) == (to, amount)


@given(WORD, ADDRESS, AMOUNT, AMOUNT, AMOUNT, AMOUNT)
def test_a_record_reads_as_it_was_written(
    model: bytes, provider: str, price: int, nonce: int, created: int, deleted: int
) -> None:
    bid = (provider, model, price, nonce, created % 2**128, deleted % 2**128)
    assert DIAMOND["getBid"].decode(encode(list(DIAMOND["getBid"].outputs), [bid])) == bid


def test_several_values_are_a_tuple_and_one_is_itself() -> None:
    answer = encode(["uint256", "uint256"], [7, 9])
    assert DIAMOND["getUserStakesOnHold"].decode(answer) == (7, 9)
    assert TOKEN["balanceOf"].decode(encode(["uint256"], [5])) == 5


@pytest.mark.parametrize("answer", [b"", b"\0" * 31, b"\xff" * 32, b"\0" * 64])
def test_another_answer_is_said_to_be_one(answer: bytes) -> None:
    with pytest.raises(NotOffered, match="getModel") as caught:
        DIAMOND["getModel"].decode(answer)
    assert caught.value.hint
    assert caught.value.safe


@given(st.binary(max_size=400))
def test_any_answer_gives_a_value_or_the_error(answer: bytes) -> None:
    for name in ("getModel", "getUserSessions", "getSession"):
        try:
            DIAMOND[name].decode(answer)
        except NotOffered as caught:
            assert name in caught.message  # noqa: PT017 - both ways are right


def test_an_answer_that_is_too_long_is_refused() -> None:
    """Its entries could all point to the same bytes, and each would be copied."""

    def answer(length: int) -> bytes:
        model = (b"\0" * 32, 0, 0, "0x" + "12" * 20, "x" * length, ("tag",), 1, False)
        return encode(list(DIAMOND["getModel"].outputs), [model])

    assert DIAMOND["getModel"].decode(answer(MOST_BYTES // 2))[4] == "x" * (MOST_BYTES // 2)
    with pytest.raises(NotOffered):
        DIAMOND["getModel"].decode(answer(MOST_BYTES))


def hostile_models() -> list[bytes]:
    """What a contract can keep of a model that no honest one has."""
    model = (b"\0" * 32, 0, 0, "0x" + "12" * 20, "name", ("tag",), 1, False)
    sound = encode(list(DIAMOND["getModel"].outputs), [model])
    length = sound.index(b"name") - 32
    endless = sound[:length] + b"\xff" * 32 + sound[length + 32 :]
    return [sound.replace(b"name", b"\xff\xfe\xfd\xfc"), sound.replace(b"tag", b"t\xffg"), endless]


@pytest.mark.parametrize("answer", hostile_models())
def test_a_text_that_is_none_is_another_answer(answer: bytes) -> None:
    """Anybody can register such a model: it must not take the market away from everybody."""
    with pytest.raises(NotOffered, match="getModel"):
        DIAMOND["getModel"].decode(answer)


def test_a_log_with_a_text_that_is_none() -> None:
    values = [{"name": "text", "type": "string", "indexed": False}]
    event = Interface([{"type": "event", "name": "Said", "inputs": values}]).events["Said"]
    assert event.decode([event.topic], encode(["string"], ["name"])) == {"text": "name"}
    with pytest.raises(NotOffered, match="Said"):
        event.decode([event.topic], encode(["bytes"], [b"\xff"]))


@pytest.mark.parametrize(
    "arguments", [(), (1,), ("0x12", 1), ("0x" + "12" * 20, -1), ("0x" + "12" * 20, 2**256)]
)
def test_arguments_of_other_types(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="transfer"):
        TOKEN["transfer"].encode(*arguments)


def test_call_data_with_more_behind_it() -> None:
    data = TOKEN["transfer"].encode("0x" + "12" * 20, 1)
    for strange in (data + b"\0", data + b"\0" * 32, data[:-1], data[:4]):
        with pytest.raises(ValueError, match="transfer"):
            TOKEN["transfer"].decode_call(strange)
    dirty = data[:4] + b"\x01" + data[5:]  # above the 20 bytes of the address
    with pytest.raises(ValueError, match="transfer"):
        TOKEN["transfer"].decode_call(dirty)


def test_a_log() -> None:
    event = TOKEN.events["Transfer"]
    topics = [event.topic, b"\0" * 12 + b"\x12" * 20, b"\0" * 12 + b"\x34" * 20]
    found = event.decode(topics, encode(["uint256"], [7]))
    assert found == {"from": "0x" + "12" * 20, "to": "0x" + "34" * 20, "value": 7}
    for wrong in (topics[:2], [b"\0" * 32, *topics[1:]], [*topics, topics[1]]):
        with pytest.raises(NotOffered):
            event.decode(wrong, encode(["uint256"], [7]))
    with pytest.raises(NotOffered):
        event.decode(topics, b"")


def test_the_first_of_functions_with_one_name_is_kept() -> None:
    def entry(kind: str) -> dict[str, object]:
        inputs = [{"name": "a", "type": kind}]
        return {"type": "function", "name": "f", "inputs": inputs, "outputs": []}

    made = Interface([entry("uint256"), entry("address")])
    assert made["f"].signature == "f(uint256)"
    assert len(made.by_selector) == 2
