"""Every page of the real app: nothing is cut, and everything can be reached and named."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from morpheus_desktop.desk import Desk
from morpheus_desktop.panes.money_pane import MoneyPane
from morpheus_desktop.panes.settings import SettingsPane
from morpheus_desktop.prefs import Prefs
from morpheus_desktop.problems import Problems
from morpheus_desktop.viewmodels.market import MarketViewModel
from morpheus_desktop.widgets.sidebar import PAGES, TOOLS
from router.config import Settings
from router.log import LogBook
from router.node import Node
from router.paths import Paths
from tests.support.looks import clipped, unnamed
from tests.support.waiting import until

NAMES = ("welcome", *(entry.page for entry in (*PAGES, *TOOLS)))
SIZES = [(1280, 820), (960, 640)]
SCALES = [0.8, 1.0, 1.5]
Walk = Callable[[Desk], Awaitable[dict[str, list[str]]]]


@pytest.fixture
def walk(tmp_path, theme, qloop, qapp) -> Callable[[Walk], dict[str, list[str]]]:
    """Starts the whole app over an empty data folder, and gives what a walk through it found."""

    async def live(steps: Walk) -> dict[str, list[str]]:
        paths = Paths(tmp_path / "data")
        paths.prepare()
        log = LogBook(paths.logs)
        node = Node(paths, Settings(paths.settings, {"api.port": 0}), log)
        desk = Desk(node, theme, Prefs(paths.window), Problems())
        desk.window.show()
        try:
            await desk.start()
            return await steps(desk)
        finally:
            desk.window.hide()
            await desk.close()
            await node.stop()
            log.close()
            desk.window.deleteLater()
            qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    return lambda steps: qloop.run_until_complete(live(steps))


def every_view(desk: Desk) -> Iterator[tuple[str, QWidget]]:
    """Open each page, and each section of the settings."""
    for name in NAMES:
        if name == "welcome":
            desk.window.show_welcome()
            yield name, desk.window
            continue
        pane = desk.window.open_page(name)
        if not isinstance(pane, SettingsPane):
            yield name, desk.window
            continue
        for title in pane.titles:
            pane.show_section(title)
            yield f"settings: {title}", desk.window


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
@pytest.mark.parametrize("mode", ["dark", "light"])
def test_no_text_is_cut(walk, mode, size):
    async def look(desk: Desk) -> dict[str, list[str]]:
        found = {}
        desk.window.looks.set_mode(mode)
        desk.window.resize(*size)
        for scale in SCALES:
            desk.window.looks.set_text_size(scale)
            for name, view in every_view(desk):
                if cut := await cut_when_settled(view):
                    found[f"{name} at {scale:.0%}"] = cut
        return found

    found = walk(look)
    assert not found, "\n".join(f"{name}: {texts}" for name, texts in found.items())


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=["wide", "narrow"])
def test_diagnostics_can_be_read_in_the_largest_text(walk, size):
    async def look(desk: Desk) -> dict[str, list[str]]:
        desk.window.resize(*size)
        desk.window.looks.set_text_size(2.0)
        desk.window.open_page("diagnostics")
        cut = await cut_when_settled(desk.window)
        return {"diagnostics": cut} if cut else {}

    assert walk(look) == {}


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["dark", "light"])
def test_no_text_is_cut_on_the_demo_network(walk, mode):
    """Market, staking and wallet with a network behind them."""

    async def look(desk: Desk) -> dict[str, list[str]]:
        found = {}
        desk.window.looks.set_mode(mode)
        desk.account.choose("demo")
        money = desk.node.money
        await until(lambda: money.wallet is not None and money.wallet.state.address)
        for size in SIZES:
            desk.window.resize(*size)
            for scale in SCALES:
                desk.window.looks.set_text_size(scale)
                for name in ("market", "staking", "wallet"):
                    await until(lambda name=name: known(desk.window.open_page(name)))
                    left = await cut_when_settled(desk.window) + unnamed(desk.window)
                    if left:
                        found[f"{name} at {scale:.0%} in {size[0]}"] = left
        return found

    found = walk(look)
    assert not found, "\n".join(f"{name}: {texts}" for name, texts in found.items())


def known(pane: QWidget) -> bool:
    """Whether a page of money shows what it has read: it is wider then."""
    vm = pane.body._vm if isinstance(pane, MoneyPane) and pane.body is not None else None
    if isinstance(vm, MarketViewModel):
        return vm.market is not None
    return vm is not None and vm.account is not None and getattr(vm, "looked", True)


def test_every_control_has_a_name(walk):
    async def look(desk: Desk) -> dict[str, list[str]]:
        return {name: left for name, view in every_view(desk) if (left := unnamed(view))}

    assert walk(look) == {}


async def cut_when_settled(view: QWidget) -> list[str]:
    """A row that turns asks for another height, and then its card does."""
    cut: list[str] = []
    for _ in range(6):
        await asyncio.sleep(0)
        view.grab()
        cut = clipped(view)
        if not cut:
            break
    return cut
