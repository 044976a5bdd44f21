"""The networks the app knows: what they are called and what their tokens are worth."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """One chain; `money` says in words whether its tokens are real."""

    name: str
    title: str
    chain_id: int
    money: str


NETWORKS = {
    network.name: network
    for network in (
        Network("base", "Base", 8453, "Real MOR and ETH"),
        Network("arbitrum", "Arbitrum One", 42161, "Real MOR and ETH"),
        Network("base-sepolia", "Base Sepolia", 84532, "Test tokens"),
        Network("arbitrum-sepolia", "Arbitrum Sepolia", 421614, "Test tokens"),
        Network("demo", "Demo", 1337, "Play money, offline"),
    )
}
