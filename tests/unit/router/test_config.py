"""router.config: nothing wrong is taken silently, nothing right is lost."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.config import (
    ApiConfig,
    Config,
    Settings,
    flatten,
    listen_address,
    load,
    save,
    with_values,
)
from router.errors import ConfigError


def test_missing_file_gives_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == (Config(), {})


def test_save_and_load_are_inverse(tmp_path: Path) -> None:
    config = with_values(
        Config(),
        {
            "network": "demo",
            "api.port": 9000,
            "inference.folders": ["/a", "/b"],
            "log.level": "debug",
        },
    )
    save(config, tmp_path / "s.toml")
    assert load(tmp_path / "s.toml") == (config, {})
    assert [entry.name for entry in tmp_path.iterdir()] == ["s.toml"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"network": "mars"}, "network"),
        ({"api.port": 70000}, "api.port"),
        ({"api.host": "0.0.0.0"}, "api.host"),
        ({"inference.threads": -1}, "inference.threads"),
        ({"inference.context_tokens": 17}, "inference.context_tokens"),
        ({"inference.idle_unload_s": -5}, "inference.idle_unload_s"),
        ({"inference.mirror": "ftp://x"}, "inference.mirror"),
        ({"chain.base": ["ftp://node.example"]}, r"chain\.base"),
        ({"chain.base_sepolia": ["http://a..b/key"]}, r"chain\.base_sepolia"),
        ({"inference.gpu_layers": -2}, "inference.gpu_layers"),
        ({"log.level": "loud"}, "log.level"),
        ({"market.blocked": ["0x12"]}, "market.blocked"),
        ({"market.favourites": ["0x" + "1" * 40 + " "]}, "market.favourites"),
        ({"market.extra_stake_limit": "much"}, "market.extra_stake_limit"),
        ({"market.extra_stake_limit": "-1"}, "market.extra_stake_limit"),
        ({"market.claim_gas_cap": "0.0000000001"}, "market.claim_gas_cap"),
        ({"provider.listen": "localhost:3333"}, "provider.listen"),
        ({"provider.address": "0x12"}, "provider.address"),
        ({"provider.connections": 0}, "provider.connections"),
        ({"provider.requests_a_minute": 0}, "provider.requests_a_minute"),
        ({"provider.upload_mb": 5000}, "provider.upload_mb"),
    ],
)
def test_wrong_values_are_named(values: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        with_values(Config(), values).validate()


@pytest.mark.parametrize(
    "values",
    [
        {"api.port": "8082"},
        {"api.enabled": 1},
        {"inference.folders": "x"},
        {"inference.folders": [1]},
        {"network": 5},
    ],
)
def test_wrong_types_are_named(values: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values)).replace(".", r"\.")):
        with_values(Config(), values)


def test_the_key_of_a_node_is_not_told() -> None:
    for values in ({"chain.base": "http://node.example/costly"}, {"chain.base": ["costly"]}):
        with pytest.raises(ConfigError) as caught:
            with_values(Config(), values).validate()
        assert "costly" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["nothing", "api.nothing", "api", "a.b.c", "api.port.x", "network.x"]
)
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="no setting named"):
        with_values(Config(), {name: 1})


def test_amounts_of_the_market_are_read_as_people_write_them() -> None:
    values = {"market.extra_stake_limit": "12.5", "market.claim_gas_cap": "0.5"}
    market = with_values(Config(), values).market
    assert (market.extra_stake, market.claim_gas_price) == (12_500_000_000_000_000_000, 500_000_000)
    assert Config().market.extra_stake == 0, "nothing is staked without asking at first"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0.0.0.0:3333", ("0.0.0.0", 3333)),
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("[::]:3333", ("::", 3333)),
        ("[::1]:65535", ("::1", 65535)),
    ],
)
def test_where_the_provider_listens(text: str, address: tuple[str, int]) -> None:
    assert listen_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", ":3333", "3333", "0.0.0.0", "0.0.0.0:", "0.0.0.0:65536", "0.0.0.0:-1", "::1:3333",
     "[127.0.0.1]:1", "provider.example:3333", "0.0.0.0:٣٣"],
)  # fmt: skip
def test_what_is_no_place_to_listen(text: str) -> None:
    with pytest.raises(ConfigError, match=r"provider\.listen"):
        listen_address(text)


def test_lan_needs_the_explicit_word() -> None:
    with_values(Config(), {"api.allow_lan": True, "api.host": "0.0.0.0"}).validate()
    assert ApiConfig().host == "127.0.0.1"


@pytest.mark.parametrize(
    "text",
    [
        "api = ",
        "\x00",
        "[api]\nport = 'x'",
        "[api]\nport = 99999",
        "[api.port]\nx = 1",
        "api = 5",
        "network = []",
    ],
)
def test_a_wrong_file_is_kept_aside_and_said(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    settings = Settings(path)
    assert settings.current == Config()
    assert settings.problem is not None
    kept = [entry for entry in tmp_path.iterdir() if entry.name in settings.problem.safe]
    assert [entry.read_text() for entry in kept] == [text]


def test_second_wrong_file_does_not_replace_the_first(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    for text in ("first =", "second ="):
        path.write_text(text)
        assert Settings(path).problem is not None
    assert {entry.read_text() for entry in tmp_path.iterdir()} == {"first =", "second ="}


NEWER = """
colour = "green"
[api]
port = 9000
prot = 1
[api.limits]
minute = 60
[future]
list = [{a = 1}, {a = 2}]
empty = {}
"""


def test_unknown_names_are_kept_and_said(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(NEWER)
    settings = Settings(path)
    assert settings.current.api.port == 9000
    assert settings.problem is not None
    for name in ("colour", "api.prot", "api.limits.minute", "future.list"):
        assert name in settings.problem.message
    assert settings.problem.safe == "They stay in settings.toml, and all others are in force."
    settings.change({"api.port": 9001, "log.level": "debug"})
    written = tomllib.loads(path.read_text())
    wanted = tomllib.loads(NEWER)
    assert {key: written["api"][key] for key in wanted["api"]} == {**wanted["api"], "port": 9001}
    assert (written["colour"], written["future"]) == (wanted["colour"], wanted["future"])
    assert Settings(path).current == settings.current


def test_not_utf8_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe")
    assert Settings(tmp_path / "settings.toml").problem is not None


def test_change_saves_and_tells(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml")
    heard: list[Config] = []
    settings.changed.subscribe(heard.append)
    settings.change({"inference.threads": 3})
    assert heard == [settings.current]
    assert Settings(tmp_path / "settings.toml").current.inference.threads == 3


def test_a_refused_change_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml")
    before = settings.current
    with pytest.raises(ConfigError):
        settings.change({"api.port": 1_000_000})
    assert settings.current is before
    assert not settings.path.exists()


def test_command_line_wins_for_this_run_and_is_not_saved(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml", {"api.port": 9999})
    settings.change({"inference.threads": 2})
    assert settings.current.api.port == 9999
    assert Settings(settings.path).current.api.port == ApiConfig().port
    settings.change({"api.port": 7777})
    assert settings.current.api.port == 7777


def test_unwritable_file_leaves_the_settings_alone(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    settings = Settings(folder / "settings.toml")
    with pytest.raises(ConfigError, match="could not be saved"):
        settings.change({"inference.threads": 2})
    assert settings.current == Config()


@given(st.recursive(st.integers(), lambda inner: st.dictionaries(st.text("ab", min_size=1), inner)))
def test_flatten_keeps_every_leaf(tree: object) -> None:
    def leaves(value: object) -> int:
        return sum(map(leaves, value.values())) if isinstance(value, dict) else 1

    if isinstance(tree, dict):
        assert len(flatten(tree)) == leaves(tree)
