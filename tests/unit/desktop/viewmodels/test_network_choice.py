"""Choosing the network, for whichever view-model it is."""

import pytest

from morpheus_desktop.viewmodels.account import AccountViewModel
from morpheus_desktop.viewmodels.network import NetworkViewModel
from morpheus_desktop.viewmodels.onboarding import OnboardingViewModel
from router.errors import ConfigError
from router.networks import NETWORKS


@pytest.fixture(params=[AccountViewModel, NetworkViewModel, OnboardingViewModel])
async def vm(request, money_bench):
    made = request.param(money_bench.money, money_bench.settings)
    yield made
    await made.close()


async def test_another_network_is_used_from_now_on(vm, money_bench):
    assert vm.networks == tuple(NETWORKS.values())
    vm.choose("base-sepolia")
    assert money_bench.settings.current.network == vm.network.name == "base-sepolia"


async def test_the_same_one_again_writes_nothing(vm, money_bench, monkeypatch):
    monkeypatch.setattr(money_bench.settings, "change", lambda _values: pytest.fail("written"))
    vm.choose(vm.network.name)


async def test_what_cannot_be_kept_is_told(vm, money_bench, monkeypatch):
    def full(_values):
        raise ConfigError("The settings could not be written.")

    told = []
    getattr(vm, "refused", vm.failed).connect(told.append)
    monkeypatch.setattr(money_bench.settings, "change", full)
    vm.choose("base-sepolia")
    assert [error.message for error in told or [vm.error]] == ["The settings could not be written."]
