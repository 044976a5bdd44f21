"""The provider protocol on one core: encrypting, decrypting, signing and verifying pieces of answers."""

from collections.abc import Callable
from time import perf_counter

import router.ethereum  # noqa: F401 - puts the recursion limit back
from benchmarks.report import Figure, show
from router.morrpc.messages import Frame
from router.morrpc.sealing import seal, unseal
from router.morrpc.signing import key_of, sign, verify
from router.wallet.account import Account

RUNS = 5
TIMES, QUICK_TIMES = 2000, 20
SIZES = (32, 1024)  # bytes of a piece before it is encrypted


def measure(*, quick: bool) -> int:
    """Print the figures; 0 when all could be taken."""
    runs, times = (1, QUICK_TIMES) if quick else (RUNS, TIMES)
    consumer, provider = Account(b"\x11" * 32), Account(b"\x22" * 32)
    for size in SIZES:
        for name, deed in _deeds(bytes(size), consumer, provider).items():
            values = [_per_s(deed, times) for _ in range(runs)]
            show(Figure("wire", f"{name}_per_s_{size}", values, "1/s"))
    return 0


def _deeds(plain: bytes, consumer: Account, provider: Account) -> dict[str, Callable[[], object]]:
    """What is done for each piece: the message that is signed holds the encrypted piece as hex."""
    consumer_key, provider_key = key_of(consumer), key_of(provider)
    box = seal(plain, consumer_key)
    piece = Frame(message=box.hex(), timestamp_ms=1)
    signed = sign(piece, provider)
    return {
        "seal": lambda: seal(plain, consumer_key),
        "open": lambda: unseal(box, consumer),
        "sign": lambda: sign(piece, provider),
        "verify": lambda: verify(signed, provider_key),
    }


def _per_s(deed: Callable[[], object], times: int) -> float:
    deed()
    started = perf_counter()
    for _ in range(times):
        deed()
    return times / (perf_counter() - started)
