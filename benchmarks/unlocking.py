"""A wallet in a process with the app's loop: how long unlocking takes, and how evenly it turns.

`python -m benchmarks.unlocking RUNS` says one JSON object: milliseconds of each run.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import qasync
from PySide6.QtWidgets import QApplication

import router.ethereum  # noqa: F401 - before the wallet, as the app does
from benchmarks.child import say
from benchmarks.gaps import GapMeter
from router.wallet import mnemonic
from router.wallet.wallet import Wallet

PASSWORD = "a password that is long enough"
SIGNATURES = 50
FIELDS = {
    "chainId": 8453, "nonce": 7, "to": "0x" + "12" * 20, "value": 0, "data": b"\x01" * 452,
    "gas": 500_000, "maxFeePerGas": 10**9, "maxPriorityFeePerGas": 10**6, "type": 2,
}  # fmt: skip


async def _measure(folder: Path, runs: int) -> dict[str, list[float]]:
    wallet = Wallet(folder)
    await wallet.create(mnemonic.make(), PASSWORD)
    unlock, sign, gaps = [], [], []
    for _ in range(runs):
        wallet.lock()
        meter = GapMeter()
        meter.start()
        started = perf_counter()
        await wallet.unlock(PASSWORD)
        unlock.append((perf_counter() - started) * 1000)
        await asyncio.sleep(0.05)  # what unlocking left for later turns of the loop
        meter.stop()
        gaps.append(max(meter.gaps_ms))
        account = wallet.signer()
        started = perf_counter()
        for _ in range(SIGNATURES):
            account.sign_transaction(FIELDS)
        sign.append((perf_counter() - started) * 1000 / SIGNATURES)
    return {"unlock": unlock, "sign": sign, "gaps": gaps}


def main(argv: list[str]) -> int:
    """Measure and tell."""
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(app)) as runner:
            say(runner.run(_measure(Path(folder), int(argv[0]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
