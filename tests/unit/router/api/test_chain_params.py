"""router.api.chain_params: what makes no sense is named."""

from collections.abc import Callable
from typing import Any

import pytest

from router.api.chain_params import any_case, checked, checked_id, hexadecimal, wei, whole
from router.backends.fields import Fields
from router.errors import BadRequest

ADDRESS = "0x" + "11" * 20


def test_what_is_right() -> None:
    assert checked_id("0x" + "ab" * 32, "id") == b"\xab" * 32
    assert checked(ADDRESS, "to") == ADDRESS
    assert (wei("12", "a"), wei(12, "a"), wei(str(2**256 - 1), "a")) == (12, 12, 2**256 - 1)
    for value in (300, "300", 300.0):
        assert whole(Fields({"s": value}), "s", 300, 400) == 300
    assert hexadecimal(Fields({"h": "0x00ff"}), "h") == b"\x00\xff"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: checked_id("0x12", "x"),
        lambda: checked_id("z" * 64, "x"),
        lambda: checked("0x12", "x"),
        *(lambda v=v: wei(v, "x") for v in ("", "-1", "1.5", "١", True, None, 1.5, str(2**256))),
        *(
            lambda v=v: whole(Fields({"x": v}), "x", 300, 400)
            for v in (None, "", 299, 401, "401", "1e3", True, [300], "9" * 30)
        ),
        *(
            lambda v=v: hexadecimal(Fields({"x": v}), "x")
            for v in (None, "", "0x1", "zz", 12, "00" * 5000)
        ),
    ],
)
def test_what_is_wrong_is_named(ask: Callable[[], Any]) -> None:
    with pytest.raises(BadRequest) as caught:
        ask()
    assert caught.value.param == "x"


@pytest.mark.parametrize("name", ["modelID", "modelId", "ModelID", "MODELID"])
def test_capitals_do_not_matter(name: str) -> None:
    fields = any_case(Fields({name: "0x12", "Other": 1}), "modelID")
    assert fields.values == {"modelID": "0x12", "Other": 1}
