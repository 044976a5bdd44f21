"""What a transaction costs: fees from the last blocks, and what the first layer takes on top."""

import contextlib
import statistics
from dataclasses import dataclass, replace
from typing import Literal

from router.chain.client import Chain
from router.chain.codec import Entry, Interface
from router.chain.nodes import RpcError
from router.errors import ChainUnavailable
from router.networks import Network
from router.units import GWEI

Speed = Literal["slow", "normal", "fast"]
SPEEDS: tuple[Speed, ...] = ("slow", "normal", "fast")

BLOCKS = 20
PERCENTILES = (10, 50, 90)
LEAST_TIP = 1_000_000  # wei; rollups ask for no more
GAS_MARGIN = (125, 100)
BUMP = (1125, 1000)
UNUSUAL = 3  # times the median of the last blocks
# Wei for a unit of gas. Rollups took a tenth of it on their worst days, so whatever a node says
# of the last blocks, this is asked for.
DEAR = 200 * GWEI
GAS_ORACLE = "0x420000000000000000000000000000000000000F"
_L1_FEE: list[Entry] = [
    {
        "type": "function",
        "name": "getL1Fee",
        "inputs": [{"name": "data", "type": "bytes"}],
        "outputs": [{"name": "", "type": "uint256"}],
        "stateMutability": "view",
    }
]
_ORACLE = Interface(_L1_FEE)


@dataclass(frozen=True)
class Fee:
    """Wei for a unit of gas: the most in all, and the part for who mines."""

    most: int
    tip: int


@dataclass(frozen=True)
class Fees:
    """What to pay now. `median` is what the last blocks paid, in wei for a unit of gas."""

    slow: Fee
    normal: Fee
    fast: Fee
    base: int
    median: int

    def of(self, speed: Speed) -> Fee:
        """The fee of a speed."""
        return {"slow": self.slow, "normal": self.normal, "fast": self.fast}[speed]

    def is_unusual(self, fee: Fee) -> bool:
        """Whether a fee is so far above what was paid lately that it needs a second look."""
        return min(fee.most, self.base + fee.tip) > min(UNUSUAL * self.median, DEAR)


async def current_fees(chain: Chain) -> Fees:
    """Fees from the last 20 blocks.

    The most is twice the base fee and the tip: the base fee at most doubles in six blocks.

    Raises:
        ChainUnavailable: no node answered, or one with what makes no sense.
    """
    history = await chain.fee_history(BLOCKS, PERCENTILES)
    bases = history.bases or (0,)
    base = bases[-1]
    tips = [
        _tip([row[at] for row in history.tips if len(row) > at]) for at in range(len(PERCENTILES))
    ]
    paid = [b + r[1] for b, r in zip(bases, history.tips, strict=False) if len(r) > 1]
    slow, normal, fast = (Fee(2 * base + tip, tip) for tip in tips)
    median = int(statistics.median(paid)) if paid else base + normal.tip
    return Fees(slow, normal, fast, base, median)


async def compared_fees(chain: Chain, second: Chain | None) -> Fees:
    """As `current_fees`; what is usual is the lower of what two nodes say, where two answer."""
    fees = await current_fees(chain)
    if second is not None:
        with contextlib.suppress(ChainUnavailable, RpcError):
            return replace(fees, median=min(fees.median, (await current_fees(second)).median))
    return fees


async def first_layer_fee(chain: Chain, network: Network, raw: bytes) -> int:
    """The most the first layer is likely to take for a transaction of these bytes, in wei.

    Its price moves until the transaction is mined, so there is a margin; 0 where nothing is taken.

    Raises:
        ChainUnavailable: no node answered.
    """
    if network.first_layer != "op-oracle":
        return 0
    return with_margin(int(await chain.read(GAS_ORACLE, _ORACLE["getL1Fee"], raw)))


def with_margin(gas: int) -> int:
    """Gas to send for an estimate: claims and midnight can raise the need until it is mined."""
    return gas * GAS_MARGIN[0] // GAS_MARGIN[1]


def bumped(fee: Fee, market: Fee) -> Fee:
    """What replaces a transaction: both parts 12.5 % up, rounded up, and at least the market's."""
    return Fee(max(_up(fee.most), market.most), max(_up(fee.tip), market.tip))


def _up(value: int) -> int:
    return -(-value * BUMP[0] // BUMP[1])


def _tip(values: list[int]) -> int:
    return max(int(statistics.median(values)), LEAST_TIP) if values else LEAST_TIP
