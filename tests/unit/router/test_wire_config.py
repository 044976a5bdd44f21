"""router.wire_config: settings of the wire, within bounds."""

from pathlib import Path

import pytest

from router.config import Config, load, with_values
from router.errors import ConfigError
from router.wire_config import WireConfig


def test_the_usual_ones_are_right() -> None:
    WireConfig().validate()


@pytest.mark.parametrize("name", list(vars(WireConfig())))
def test_what_is_out_of_bounds_is_named(name: str) -> None:
    for value in (0, -1, 10**9):
        with pytest.raises(ConfigError, match=rf"wire\.{name} must be from"):
            with_values(Config(), {f"wire.{name}": value}).validate()


def test_an_answer_has_room_for_a_message() -> None:
    with pytest.raises(ConfigError, match="answer_mb must not be less"):
        WireConfig(frame_mb=32, answer_mb=16).validate()


def test_they_are_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[wire]\nfirst_frame_s = 60\n", "utf-8")
    config, unknown = load(path)
    assert (config.wire, unknown) == (WireConfig(first_frame_s=60), {})
