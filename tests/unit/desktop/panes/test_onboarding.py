"""The whole way with the mouse and the keyboard, and how it looks."""

import pytest
from PySide6.QtCore import QEvent, Qt

from morpheus_desktop.panes.onboarding import OnboardingPane
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from tests.support.looks import clipped, unnamed
from tests.support.money_desk import PASSWORD, PHRASE, MoneyBench
from tests.support.waiting import within


@pytest.fixture
def bench(tmp_path, qloop):
    made = MoneyBench(tmp_path).open()
    yield made
    qloop.run_until_complete(made.money.close())


@pytest.fixture
def vm(bench, qloop):
    made = OnboardingViewModel(bench.money, bench.settings)
    yield made
    qloop.run_until_complete(made.close())


@pytest.fixture
def pane(vm, theme, qtbot):
    made = OnboardingPane(vm, theme)
    made.resize(1280, 820)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def test_create_with_the_mouse(pane, vm, bench, qtbot, qloop):
    def click_next():
        within(qloop, lambda: qtbot.mouseClick(pane._next, Qt.MouseButton.LeftButton))

    vm.begin("create")
    step = pane.step("password")
    step._password.line.setText(PASSWORD)
    step._repeated.line.setText(PASSWORD)
    click_next()
    qtbot.mouseClick(pane.step("words")._reveal, Qt.MouseButton.LeftButton)
    click_next()
    for place, editor in pane.step("check")._editors.items():
        editor.setText(vm.draft.words[place])
    within(
        qloop,
        lambda: qtbot.mouseClick(pane._next, Qt.MouseButton.LeftButton),
        lambda: vm.step == "network",
    )
    assert bench.wallet.state.kind == "unlocked"
    assert (step._password.text, step._repeated.text) == ("", "")
    assert pane.step("check")._editors == {}
    assert not pane._back.isEnabled()
    click_next()
    with qtbot.waitSignal(vm.finished):
        click_next()


def test_back_on_the_first_step_leaves(pane, vm, qtbot):
    vm.begin("create")
    with qtbot.waitSignal(pane.left):
        pane._back.click()


def test_it_says_what_leaving_means(pane, vm):
    vm.begin("create")
    assert "Leaving forgets what you typed" in pane._rail._foot.text()
    vm.made = True
    vm.changed.emit()
    assert "You can leave at any time" in pane._rail._foot.text()


def test_a_narrow_window_names_the_step_above(pane, vm):
    vm.begin("create")
    assert not pane._where.isVisible()
    pane.resize(880, 640)
    assert pane._where.isVisible()
    assert not pane._rail.isVisible()
    assert pane._where.text() == "Step 1 of 5: Choose a password"


WAYS = [("create", name) for name in ("password", "words", "check", "network", "funds")]
WAYS += [("import", name) for name in ("source", "accounts")]


@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize(
    ("size", "scale"), [((1280, 820), 1.0), ((960, 640), 1.0), ((1280, 820), 1.5)]
)
@pytest.mark.parametrize(("way", "name"), WAYS)
def test_nothing_is_cut_or_unnamed(
    pane, vm, theme, qapp, qloop, shot, way, name, size, scale, mode
):
    theme.set_mode(mode)
    theme.set_scale(scale)
    pane.resize(*size)
    vm.begin(way)
    vm.set(phrase=PHRASE)
    within(qloop, lambda: vm._go(name), lambda: name != "accounts" or vm.accounts)
    qapp.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    shot(pane, f"onboarding-{name}-{mode}-{size[0]}-{round(scale * 100)}")
    assert clipped(pane) == []
    assert unnamed(pane) == []
