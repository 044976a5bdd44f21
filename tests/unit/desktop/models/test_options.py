"""How a model is loaded: what is shown, what is kept, what is left alone."""

import pytest
from PySide6.QtCore import Qt

from morpheus_desktop.models.options import Amount, Options
from tests.support.waiting import until


@pytest.fixture
async def options(desk, theme, qtbot):
    desk.write_own("talker")
    await desk.start()
    made = Options(desk.vm, theme)
    qtbot.addWidget(made)
    made.resize(430, 300)
    made.show_model(desk.row("talker").model)
    made.show()
    return made


async def kept(desk, name, value) -> None:
    wanted = lambda: getattr(desk.library.own_options("talker"), name) == value  # noqa: E731
    await until(wanted)


def test_the_settings_in_force_are_shown(desk, options):
    assert options._context.number.value() == 4096
    assert options._context.number.maximum() == 4096
    assert options._threads.number.value() == desk.vm.options("talker").threads
    assert options._idle.current == "600"
    assert options._context_hint.text().startswith("4,096 tokens add 0.1")


async def test_a_typed_context_is_kept_and_the_others_are_not(desk, options, qtbot):
    told = []
    options.context_changed.connect(told.append)
    options._context.number.setValue(1024)
    await kept(desk, "context_tokens", 1024)
    assert told == [1024]
    assert options._context.slider.value() == 1024
    assert desk.library.own_options("talker").threads == 0
    assert desk.library.own_options("talker").gpu_layers is None


async def test_showing_other_values_keeps_nothing(desk, options):
    await desk.library.scan()
    desk.settings.change({"inference.context_tokens": 2048})
    options.show_model(desk.row("talker").model)
    assert options._context.number.value() == 2048
    assert desk.library.own_options("talker").context_tokens == 0


def test_what_is_being_typed_stays_while_the_page_refreshes(desk, options, qtbot):
    field = options._context.number
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "10")
    options.show_model(desk.row("talker").model)
    assert field.text() == "10"


def test_without_a_gpu_build_its_layers_are_off(options):
    assert not options._layers.isEnabled()
    assert options._layers.value() == 0


async def test_with_a_gpu_build_its_layers_can_be_set(desk, theme, qtbot):
    desk.vm.gpu = "CUDA"
    desk.write_own("talker")
    await desk.start()
    made = Options(desk.vm, theme)
    qtbot.addWidget(made)
    made.show_model(desk.row("talker").model)
    assert made._layers.isEnabled()
    assert made._layers.text() == "all"
    made._layers.setValue(12)
    await kept(desk, "gpu_layers", 12)


def test_the_idle_time_is_a_setting_for_all_models(desk, options):
    options._idle.chosen.emit("0")
    assert desk.settings.current.inference.idle_unload_s == 0
    desk.settings.change({"inference.idle_unload_s": 90})
    options.show_model(desk.row("talker").model)
    assert options._idle.currentText() == "1:30"


def test_a_slider_settles_when_it_is_let_go(theme, qtbot):
    amount = Amount(theme, "Context length", 0, 100, 10)
    qtbot.addWidget(amount)
    amount.show_value(50, 100)
    moved, settled = [], []
    amount.moved.connect(moved.append)
    amount.settled.connect(settled.append)
    amount.slider.setSliderDown(True)
    amount.slider.setValue(60)
    amount.slider.setValue(70)
    assert (moved, settled) == ([60, 70], [])
    assert amount.number.value() == 70
    amount.slider.setSliderDown(False)
    assert settled == [70]
    qtbot.keyClick(amount.slider, Qt.Key.Key_Right)
    assert settled == [70, 80]
