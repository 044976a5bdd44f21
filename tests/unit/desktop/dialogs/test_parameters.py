"""The parameters of a chat: what was set is shown, what is changed is kept, the rest stays."""

import pytest
from PySide6.QtWidgets import QWidget

from morpheus_desktop.dialogs.parameters import ParametersDialog
from morpheus_desktop.widgets.slider import Slider
from router.backends.base import Sampling


@pytest.fixture
def make(qtbot, theme):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    window.show()

    def open_dialog(prompt: str = "", sampling: Sampling | None = None) -> ParametersDialog:
        dialog = ParametersDialog(theme, window, prompt, sampling or Sampling())
        dialog.open()
        return dialog

    return open_dialog


def test_what_was_set_comes_back_unchanged(make):
    sampling = Sampling(temperature=0.2, top_p=0.5, top_k=7, max_tokens=64, seed=5, stop=("END",))
    dialog = make("Be brief.", sampling)
    assert dialog.system_prompt == "Be brief."
    assert dialog.sampling == sampling


def test_changes(make):
    dialog = make("Be brief.", Sampling(top_k=7, seed=5))
    temperature, top_p = dialog.findChildren(Slider)
    temperature.setValue(120)
    top_p.setValue(40)
    dialog._longest.setValue(256)
    dialog._seed.setText("12")
    dialog._prompt.setPlainText("  Be kind.\n")
    assert dialog.system_prompt == "Be kind."
    assert dialog.sampling == Sampling(temperature=1.2, top_p=0.4, top_k=7, max_tokens=256, seed=12)
    dialog._temperature.setValue(0.35)
    assert temperature.value() == 35
    dialog._reset()
    assert dialog.system_prompt == ""
    assert dialog.sampling == Sampling(top_k=7)


def test_what_was_never_chosen_stays_with_the_model(make):
    dialog = make("", Sampling())
    assert dialog.sampling == Sampling()
    assert [dialog._temperature.text(), dialog._top_p.text()] == ["auto", "auto"]
    dialog._temperature.setValue(0)
    assert dialog.sampling == Sampling(temperature=0)


@pytest.mark.parametrize("seed", ["-1", "1.5", "abc", "4294967296", "9" * 5_000, "٣"])
def test_a_seed_that_is_none_is_refused(make, seed):
    dialog = make()
    dialog._seed.setText(seed)
    assert not dialog._go.isEnabled()
    assert dialog._problem.text() == "The seed is a whole number below 4,294,967,296."
    dialog._seed.setText("4294967295")
    assert dialog._go.isEnabled()
    assert not dialog._problem.isVisible()
    assert dialog.sampling.seed == 4_294_967_295


def test_every_field_has_a_name(make):
    dialog = make()
    fields = (dialog._prompt, dialog._temperature, dialog._top_p, dialog._longest, dialog._seed)
    names = [field.accessibleName() for field in fields]
    assert names == ["System prompt", "Temperature", "Top P", "Longest answer", "Seed"]
    assert dialog.first_focus() is dialog._prompt


def test_a_huge_system_prompt_is_refused_with_a_reason(make, qapp):
    dialog = make("Be brief.")
    qapp.clipboard().setText("x" * 50_000_000)
    dialog._prompt.paste()
    assert dialog.system_prompt == "Be brief."
    assert dialog._problem.isVisible()
    assert "at most 200,000" in dialog._problem.text()
    dialog._prompt.setPlainText("Be kind.")
    assert not dialog._problem.isVisible()
