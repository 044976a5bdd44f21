"""The status bar: what it says, what it leaves out, and where it leads."""

import pytest

from morpheus_desktop.viewmodels.status import Fact
from morpheus_desktop.widgets.status_bar import CommandsButton, FactButton, StatusBar
from router.errors import MorpheusError, StorageError
from router.inference.host import HostState
from tests.support.library import local_model


@pytest.fixture
def bar(bench, theme, qtbot):
    made = StatusBar(bench.status(), theme, "Ctrl+K")
    qtbot.addWidget(made)
    made.resize(1100, made.height())
    made.show()
    return made


def texts(bar) -> list[str]:
    return [each.fact.text for each in bar.findChildren(FactButton) if each.isVisible()]


async def ready(bench):
    for part in bench.parts:
        await part.start()


async def test_it_follows_the_parts(bench, theme, qtbot, bar):
    assert "Looking for local models" in texts(bar)
    await ready(bench)
    assert texts(bar)[:3] == ["No network used", "No model in memory", "API 127.0.0.1:8082"]


async def test_a_model_leads_to_its_page(bench, qtbot, bar):
    await ready(bench)
    bench.host.show(HostState("ready", local_model(), memory_bytes=400_000_000))
    fact = next(f for f in bar.findChildren(FactButton) if f.fact.text.startswith("Talker"))
    with qtbot.waitSignal(bar.page_chosen) as told:
        fact.click()
    assert told.args == ["models"]


async def test_a_part_that_failed_is_tried_again_by_a_click(bench, bar, caplog):
    bench.store.error = StorageError("The disk is full.", hint="Free some space.")
    await bench.store.part.start()
    fact = next(f for f in bar.findChildren(FactButton) if "stopped" in f.fact.text)
    assert fact.accessibleName() == "Chat store stopped. Try again"
    assert "The disk is full." in fact.toolTip()
    assert fact.sizeHint().width() <= fact.width()
    bench.store.error = None
    fact.click()
    await bar._vm.close()


async def test_an_offer_runs_its_command(bar, qtbot):
    fact = bar.findChildren(FactButton)[3]
    plain = fact.sizeHint().width()
    fact.set_fact(Fact(fact.fact.text, command="wallet.unlock", offer="Unlock"))
    assert fact.accessibleName().endswith(". Unlock")
    assert fact.sizeHint().width() > plain
    with qtbot.waitSignal(bar.command_chosen) as told:
        fact.click()
    assert told.args == ["wallet.unlock"]


async def test_a_narrow_bar_leaves_out_what_matters_least(bench, qtbot, bar, caplog):
    bench.store.error = MorpheusError("The disk is full.")
    await bench.models.part.start()
    await bench.api.part.start()
    await bench.store.part.start()
    assert "Everything stays on this computer" in texts(bar)
    bar.resize(420, bar.height())
    bar._make_room()
    assert "Everything stays on this computer" not in texts(bar)
    assert "Chat store stopped" in texts(bar)


def test_the_hint_opens_the_palette(bar, qtbot):
    hint = bar.findChild(CommandsButton)
    with qtbot.waitSignal(bar.palette_requested):
        hint.click()
    narrow = hint.sizeHint().width()
    bar.set_palette_keys("Ctrl+Shift+P")
    assert hint.accessibleName() == "Commands, Ctrl+Shift+P"
    assert hint.sizeHint().width() > narrow


def test_what_does_nothing_takes_no_focus(bar):
    network = bar.findChildren(FactButton)[0]
    assert network.fact.text == "No network used"
    assert not network.focusPolicy()
