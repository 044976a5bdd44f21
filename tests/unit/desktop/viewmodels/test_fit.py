"""What a chat may load by itself."""

from pathlib import Path

import pytest

from morpheus_desktop.viewmodels import fit
from router.config import Settings
from router.inference.host import HostState
from router.inference.library import ModelLibrary
from router.inference.memory import Memory
from router.paths import Paths
from tests.support.chat_desk import ChatDesk, on_qt_loop
from tests.support.gguf_file import gguf

GIGA = 1_000_000_000


@pytest.fixture
async def library(tmp_path: Path) -> ModelLibrary:
    """Two models that need a little more than 60 MB each."""
    paths = Paths(tmp_path / "data")
    paths.prepare()
    for name in ("one", "two"):
        (tmp_path / f"{name}.gguf").write_bytes(gguf())
    made = ModelLibrary(paths, Settings(paths.settings), bundled=tmp_path)
    await made.scan()
    return made


@pytest.mark.parametrize(
    ("free", "loaded", "phase", "memory", "fits"),
    [
        (GIGA, "", "off", None, True),
        (1_000_000, "", "off", None, False),
        (1_000_000, "one", "ready", 50_000_000, True),
        (1_000_000, "one", "busy", 50_000_000, True),
        (1_000_000, "one", "failed", None, False),
        (1_000_000, "two", "ready", 5_000_000, False),
        (1_000_000, "two", "ready", GIGA, True),
    ],
)
async def test_what_is_loaded_stays_and_makes_room(
    library, monkeypatch, free, loaded, phase, memory, fits
) -> None:
    monkeypatch.setattr(fit, "memory", lambda: Memory(2 * GIGA, free))
    model = library.find(loaded) if loaded else None
    state = HostState(phase=phase, model=model, memory_bytes=memory)
    if fits:
        fit.check_fit(library, state, library.find("one"))
    else:
        with pytest.raises(fit.TooBig, match=r"is too big: it needs .* are free"):
            fit.check_fit(library, state, library.find("one"))


async def test_that_there_is_no_model_is_told_elsewhere(library, no_room) -> None:
    fit.check_fit(library, HostState(), None)


@on_qt_loop
async def test_no_way_loads_a_model_that_does_not_fit(desk: ChatDesk, no_room) -> None:
    desk.host.state = HostState(phase="ready", model=desk.vm.model)
    await desk.ask("First")
    desk.host.state = HostState()
    asked = len(desk.backend.requests)
    question, answer = desk.vm.messages
    desk.vm.load_model()
    desk.vm.send("Second")
    desk.vm.regenerate(answer.id)
    await desk.quiet()
    desk.vm.edit(question.id, "Other")
    await desk.quiet()
    assert [type(each) for each in desk.failures] == [fit.TooBig] * 4
    assert desk.texts == ["First", answer.content]
    assert (len(desk.backend.requests), desk.host.loaded) == (asked, [])
    desk.host.state = HostState(phase="ready", model=desk.vm.model)
    await desk.ask("Third")
    assert desk.failures[4:] == []
