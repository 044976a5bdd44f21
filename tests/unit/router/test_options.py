"""router.options: what people type on the command line becomes settings, or a clear refusal."""

import argparse
from pathlib import Path

import pytest

from router.config import Config, with_values
from router.options import address, overrides, parser
from router.paths import default_data_dir


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("127.0.0.1:8082", ("127.0.0.1", 8082)),
        (":0", ("127.0.0.1", 0)),
        ("[::1]:9000", ("::1", 9000)),
        ("localhost:1", ("localhost", 1)),
    ],
)
def test_addresses(text: str, wanted: tuple[str, int]) -> None:
    assert address(text) == wanted


@pytest.mark.parametrize("text", ["", "8082", "host:", "host:x", "host:70000", "host:-1", "h:１"])
def test_wrong_addresses(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        address(text)


def test_defaults_override_nothing() -> None:
    options = parser("x", "y").parse_args([])
    assert overrides(options) == {}
    assert options.data_dir == default_data_dir()


def test_everything_given() -> None:
    options = parser("x", "y").parse_args(
        ["--data-dir", "/tmp/d", "--api", "0.0.0.0:0", "--network", "demo"]
    )
    config = with_values(Config(), overrides(options))
    config.validate()
    assert options.data_dir == Path("/tmp/d")
    assert (config.api.host, config.api.port, config.api.allow_lan) == ("0.0.0.0", 0, True)
    assert config.network == "demo"


def test_unknown_network_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser("x", "y").parse_args(["--network", "mars"])
    assert "mars" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        parser("x", "y").parse_args(["--version"])
    assert done.value.code == 0
    assert capsys.readouterr().out.startswith("Morpheus Desktop ")
