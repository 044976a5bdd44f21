"""router.networks: the five networks and their chain ids."""

from router.networks import NETWORKS


def test_chain_ids() -> None:
    assert {name: network.chain_id for name, network in NETWORKS.items()} == {
        "base": 8453,
        "arbitrum": 42161,
        "base-sepolia": 84532,
        "arbitrum-sepolia": 421614,
        "demo": 1337,
    }


def test_only_main_networks_hold_real_money() -> None:
    real = {name for name, network in NETWORKS.items() if network.money.startswith("Real")}
    assert real == {"base", "arbitrum"}
