"""The first screen follows the state of the bundled model."""

import shutil

import pytest

import resources
from morpheus_desktop.viewmodels.welcome import WelcomeViewModel


@pytest.fixture
def bundled(bench, tmp_path):
    folder = tmp_path / "bundled"
    folder.mkdir()
    return folder


def test_before_anything_was_looked_for_chat_is_offered(bench, qapp):
    vm = WelcomeViewModel(bench.library)
    assert vm.usable
    assert vm.ways[0].sentence == "Uses the bundled SmolLM2 135M model. Works offline."
    assert [way.name for way in vm.ways] == ["chat", "create", "import", "demo"]


def test_only_the_demo_network_says_that_its_money_is_none(bench, qapp):
    ways = {way.name: way for way in WelcomeViewModel(bench.library).ways}
    assert (ways["demo"].chip, ways["demo"].chip_tone) == ("Play money", "warn")
    assert ways["create"].chip == ways["import"].chip == ""


async def test_a_damaged_model_is_told(bench, bundled, qapp):
    (bundled / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF and then nothing")
    vm = WelcomeViewModel(bench.library)
    changes = []
    vm.changed.connect(lambda: changes.append(1))
    await bench.library.scan()
    assert changes == [1]
    assert not vm.usable
    assert vm.ways[0].title == "Add a model file"
    assert vm.ways[0].sentence == "The bundled model is damaged. Any GGUF file lets you chat."


async def test_no_model_at_all_is_told(bench, bundled, qapp):
    vm = WelcomeViewModel(bench.library)
    await bench.library.scan()
    assert not vm.usable
    assert vm.ways[0].sentence == "There is no model here. Any GGUF file lets you chat."


@pytest.mark.model
async def test_the_real_model_is_offered(bench, bundled, qapp):
    name = "SmolLM2-135M-Instruct.Q4_1.gguf"
    source = resources.__path__[0] + "/models/" + name
    shutil.copy(source, bundled / name)
    vm = WelcomeViewModel(bench.library)
    await bench.library.scan()
    assert vm.usable
    assert vm.ways[0].sentence == "Uses the bundled SmolLM2 135M model. Works offline."


async def test_after_close_nothing_is_heard(bench, qapp):
    vm = WelcomeViewModel(bench.library)
    vm.close()
    vm.changed.connect(lambda: pytest.fail("heard"))
    await bench.library.scan()
