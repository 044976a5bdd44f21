"""What each command of the host does, with the real model and without a process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from router.backends.base import Request, Sampling, Turn
from router.inference import messages
from router.inference.abort import AbortFlag
from router.inference.commands import Commands
from tests.support.model import model_path

pytestmark = pytest.mark.model

Said = list[Mapping[str, Any]]


@pytest.fixture
def said() -> Said:
    return []


@pytest.fixture
def commands(lowered: AbortFlag, said: Said) -> Commands:
    return Commands(lowered, said.append)


def load(path: Path) -> dict[str, object]:
    return {"op": "load", "path": str(path), "context_tokens": 512, "threads": 1, "gpu_layers": 0}


def complete(**wishes: object) -> dict[str, object]:
    request = Request("", (Turn("user", "Hi"),), sampling=Sampling(**wishes))
    return {"op": "complete", "request": messages.from_request(request)}


def test_all_commands(commands: Commands, said: Said) -> None:
    commands.run(load(model_path()))
    assert said[0] == {"event": "progress", "part": 0.0}
    assert said[-1] == {"event": "loaded", "context_tokens": 512, "has_template": True}
    said.clear()
    commands.run(complete(max_tokens=3))
    assert said[0]["event"] == "started"
    assert said[-1]["event"] == "finished"
    said.clear()
    commands.run({"op": "embed", "texts": ["a", "b"]})
    assert [event["event"] for event in said] == ["vector", "vector", "embedded"]
    said.clear()
    commands.run(
        {"op": "count", "turns": messages.from_request(Request("", (Turn("user", "Hi"),)))["turns"]}
    )
    assert said[0]["event"] == "counted"
    assert said[0]["tokens"] > 5


def test_nothing_is_loaded_yet(commands: Commands, said: Said) -> None:
    commands.run(complete())
    assert said[-1]["event"] == "error"


def test_errors_are_said(commands: Commands, said: Said, tmp_path: Path) -> None:
    commands.run(load(tmp_path / "missing.gguf"))
    assert (said[-1]["event"], said[-1]["kind"]) == ("error", "ModelError")


def test_a_stop_is_said(commands: Commands, said: Said, lowered: AbortFlag) -> None:
    commands.run(load(model_path()))
    lowered.set(raised=True)
    commands.run(complete())
    assert said[-1] == {"event": "stopped"}
    commands.run(load(model_path()))
    assert said[-1] == {"event": "stopped"}
