"""Weights and lists: a missing file is the usual order, a wrong one is never used in part."""

import json
from pathlib import Path
from typing import Any

import pytest

from router.config import MarketConfig
from router.consumer.rating_config import RatingConfig, Weights, _warn_of, load
from router.errors import ConfigError

PROVIDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
EVEN = {"tps": 0.2, "ttft": 0.2, "duration": 0.2, "success": 0.2, "stake": 0.2}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rating-config.json"


def written(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content))
    return path


def test_without_a_file_it_is_the_usual_order(path: Path) -> None:
    assert load(path, MarketConfig()) == RatingConfig()
    assert sum(vars(Weights()).values()) == pytest.approx(1)


def test_all_that_can_be_set(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _warn_of.cache_clear()
    content = {
        "algorithm": "default",
        "providerAllowlist": [PROVIDER.lower()],
        "params": {"weights": EVEN},
        "comment": "of a newer version",
    }
    market = MarketConfig(blocked=(PROVIDER.lower(),), favourites=(PROVIDER,))
    found = load(written(path, content), market)
    assert found.weights == Weights(0.2, 0.2, 0.2, 0.2, 0.2)
    assert found.allowed == found.blocked == found.favourites == {PROVIDER}
    assert load(path, market) == found
    (warned,) = caplog.messages
    assert "comment" in warned


@pytest.mark.parametrize("name", ["providerAllowList", "ProviderAllowlist", "PROVIDERALLOWLIST"])
def test_names_are_known_in_whatever_case(path: Path, name: str) -> None:
    """As the original reads them: a list that is overlooked would let everybody in."""
    content = {name: [PROVIDER], "Params": {"Weights": EVEN}}
    found = load(written(path, content), MarketConfig())
    assert (found.allowed, found.weights.tps) == ({PROVIDER}, 0.2)


@pytest.mark.parametrize("content", [{"providerAllowed": []}, {"params": {"wieghts": EVEN}}])
def test_what_is_mistyped_is_told_once(
    path: Path, content: Any, caplog: pytest.LogCaptureFixture
) -> None:
    _warn_of.cache_clear()
    for _ in range(2):
        load(written(path, content), MarketConfig())
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    "content", [{}, {"params": {}}, {"params": None}, {"algorithm": "default"}]
)
def test_what_is_not_set_is_as_usual(path: Path, content: Any) -> None:
    assert load(written(path, content), MarketConfig()) == RatingConfig()


def test_weights_that_make_one_on_paper(path: Path) -> None:
    weights = EVEN | {"tps": 0.1, "ttft": 0.3, "stake": 0.2000001}
    assert load(written(path, {"params": {"weights": weights}}), MarketConfig()).weights.ttft == 0.3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "not an object"),
        ({"algorithm": "better"}, "another algorithm"),
        ({"providerAllowlist": "all"}, "list of addresses"),
        ({"providerAllowlist": [7]}, "list of addresses"),
        ({"providerAllowlist": ["0x12"]}, "providerAllowlist"),
        ({"providerAllowlist": [PROVIDER.replace("F", "f")]}, "checksum"),
        ({"params": 7}, "exactly these weights"),
        ({"params": {"weights": {"tps": 1}}}, "exactly these weights"),
        ({"params": {"weights": EVEN | {"luck": 0}}}, "exactly these weights"),
        ({"params": {"weights": EVEN | {"tps": True}}}, "weight tps"),
        ({"params": {"weights": EVEN | {"tps": "0.2"}}}, "weight tps"),
        ({"params": {"weights": EVEN | {"tps": -0.2, "stake": 0.6}}}, "weight tps"),
        ({"params": {"weights": EVEN | {"tps": 0.3}}}, "make 1.1 together"),
    ],
)
def test_what_is_wrong_is_said(path: Path, content: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load(written(path, content), MarketConfig())
    assert "rating-config.json" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'{"params": NaN}', b"[" * 500])
def test_no_json(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="is not JSON"):
        load(path, MarketConfig())


def test_a_file_that_cannot_be_read(path: Path) -> None:
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load(path, MarketConfig())


def test_a_typing_error_in_the_settings_is_found(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"market\.blocked .* checksum"):
        load(path, MarketConfig(blocked=(PROVIDER.replace("F", "f"),)))
