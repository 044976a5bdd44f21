"""The button that names the model says how the model is."""

from dataclasses import replace

import pytest

from morpheus_desktop.chat.model_button import ModelButton
from router.inference.host import HostState
from tests.support.library import local_model

MODEL = local_model()
OTHER = local_model("other")


@pytest.mark.parametrize(
    ("state", "words", "progress"),
    [
        (HostState(), "Local · Talker", 0),
        (HostState("loading", MODEL), "Local · Talker · loading", 0.04),
        (HostState("loading", MODEL, progress=0.5), "Local · Talker · loading 50%", 0.5),
        (HostState("loading", OTHER, progress=0.5), "Local · Talker", 0),
        (HostState("ready", MODEL), "Local · Talker", 0),
        (HostState("failed", MODEL), "Local · Talker · stopped", 0),
        (HostState("missing"), "Local · Talker · not ready", 0),
    ],
)
def test_words_and_bar(qtbot, theme, state, words, progress):
    button = ModelButton(theme)
    qtbot.addWidget(button)
    button.show_model(MODEL, state)
    assert button._words.text() == words
    assert button.accessibleName() == f"Model: {words}"
    assert button._progress == progress
    assert not button._free.isHidden()


def test_no_model_is_not_called_free(qtbot, theme):
    button = ModelButton(theme)
    qtbot.addWidget(button)
    button.show_model(None, HostState())
    assert button._words.text() == "No model"
    assert button._free.isHidden()


def test_names_from_files_are_short_and_inert(qtbot, theme):
    button = ModelButton(theme)
    qtbot.addWidget(button)
    button.show_model(replace(MODEL, name="a\u202e\n" + "long " * 40), HostState())
    assert len(button._words.text()) < 50
    assert "\u202e" not in button._words.text()


@pytest.mark.parametrize(
    ("phase", "words"),
    [("open", "Llama"), ("ended", "Llama · session over"), ("locked", "Llama · locked")],
)
def test_a_model_of_the_network_is_not_called_free(qtbot, theme, phase, words):
    button = ModelButton(theme)
    qtbot.addWidget(button)
    button.show_model(MODEL, HostState("loading", MODEL, progress=0.5))
    button.show_remote("Llama", phase)
    assert button.accessibleName() == f"Model: {words}"
    assert button._free.isHidden()
    assert button._progress == 0
    assert button._icon._icon == "globe"
    button.show_model(MODEL, HostState())
    assert button._icon._icon == "cpu"
    assert not button._free.isHidden()
