"""Reading a file that claims what it likes: every length is measured before it is believed."""

import io
import struct

import pytest

from router.errors import ModelError
from router.inference import bounded
from router.inference.bounded import BoundedReader


def reader(data: bytes, size: int | None = None) -> BoundedReader:
    return BoundedReader(io.BytesIO(data), len(data) if size is None else size)


def long(value: int) -> bytes:
    return struct.pack("<Q", value)


def test_values_come_in_their_order() -> None:
    one = reader(struct.pack("<I", 7) + long(3) + b"abc" + long(2) + b"??" + b"rest")
    assert one.number("<I") == 7
    assert one.text(10, "name") == "abc"
    one.skip_text(10, "name")
    assert one.left == 4
    one.skip(2)
    assert one.take(2) == b"st"
    assert (one.at, one.left) == (29, 0)


def test_wrong_utf8_becomes_signs() -> None:
    assert reader(long(2) + b"\xff!").text(10, "name") == "\ufffd!"


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_file_that_ends_early(cut: int) -> None:
    data = long(3) + b"abc"
    with pytest.raises(ModelError, match="ends early") as caught:
        reader(data[: len(data) - cut]).text(10, "name")
    assert "again" in caught.value.hint


def test_nothing_is_read_past_the_end() -> None:
    one = reader(b"abc")
    for step in (lambda: one.take(4), lambda: one.skip(4)):
        with pytest.raises(ModelError, match="ends early"):
            step()
    one.need_until(3)
    with pytest.raises(ModelError, match="1 bytes are missing"):
        one.need_until(4)
    with pytest.raises(ModelError, match=r"1\.0 MB are missing"):
        one.need_until(1_000_003)


def test_a_count_fits_the_file_and_reason() -> None:
    assert reader(long(2) + b"ab").count("things", least_bytes=1, most=10) == 2
    with pytest.raises(ModelError, match="claims 11 things"):
        reader(long(11) + b"x" * 99).count("things", least_bytes=1, most=10)
    with pytest.raises(ModelError, match="damaged or cut off: it claims 3 things"):
        reader(long(3) + b"ab").count("things", least_bytes=1, most=10)


def test_a_text_is_as_long_as_it_may_be() -> None:
    assert reader(long(3) + b"abc").text(3, "name") == "abc"
    for step in ("text", "skip_text"):
        with pytest.raises(ModelError, match="a name is impossibly long"):
            getattr(reader(long(4) + b"abcd"), step)(3, "name")


def test_all_texts_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "KEPT_BYTES", 5)
    one = reader((long(3) + b"abc") * 3)
    assert one.text(3, "name") == "abc"
    one.skip_text(3, "name")  # what is not kept does not count
    with pytest.raises(ModelError, match="impossibly long"):
        one.text(3, "name")


def test_a_file_that_shrinks_meanwhile() -> None:
    with pytest.raises(ModelError, match="changed while it was being read"):
        reader(b"ab", size=3).take(3)
