"""The networks the app knows: chain ids, where the contracts are, and which nodes to ask.

Addresses and nodes: the deployments of the Morpheus marketplace as of 2026 (see docs/networks.md).
The contracts of the demo network are deployed when it starts; its addresses are filled in then.
"""

from dataclasses import dataclass
from typing import Literal

MULTICALL = "0xcA11bde05977b3631167028862bE2a173976CA11"

DEMO = "demo"

# Where the fee of the first layer is asked for: the gas oracle that OP-stack chains have, or
# nowhere, because the chain counts it into its gas (Arbitrum) or has none (demo).
FirstLayer = Literal["op-oracle", "in-gas"]


@dataclass(frozen=True)
class Network:
    """One chain.

    Args:
        money: in words, whether its tokens are real.
        nodes: addresses of public nodes, in the order in which they are tried.
        explorer: address of a page about a transaction, with {hash} in it; empty where none is.
        history: base address of the history service (Blockscout version 2), or empty.
        block_s: usual seconds between blocks.
    """

    name: str
    title: str
    chain_id: int
    money: str
    diamond: str = ""
    token: str = ""
    multicall: str = MULTICALL
    nodes: tuple[str, ...] = ()
    explorer: str = ""
    history: str = ""
    first_layer: FirstLayer = "in-gas"
    block_s: float = 2.0

    @property
    def is_real(self) -> bool:
        """Whether its tokens are worth money."""
        return self.money.startswith("Real")


NETWORKS = {
    network.name: network
    for network in (
        Network(
            "base",
            "Base",
            8453,
            "Real MOR and ETH",
            diamond="0x6aBE1d282f72B474E54527D93b979A4f64d3030a",
            token="0x7431aDa8a591C955a994a21710752EF9b882b8e3",
            nodes=(
                "https://mainnet.base.org",
                "https://base-rpc.publicnode.com",
                "https://1rpc.io/base",
                "https://base.llamarpc.com",
                "https://base.lava.build",
                "https://base-mainnet.public.blastapi.io",
                "https://base.public.blockpi.network/v1/rpc/public",
            ),
            explorer="https://basescan.org/tx/{hash}",
            history="https://base.blockscout.com/api/v2",
            first_layer="op-oracle",
        ),
        Network(
            "arbitrum",
            "Arbitrum One",
            42161,
            "Real MOR and ETH",
            diamond="0xDE819AaEE474626E3f34Ef0263373357e5a6C71b",
            token="0x092bAaDB7DEf4C3981454dD9c0A0D7FF07bCFc86",
            nodes=("https://arb1.arbitrum.io/rpc", "https://arbitrum-one-rpc.publicnode.com"),
            explorer="https://arbiscan.io/tx/{hash}",
            history="https://arbitrum.blockscout.com/api/v2",
            block_s=0.25,
        ),
        Network(
            "base-sepolia",
            "Base Sepolia",
            84532,
            "Test tokens",
            diamond="0x6e4d0B775E3C3b02683A6F277Ac80240C4aFF930",
            token="0x5C80Ddd187054E1E4aBBfFCD750498e81d34FfA3",
            nodes=(
                "https://sepolia.base.org",
                "https://base-sepolia-rpc.publicnode.com",
                "https://base-sepolia.drpc.org",
                "https://base-sepolia.gateway.tenderly.co",
                "https://base-sepolia.therpc.io",
                "https://base-sepolia.blockpi.network/v1/rpc/public",
            ),
            explorer="https://sepolia.basescan.org/tx/{hash}",
            history="https://base-sepolia.blockscout.com/api/v2",
            first_layer="op-oracle",
        ),
        Network(
            "arbitrum-sepolia",
            "Arbitrum Sepolia",
            421614,
            "Test tokens",
            diamond="0xb8C55cD613af947E73E262F0d3C54b7211Af16CF",
            token="0x34a285a1b1c166420df5b6630132542923b5b27e",
            nodes=(
                "https://sepolia-rollup.arbitrum.io/rpc",
                "https://arbitrum-sepolia-rpc.publicnode.com",
            ),
            explorer="https://sepolia.arbiscan.io/tx/{hash}",
            history="https://arbitrum-sepolia.blockscout.com/api/v2",
            block_s=0.25,
        ),
        Network(DEMO, "Demo", 1337, "Play money, offline"),
    )
}
