"""What tests of the window need: its parts over a real library, and a host that says what it is
told to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from morpheus_desktop.commands import Commands
from morpheus_desktop.main_window import MainWindow, WindowParts
from morpheus_desktop.prefs import Prefs
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.palette import PaletteViewModel
from morpheus_desktop.viewmodels.settings import SettingsViewModel
from morpheus_desktop.viewmodels.status import StatusViewModel
from morpheus_desktop.viewmodels.welcome import WelcomeViewModel
from router.api.keys import ApiKeys
from router.api.server import ApiState
from router.config import Settings
from router.errors import MorpheusError
from router.events import Emitter
from router.inference.host import HostState
from router.inference.library import ModelLibrary
from router.parts import Part
from router.paths import Paths
from router.store.chats import ChatStore
from router.store.db import Database
from tests.support.session_pages import Clock, SessionPages, StatedSessions


class StatedHost:
    """Has the state it is given; remembers what it was asked to load."""

    def __init__(self) -> None:
        self.state = HostState()
        self.changed: Emitter[HostState] = Emitter()
        self.loaded: list[str] = []

    def show(self, state: HostState) -> None:
        self.state = state
        self.changed.emit(state)

    async def load(self, model_id: str) -> None:
        self.loaded.append(model_id)


class Switchable:
    """A part that starts or fails as it is told."""

    def __init__(self, name: str, title: str, detail: str) -> None:
        self.error: MorpheusError | None = None
        self.part = Part(name, title, self._start)
        self._detail = detail

    async def _start(self) -> str:
        if self.error is not None:
            raise self.error
        return self._detail


@dataclass
class Bench:
    """Everything below the window."""

    settings: Settings
    library: ModelLibrary
    host: StatedHost = field(default_factory=StatedHost)
    store: Switchable = field(default_factory=lambda: Switchable("store", "Chat store", "2 chats"))
    models: Switchable = field(default_factory=lambda: Switchable("models", "Local model", ""))
    api: Switchable = field(
        default_factory=lambda: Switchable("api", "API server", "127.0.0.1:8082")
    )

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.store.part, self.models.part, self.api.part)

    def status(self) -> StatusViewModel:
        return StatusViewModel(self.host, self.settings, self.parts)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    paths = Paths(tmp_path / "data")
    paths.prepare()
    settings = Settings(paths.settings)
    return Bench(settings, ModelLibrary(paths, settings, bundled=tmp_path / "bundled"))


@pytest.fixture
def prefs(tmp_path: Path) -> Prefs:
    return Prefs(tmp_path / "window.ini")


@pytest.fixture
def pages() -> SessionPages:
    """A network whose market and sessions are as they are stated."""
    return SessionPages()


@pytest.fixture
def sessions(pages: SessionPages) -> StatedSessions:
    return pages.sessions


@pytest.fixture
def clock() -> Clock:
    return Clock()


MakeWindow = Callable[..., MainWindow]
# Pages that bring money along; a test that looks at one brings its own.
PLAIN = dict.fromkeys(("market", "staking", "wallet"), QWidget)


@pytest.fixture
def make_window(bench: Bench, prefs: Prefs, theme: Theme, qtbot, qapp) -> Iterator[MakeWindow]:
    """Makes shown windows; `pages` are the factories of the pages that are ready."""
    made: list[MainWindow] = []

    def make(pages: dict[str, Callable[[], QWidget]] | None = None, **size: int) -> MainWindow:
        commands = Commands(prefs)
        window = MainWindow(
            WindowParts(
                theme,
                prefs,
                commands,
                bench.status(),
                PaletteViewModel(commands, prefs),
                WelcomeViewModel(bench.library),
                {**PLAIN, **(pages or {})},
            )
        )
        window.restore()
        window.resize(size.get("width", 1280), size.get("height", 820))
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        made.append(window)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()
    # Now, and not some time after the theme is gone.
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@dataclass
class SettingsBench:
    """What lies below the settings page; `refused` keeps what was not taken."""

    paths: Paths
    settings: Settings
    chats: ChatStore
    keys: ApiKeys
    api: Switchable
    api_state: ApiState = ApiState()  # noqa: RUF009 - frozen
    refused: list[tuple[str, str]] = field(default_factory=list)

    def show_api(self, **values: object) -> None:
        """Let the interface be in another state."""
        self.api_state = replace(self.api_state, **values)
        self.api.part.changed.emit(self.api.part.state)


@pytest.fixture
def below(tmp_path: Path) -> SettingsBench:
    paths = Paths(tmp_path / "data")
    paths.prepare()
    return SettingsBench(
        paths,
        Settings(paths.settings),
        ChatStore(Database(paths.database, backups=paths.backups)),
        ApiKeys(paths.api_keys),
        Switchable("api", "API server", "127.0.0.1:8082"),
    )


@pytest.fixture
def settings_vm(below: SettingsBench, qloop) -> Iterator[SettingsViewModel]:
    """The view-model of the settings over real settings, chats and keys."""
    made = SettingsViewModel(
        below.settings,
        below.paths,
        below.chats,
        below.keys,
        below.api.part,
        lambda: below.api_state,
    )
    made.refused.connect(lambda name, error: below.refused.append((name, error.message)))
    qloop.run_until_complete(below.chats.database.open())
    yield made
    qloop.run_until_complete(made.close())
    qloop.run_until_complete(below.chats.database.close())
