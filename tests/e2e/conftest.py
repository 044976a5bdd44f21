"""The real app in tests: on a virtual screen, with the real model, in a folder of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.running_app import RunningApp

StartApp = Callable[..., RunningApp]


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[StartApp]:
    """Starts the app, again and again on the same data folder; ends what was left running."""
    started: list[RunningApp] = []

    def start(**how: tuple[str, ...]) -> RunningApp:
        app = RunningApp(tmp_path / "data", **how)
        started.append(app)
        return app

    yield start
    for app in started:
        app.kill()
